// Which part of a film to render.
import Base
import SceneModel

/// `--frames`: numbers, times, or a shot.
package enum FrameSelection: Sendable, Hashable {
    /// Frames of the output, the last one included.
    case numbers(Int, Int)
    /// Points in the scene, the end not included.
    case times(CommandTime, CommandTime)
    /// A shot by its name, or by its number counted from 1.
    case shot(String)

    /// `100-200`, `1s..4s`, `shot:NAME`. - Throws: `StudioFailure` with exit code 2.
    package init(_ text: String) throws {
        if text.hasPrefix("shot:") {
            self = .shot(String(text.dropFirst(5)))
        } else if let dots = text.range(of: "..") {
            self = .times(try CommandTime(String(text[..<dots.lowerBound]), flag: "--frames \(text)"), try CommandTime(String(text[dots.upperBound...]), flag: "--frames \(text)"))
        } else {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard parts.count == 2, let first = parts[0], let last = parts[1], first >= 0, last < Int(Int32.max) else {
                throw StudioFailure(2, "--frames \(text): expected 100-200, 1s..4s or shot:NAME")
            }
            guard first <= last else { throw StudioFailure(2, "--frames \(text): the last frame is before the first") }
            self = .numbers(first, last)
        }
    }

    /// The frames of an output that is rendered at `rate`, whether or not the output reaches that far. Numbers count frames of
    /// `numbering`, the output's own rate.
    func range(in timeline: Timeline, rate: FrameRate, numbering: FrameRate) throws -> Range<Int> {
        switch self {
        case .numbers(let first, let last):
            guard rate != numbering else { return first..<(last + 1) }
            let start = rate.nearestFrame(to: numbering.time(ofFrame: first))
            return start..<max(start + 1, rate.nearestFrame(to: numbering.time(ofFrame: last + 1)))
        case .times(let from, let to):
            let start = from.seconds(timeline.rate), end = to.seconds(timeline.rate)
            guard start < end else { throw StudioFailure(2, "--frames: the end is not behind the start") }
            return rate.nearestFrame(to: start)..<max(rate.nearestFrame(to: start), rate.nearestFrame(to: end))
        case .shot(let name):
            guard let shot = timeline.shots.first(where: { $0.shot.name == name }) ?? timeline.shots.first(where: { $0.shot.name == nil && "\($0.index + 1)" == name }) else {
                let names = timeline.shots.map { $0.shot.name ?? "\($0.index + 1)" }
                throw StudioFailure(2, "--frames shot:\(name): there is no such shot", advice: "the scene has \(names.joined(separator: ", "))")
            }
            return rate.nearestFrame(to: shot.range.start)..<rate.nearestFrame(to: shot.range.end)
        }
    }
}
