// Times as written: sums of literals and events.
import Base
import Diagnostics
import SceneSyntax

/// `voice.end - 0.5s`: terms that add up to a time.
package struct TimeExpression: Sendable {
    package enum Event: String, Sendable, CaseIterable { case start, end, duration }
    package enum Term: Sendable {
        case literal(DurationLiteral)
        /// `hello.end`: name of an audio or video asset, of a shot, or `shot`.
        case event(String, Event)
    }
    package struct Signed: Sendable {
        package var isNegative: Bool
        package var term: Term
        package var range: TextRange
        package init(isNegative: Bool, term: Term, range: TextRange) {
            (self.isNegative, self.term, self.range) = (isNegative, term, range)
        }
    }
    package var terms: [Signed]
    package var place: Place

    package init(terms: [Signed], place: Place) {
        self.terms = terms
        self.place = place
    }
    package init(_ literal: DurationLiteral, _ place: Place) {
        terms = [Signed(isNegative: false, term: .literal(literal), range: place.range)]
        self.place = place
    }

    /// The value where it is one literal in seconds.
    var constantSeconds: Rational? {
        guard terms.count == 1, !terms[0].isNegative, case .literal(.seconds(let value)) = terms[0].term else { return nil }
        return value
    }

    /// No event is named, so that it is the same in every shot.
    var isPlain: Bool { terms.allSatisfy { if case .literal = $0.term { true } else { false } } }

    /// The value where no event is named.
    package func constant(at rate: FrameRate) -> Rational? {
        var sum = Rational.zero
        for signed in terms {
            guard case .literal(let literal) = signed.term else { return nil }
            let value = literal.seconds(at: rate)
            sum = signed.isNegative ? sum - value : sum + value
        }
        return sum
    }
}
