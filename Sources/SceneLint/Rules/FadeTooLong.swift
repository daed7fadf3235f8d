// Fades that take longer than what they fade.
import Base
import Diagnostics
import SceneModel

struct FadeTooLong: LintRule {
    let id = "fade-too-long"
    let kind = RuleKind.time
    let explanation = "Fading in and fading out take longer together than the layer or sound lasts: it never comes fully up."
    let wrong = """
        shot for 4s { background black ; title "Nova" { from 1s to 2s ; fade 0.8s } }
        """
    let right = """
        shot for 4s { background black ; title "Nova" { from 1s to 2s ; fade 0.3s } }
        """
    let nearMiss = """
        shot for 4s { background black ; title "Nova" { from 1s to 2s ; fade 0.5s } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        let layers = context.placedLayers.map { ($0.layer.range, $0.layer.fadeIn + $0.layer.fadeOut, $0.layer.layer.place) }
        let sounds = timeline.sounds.map { ($0.range, $0.fadeIn + $0.fadeOut, $0.place) }
        return (layers + sounds).filter { !$0.0.isEmpty && $0.1 > $0.0.duration }.map { range, fades, place in
            warning("its fades take \(Words.seconds(fades)), it lasts \(Words.seconds(range.duration))", place, help: "shorten the fades")
        }
    }
}
