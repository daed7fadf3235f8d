// A voice recorded with too few samples.
import Diagnostics
import SceneModel

struct LowSampleRate: LintRule {
    let id = "low-sample-rate"
    let kind = RuleKind.media
    let explanation = "The voice has fewer than 16,000 samples a second. The lips follow sounds above 4 kHz (s, f, sh), which are not in it."
    let wrong = """
        persona nova = "nova.persona"
        audio call = "telephone.wav"
        shot { actor nova { speaks call } }
        """
    let right = """
        persona nova = "nova.persona"
        audio call = "hello.wav"
        shot { actor nova { speaks call } }
        """
    let nearMiss = """
        audio call = "telephone.wav"
        shot for 5s { background black ; sound call }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.flatMap { _, layer in
            ((layer.actor?.speech ?? []).map { ($0.asset, $0.place) } + layer.dubs.map { ($0.asset, $0.clause.place) }).compactMap { asset, place in
                guard let rate = asset.facts?.sampleRate, rate > 0, rate < 16000 else { return nil }
                return warning("`\(asset.name)` has \(rate) samples a second: the lips miss its sharp sounds", place, help: "use a recording of 16,000 or more")
            }
        }
    }
}
