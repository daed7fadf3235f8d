// Reads times, tolerances and easings.
import Base
import Diagnostics
import Motion
import SceneSyntax

extension ClauseReader {
    /// A time or a length of time; events allowed.
    func time(_ what: String = "a time") -> TimeExpression? {
        guard let argument = value() else { if !hasFailed { missing("\(what) (like 2s)") }; return nil }
        var terms: [TimeExpression.Signed] = []
        if case .sum(let parts) = argument.value {
            for part in parts {
                guard let term = term(part.argument, what) else { return nil }
                terms.append(.init(isNegative: part.isNegative, term: term, range: part.argument.range))
            }
        } else if case .number(let number) = argument.value, let (unit, range) = unitApart(["s", "ms", "f"]) {
            let literal: DurationLiteral = unit == "f" ? .frames(number) : .seconds(unit == "ms" ? number / Rational(1000) : number)
            return TimeExpression(terms: [.init(isNegative: false, term: .literal(literal), range: range)], place: place(range))
        } else {
            guard let term = term(argument, what) else { return nil }
            terms = [.init(isNegative: false, term: term, range: argument.range)]
        }
        take()
        return TimeExpression(terms: terms, place: place(argument.range))
    }
    /// A length of time above zero, no events.
    func duration(_ what: String) -> TimeExpression? {
        guard let result = time(what) else { return nil }
        guard let seconds = result.constant(at: FrameRate(25)) else {
            fail("wrong-kind", "\(what) is a plain length of time", result.place.range)
            return nil
        }
        guard seconds > .zero else { fail("out-of-range", "\(what) is above 0s", result.place.range); return nil }
        return result
    }
    func tolerance() -> TimeExpression? {
        guard let argument = peek, case .tolerance(let inner) = argument.value else { return nil }
        guard case .duration(let literal) = inner.value else {
            if case .invalid = inner.value { hasFailed = true } else { fail("wrong-kind", "a tolerance is a length of time", inner.range) }
            return nil
        }
        take()
        return TimeExpression(literal, place(argument.range))
    }

    private func term(_ argument: Argument, _ what: String) -> TimeExpression.Term? {
        switch argument.value {
        case .duration(let literal): return .literal(literal)
        case .number(let number):
            mistake("missing-unit", "\(what) needs a unit", argument.range, help: "write `\(Self.decimal(number))s` or `\(Self.decimal(number))f`",
                    fix: Fix("add the unit `s`", edits: [TextEdit(TextRange(argument.range.end, argument.range.end), "s")], applicability: .unsafe))
            return .literal(.seconds(number))
        case .name(let parts): return event(parts, argument)
        case .invalid: hasFailed = true; return nil
        default:
            fail("wrong-kind", "\(what) was expected here, not \(Self.describe(argument))", argument.range)
            return nil
        }
    }

    private func event(_ parts: [String], _ argument: Argument) -> TimeExpression.Term? {
        if parts.count == 1, let parameter = scope.parameters[parts[0]] {
            resolution.usedNames.insert(parts[0])
            if case .duration(let literal)? = parameter.value?.value { return .literal(literal) }
            if parameter.value == nil { hasFailed = true } else { fail("wrong-kind", "`\(parts[0])` is a \(parameter.kind.rawValue), not a time", argument.range) }
            return nil
        }
        let subject = parts.dropLast().joined(separator: ".")
        guard parts.count > 1, let event = TimeExpression.Event(rawValue: parts[parts.count - 1]) else {
            let near = parts.count > 1 ? resolution.nearest(to: parts[parts.count - 1], in: ["start", "end", "duration"]) : nil
            fail("unknown-event", "`\(parts.joined(separator: "."))` is not a time", argument.range,
                 help: near.map { "did you mean `\(subject).\($0)`?" } ?? "an event is NAME.start, NAME.end or NAME.duration",
                 fix: near.map { .rename(argument.range, to: "\(subject).\($0)") })
            return nil
        }
        let isAsset = scope.assets[subject].map { $0.kind == .audio || $0.kind == .video } ?? false
        guard subject == "shot" || scope.shotNames.contains(subject) || isAsset else {
            let near = resolution.nearest(to: subject, in: scope.assets.filter { $0.value.kind == .audio || $0.value.kind == .video }.map(\.key) + scope.shotNames + ["shot"])
            fail("unknown-name", "no sound, film or shot is named `\(subject)`", argument.range, help: near.map { "did you mean `\($0)`?" },
                 fix: near.map { .rename(argument.range, to: "\($0).\(event.rawValue)") })
            return nil
        }
        resolution.usedNames.insert(subject)
        return .event(subject, event)
    }

    /// `linear`, `in`, `out`, `in-out`, `hold` or `bezier(…)`, behind `ease`.
    func easing() -> Easing? {
        if let argument = peek, case .call("bezier", let inner) = argument.value {
            let numbers = inner.compactMap { if case .number(let n) = $0.value { n.doubleValue } else { nil } }
            guard numbers.count == 4, inner.count == 4, (0...1).contains(numbers[0]), (0...1).contains(numbers[2]),
                  abs(numbers[1]) <= 100, abs(numbers[3]) <= 100 else {
                fail("bad-easing", "`bezier` takes four numbers: x1, y1, x2, y2, with x1 and x2 from 0 to 1", argument.range)
                return nil
            }
            take()
            return .bezier(numbers[0], numbers[1], numbers[2], numbers[3])
        }
        switch choice(["linear", "in", "out", "in-out", "hold"], "an easing") {
        case "linear": return .linear
        case "in": return .easeIn
        case "out": return .easeOut
        case "in-out": return .easeInOut
        case "hold": return .hold
        default: return nil
        }
    }
}
