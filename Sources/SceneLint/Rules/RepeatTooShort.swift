// A repetition that cuts off its own keys.
import Base
import Diagnostics
import SceneModel

struct RepeatTooShort: LintRule {
    let id = "repeat-too-short"
    let kind = RuleKind.time
    let explanation = "A curve or blink starts again before its last keyframe, which is never reached."
    let wrong = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks { at 0s 0 ; at 200ms 1 ; at 2s 0 ; repeat 1.6s } } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks { at 0s 0 ; at 200ms 1 ; at 500ms 0 ; repeat 1.6s } } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks { at 0s 0 ; at 200ms 1 ; at 1.6s 0 ; repeat 1.6s } } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let rate = context.document.scene.rate.value ?? context.timeline?.rate ?? FrameRate(25)
        return MotionWalk.sources(context.document).compactMap { source in
            guard case .scalarKeys(let keys, let repeats?) = source, let period = repeats.constant(at: rate) else { return nil }
            guard let late = keys.first(where: { $0.time.constant(at: rate).map { $0 > period } ?? false }) else { return nil }
            return warning("it starts again after \(Words.seconds(period)), before this key", late.place, labels: [repeats.place.label("starts again here")], help: "repeat after the last key")
        }
    }
}
