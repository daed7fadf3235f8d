// A persona recorded at another frame rate.
import Base
import Diagnostics
import SceneModel

struct PersonaRate: LintRule {
    let id = "persona-rate"
    let kind = RuleKind.media
    let explanation = "The persona learned its motion at another frame rate than the scene's. Lips and recorded motion are interpolated between its frames, which softens fast movements."
    let wrong = """
        scene { rate 60fps }
        persona nova = "nova.persona"
        shot for 4s { actor nova }
        """
    let right = """
        scene { rate 25fps }
        persona nova = "nova.persona"
        shot for 4s { actor nova }
        """
    let nearMiss = """
        scene { rate 50fps }
        persona nova = "nova.persona"
        shot for 4s { actor nova }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        var spoken: Set<String> = []
        return context.placedLayers.compactMap { _, layer in
            guard let actor = layer.actor, let own = actor.persona.facts?.persona?.framesPerSecond, own > 0 else { return nil }
            // A multiple only repeats: every frame of the persona is shown.
            let factor = timeline.rate.framesPerSecond / Rational(own)
            guard factor.denominator != 1, spoken.insert(actor.persona.name).inserted else { return nil }
            return note("`\(actor.persona.name)` was recorded at \(own)fps, the scene has \(timeline.rate)", layer.layer.place, help: "write `scene { rate \(own)fps }`")
        }
    }
}
