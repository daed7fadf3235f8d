// A voice that is too soft.
import Diagnostics
import SceneModel

struct QuietVoice: LintRule {
    let id = "quiet-voice"
    let kind = RuleKind.media
    let explanation = "The voice lies below -36 LUFS: it is hard to hear, and the lips hardly move to it."
    let wrong = """
        persona nova = "nova.persona"
        audio hello = "quiet.wav"
        shot { actor nova { speaks hello } }
        """
    let right = """
        persona nova = "nova.persona"
        audio hello = "quiet.wav" { gain 20dB }
        shot { actor nova { speaks hello } }
        """
    let nearMiss = """
        audio hello = "quiet.wav"
        shot for 5s { background black ; sound hello }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.flatMap { _, layer in
            ((layer.actor?.speech ?? []).map { ($0.asset, $0.place) } + layer.dubs.map { ($0.asset, $0.clause.place) }).compactMap { asset, place in
                guard let loudness = asset.facts?.sound?.loudness, loudness + asset.gain < -36 else { return nil }
                return warning("`\(asset.name)` has \(Words.number(loudness + asset.gain)) LUFS: that is hard to hear", place, labels: [asset.pathPlace.label("this file")],
                               help: "raise it: `{ gain \(Int((-20 - loudness).rounded()))dB }`")
            }
        }
    }
}
