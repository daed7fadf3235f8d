// Footage whose frame rate is not the scene's.
import Diagnostics
import SceneModel

struct RateConversion: LintRule {
    let id = "rate-conversion"
    let kind = RuleKind.media
    let explanation = "Footage of another frame rate is shown by repeating or leaving out frames: movements may stutter."
    let wrong = """
        scene { rate 25fps }
        video ceo = "ceo.mp4"
        shot { footage ceo }
        """
    let right = """
        scene { like ceo }
        video ceo = "ceo.mp4"
        shot { footage ceo }
        """
    let nearMiss = """
        scene { rate 30000/1001fps }
        video ceo = "ceo.mp4"
        shot { footage ceo }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        return context.placedLayers.compactMap { _, layer in
            guard case .footage(let footage) = layer.layer.content, let facts = timeline.assets[footage.asset]?.facts, !facts.isVariableRate,
                  let rate = facts.rate, rate != timeline.rate else { return nil }
            return warning("`\(footage.asset)` has \(rate), the scene \(timeline.rate)", layer.layer.place, help: "write `scene { like \(footage.asset) }`")
        }
    }
}
