// The same scene in frames of another rate.
import Base
import SceneModel

extension Timeline {
    /// Every range in frames of `other`; times in seconds stay, and so do the times that the author wrote in frames of the scene.
    func at(_ other: FrameRate) -> Timeline {
        guard other != rate else { return self }
        func frames(_ range: TimeRange) -> Range<Int> {
            let first = other.nearestFrame(to: range.start)
            return first..<max(first, other.nearestFrame(to: range.end))
        }
        var result = self
        result.rate = other
        result.frameCount = other.nearestFrame(to: duration)
        for s in result.shots.indices {
            result.shots[s].frames = frames(result.shots[s].range)
            for l in result.shots[s].layers.indices { result.shots[s].layers[l].frames = frames(result.shots[s].layers[l].range) }
        }
        for t in result.transitions.indices { result.transitions[t].frames = frames(result.transitions[t].range) }
        return result
    }
}
