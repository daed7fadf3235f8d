// Exact values of single times and motions, for tools that show them beside the text.
import Base
import Diagnostics
import Motion

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

    /// Keyframes of a head, over seconds of the shot; nil: it is no keyed or wandering motion, or a time has no value there.
    package mutating func path(_ source: MotionSource, inShot index: Int?) -> PosePath? {
        switch source {
        case .poseKeys(let keys):
            var result: [PosePath.Keyframe] = []
            for key in keys {
                guard let time = seconds(key.time, inShot: index) else { return nil }
                result.append(.init(time: time, values: key.values, easing: key.easing))
            }
            return .keyed(Self.inOrder(result, \.time))
        case .wander(let amplitudes, let period, let seed):
            return seconds(period, inShot: index).map { .wander(amplitudes: amplitudes, period: $0, seed: seed ?? clock.document.scene.seed.value) }
        default: return nil
        }
    }

    /// One number over seconds of the shot; nil: it is neither keyed nor read from a file, or a time has no value there.
    package mutating func curve(_ source: MotionSource, inShot index: Int?) -> Curve? {
        if case .samples(let samples, _) = source { return Curve(samples: samples) }
        guard case .scalarKeys(let keys, let repeats) = source else { return nil }
        var result: [Curve.Key] = []
        for key in keys {
            guard let time = seconds(key.time, inShot: index) else { return nil }
            result.append(.init(time: time, value: key.value, easing: key.easing))
        }
        return Curve(keys: Self.inOrder(result, \.time), period: repeats.flatMap { seconds($0, inShot: index) })
    }

    private static func inOrder<Key>(_ keys: [Key], _ time: KeyPath<Key, Rational>) -> [Key] {
        keys.enumerated().sorted { a, b in a.element[keyPath: time] == b.element[keyPath: time] ? a.offset < b.offset : a.element[keyPath: time] < b.element[keyPath: time] }.map(\.element)
    }
}
