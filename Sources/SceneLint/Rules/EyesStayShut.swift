// Eyes that close and do not open again.
import Diagnostics
import SceneModel

struct EyesStayShut: LintRule {
    let id = "eyes-stay-shut"
    let kind = RuleKind.time
    let explanation = "The last keyframe of a blink leaves the eyes shut, and nothing repeats it: the person goes on with closed eyes."
    let wrong = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks { at 0s 0 ; at 200ms 1 } } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks { at 0s 0 ; at 200ms 1 ; at 400ms 0 } } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks { hold 1 } } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        MotionWalk.all(context.document).compactMap { found in
            guard found.use == .blink, case .scalarKeys(let keys, nil) = found.source, keys.count > 1, let last = keys.last, last.value > 0.5 else { return nil }
            return warning("the eyes stay shut from here on", last.place, help: "add a key that opens them, or `repeat`")
        }
    }
}
