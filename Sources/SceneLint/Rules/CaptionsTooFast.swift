// Captions that nobody can read in time.
import Base
import Diagnostics
import SceneModel

struct CaptionsTooFast: LintRule {
    let id = "captions-too-fast"
    let kind = RuleKind.media
    let explanation = "A caption has more than 25 letters for each second it stands. Readers of subtitles manage 12 to 20."
    let wrong = """
        captions subs = "fast.srt"
        shot for 8s { background black ; captions subs }
        """
    let right = """
        captions subs = "calm.srt"
        shot for 8s { background black ; captions subs }
        """
    let nearMiss = """
        captions subs = "brisk.srt"
        shot for 8s { background black ; captions subs }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.ownAssets.compactMap { asset in
            guard let cues = asset.facts?.cues else { return nil }
            let fast = cues.filter { Double($0.text.count) > 25 * $0.range.duration.doubleValue && $0.text.count > 5 }
            guard let first = fast.first else { return nil }
            let others = fast.count > 1 ? ", and \(fast.count - 1) more" : ""
            return warning("the caption at \(Words.seconds(first.range.start)) has \(first.text.count) letters in \(Words.seconds(first.range.duration))\(others)", asset.pathPlace, help: "let it stand longer, or write less")
        }
    }
}
