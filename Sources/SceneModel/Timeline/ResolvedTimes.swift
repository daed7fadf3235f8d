// Exact values of single times, for tools that show them beside the text.
import Base
import Diagnostics

/// Evaluates any time of a document, also where the scene as a whole has mistakes.
package struct ResolvedTimes {
    private var clock: Clock
    package var rate: FrameRate { clock.rate }

    package init(_ document: SceneDocument) { clock = Placing(document: document, sink: DiagnosticSink()).clock }

    /// Seconds from the start of the shot, or of the scene where no shot is named; nil: it hangs on a mistake.
    package mutating func seconds(_ expression: TimeExpression, inShot index: Int?) -> Rational? {
        if let index, !clock.document.shots.indices.contains(index) { return nil }
        return clock.evaluate(expression, in: index)
    }

    /// A shot on the scene's clock; nil: it hangs on a mistake.
    package mutating func shot(_ index: Int) -> TimeRange? {
        guard clock.document.shots.indices.contains(index), let length = clock.length(of: index), let start = clock.start(of: index) else { return nil }
        return TimeRange(start: start, end: start + length)
    }
}
