// Captions that stand on one another.
import Base
import Diagnostics
import SceneModel

struct CaptionsOverlap: LintRule {
    let id = "captions-overlap"
    let kind = RuleKind.media
    let explanation = "A caption begins before the one before it has ended. Both are drawn at the same place."
    let wrong = """
        captions subs = "crossed.srt"
        shot for 8s { background black ; captions subs }
        """
    let right = """
        captions subs = "calm.srt"
        shot for 8s { background black ; captions subs }
        """
    let nearMiss = """
        captions subs = "touching.srt"
        shot for 8s { background black ; captions subs }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.ownAssets.compactMap { asset in
            guard let cues = asset.facts?.cues else { return nil }
            let crossed = Timeline.overlaps(cues) { $0.range }
            guard let first = crossed.first else { return nil }
            let others = crossed.count > 1 ? ", and \(crossed.count - 1) more" : ""
            return warning("the caption at \(Words.seconds(first.second.range.start)) begins before the one before it ends\(others)", asset.pathPlace, help: "end the earlier one first")
        }
    }
}
