// A tolerance that cannot be kept.
import Base
import Diagnostics
import SceneModel

struct ToleranceTooWide: LintRule {
    let id = "tolerance-too-wide"
    let kind = RuleKind.time
    let explanation = "Blinks keep their order, so that a tolerance of half the interval or more is cut to just below it."
    let wrong = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 4s ± 3s } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 4s ± 1.5s } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 4s ± 1.9s } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let rate = context.document.scene.rate.value ?? context.timeline?.rate ?? FrameRate(25)
        return BlinkWalk.every(context.document).compactMap { every, tolerance, _ in
            guard let tolerance, let spread = tolerance.constant(at: rate), let interval = every.constant(at: rate), spread * Rational(2) >= interval else { return nil }
            return warning("±\(Words.seconds(spread)) is more than half of \(Words.seconds(interval))", tolerance.place, help: "write less than half of the interval")
        }
    }
}
