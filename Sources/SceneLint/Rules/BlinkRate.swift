// Blinks that are too rare or too frequent to look alive.
import Base
import Diagnostics
import Motion
import SceneModel

struct BlinkRate: LintRule {
    let id = "blink-rate"
    let kind = RuleKind.media
    let explanation = "People blink 4 to 40 times a minute. Rarer looks like staring, more often like a tic."
    let wrong = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 1s } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 4s ± 1s } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 15s } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.compactMap { _, layer in
            guard case .actor(let written) = layer.layer.content, let clause = written.blinks,
                  case .curve(.every(let interval, _, _, _))? = layer.actor?.motion.blinks, interval > .zero else { return nil }
            let rate = 60 / interval.doubleValue
            if rate >= 4, rate <= 40 { return nil }
            let text = rate == rate.rounded() ? "\(Int(rate))" : "\((rate * 10).rounded() / 10)"
            return warning("\(text) blinks a minute look \(rate < 4 ? "like staring" : "like a tic")", clause.place, help: "4 to 40 a minute look natural: `every 4s ± 1.2s`")
        }
    }
}
