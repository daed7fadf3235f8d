// Something that is gone before a frame is drawn.
import Base
import Diagnostics
import SceneModel

struct ShorterThanAFrame: LintRule {
    let id = "shorter-than-a-frame"
    let kind = RuleKind.time
    let explanation = "A layer or a transition lasts less than a frame. Times are rounded to frames once, and nothing of it is left to see."
    let wrong = """
        shot for 2s { background black ; picture logo from 1s to 1.01s }
        image logo = "logo.png"
        """
    let right = """
        shot for 2s { background black ; picture logo from 1s to 1.2s }
        image logo = "logo.png"
        """
    let nearMiss = """
        shot for 2s { background black ; picture logo from 1s to 1.04s }
        image logo = "logo.png"
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        let layers = context.placedLayers.filter { !$0.layer.range.isEmpty && $0.layer.frames.isEmpty }.map { ($0.layer.layer.place, $0.layer.range.duration) }
        let transitions = timeline.transitions.compactMap { placed -> (Place, Rational)? in
            guard let written = placed.transition.duration.constant(at: timeline.rate), written < timeline.rate.frameDuration else { return nil }
            return (placed.transition.place, written)
        }
        return (layers + transitions).map { place, length in
            warning("\(Words.number(length.doubleValue * 1000))ms are less than a frame of \(Words.number(timeline.rate.frameDuration.doubleValue * 1000))ms", place, help: "make it longer, or remove it")
        }
    }
}
