// Which part of a film to render.
import Base
import SceneModel

/// `--frames`: numbers, times, or a shot.
package enum FrameSelection: Sendable, Hashable {
    /// Frames of the output, the last one included.
    case numbers(Int, Int)
    /// Seconds of the scene, the end not included.
    case times(Rational, Rational)
    /// A shot by its name, or by its number counted from 1.
    case shot(String)

    /// The frames of an output that is rendered at `rate`, whether or not the output reaches that far. Numbers count frames of
    /// `numbering`, the output's own rate.
    func range(in timeline: Timeline, rate: FrameRate, numbering: FrameRate) throws -> Range<Int> {
        switch self {
        case .numbers(let first, let last):
            guard rate != numbering else { return first..<(last + 1) }
            let start = rate.nearestFrame(to: numbering.time(ofFrame: first))
            return start..<max(start + 1, rate.nearestFrame(to: numbering.time(ofFrame: last + 1)))
        case .times(let start, let end): return rate.nearestFrame(to: start)..<max(rate.nearestFrame(to: start), rate.nearestFrame(to: end))
        case .shot(let name):
            guard let shot = timeline.shots.first(where: { $0.shot.name == name }) ?? timeline.shots.first(where: { $0.shot.name == nil && "\($0.index + 1)" == name }) else {
                let names = timeline.shots.map { $0.shot.name ?? "\($0.index + 1)" }
                throw StudioFailure(2, "--frames shot:\(name): there is no such shot; the scene has \(names.joined(separator: ", "))")
            }
            return rate.nearestFrame(to: shot.range.start)..<rate.nearestFrame(to: shot.range.end)
        }
    }
}
