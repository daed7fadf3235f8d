// An easing that goes beyond what can be shown.
import Diagnostics
import Motion
import SceneModel

struct EasingOvershoot: LintRule {
    let id = "easing-overshoot"
    let kind = RuleKind.time
    let explanation = "A bezier easing overshoots, and the value would leave 0…1. Closure and opacity are clamped there: the swing that the easing draws is cut flat."
    let wrong = """
        shot for 2s { background black { opacity { at 0s 0 ; at 1s 1 ease bezier(0.3, 0, 0.5, 1.6) } } }
        """
    let right = """
        shot for 2s { background black { opacity { at 0s 0 ; at 1s 1 ease bezier(0.3, 0, 0.5, 1) } } }
        """
    let nearMiss = """
        shot for 2s { background black { opacity { at 0s 0.2 ; at 1s 0.6 ease bezier(0.3, 0, 0.5, 1.6) } } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        MotionWalk.all(context.document).flatMap { found -> [Diagnostic] in
            guard found.use == .blink || found.use == .opacity, case .scalarKeys(let keys, _) = found.source else { return [] }
            return zip(keys, keys.dropFirst()).compactMap { from, to in
                guard case .bezier(_, let y1, _, let y2) = to.easing, !(0...1).contains(y1) || !(0...1).contains(y2) else { return nil }
                let values = (1..<32).map { from.value + (to.value - from.value) * to.easing.value(at: Double($0) / 32) }
                guard let worst = values.max(by: { abs($0 - 0.5) < abs($1 - 0.5) }), worst > 1.005 || worst < -0.005 else { return nil }
                return warning("on the way to this key the value would reach \(Words.number(worst))", to.place, help: "keep the second and the fourth number of `bezier` between 0 and 1")
            }
        }
    }
}
