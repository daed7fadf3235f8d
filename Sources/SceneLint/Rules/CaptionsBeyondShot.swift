// Captions that come after the end.
import Base
import Diagnostics
import SceneModel

struct CaptionsBeyondShot: LintRule {
    let id = "captions-beyond-shot"
    let kind = RuleKind.media
    let explanation = "Captions count from the start of their shot. The last of them come when the shot has ended, and are never seen."
    let wrong = """
        captions subs = "late.srt"
        shot for 8s { background black ; captions subs }
        """
    let right = """
        captions subs = "calm.srt"
        shot for 8s { background black ; captions subs }
        """
    let nearMiss = """
        captions subs = "late.srt"
        shot for 30s { background black ; captions subs }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        return context.placedLayers.compactMap { shot, layer in
            guard case .captions(let captions) = layer.layer.content, let cues = timeline.assets[captions.asset]?.facts?.cues else { return nil }
            let late = cues.filter { $0.range.start >= shot.range.duration }
            guard let first = late.first else { return nil }
            return warning("\(late.count) caption\(late.count == 1 ? "" : "s") from \(Words.seconds(first.range.start)) on come after the shot has ended (\(Words.seconds(shot.range.duration)))", layer.layer.place,
                           labels: [shot.shot.place.label("this shot")], help: "make the shot longer, or cut the captions")
        }
    }
}
