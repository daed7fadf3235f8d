// A head that turns faster than people do.
import Base
import Diagnostics
import Motion
import SceneModel

struct MotionTooFast: LintRule {
    let id = "motion-too-fast"
    let kind = RuleKind.time
    let explanation = "Between two keyframes the head turns faster than 300 degrees a second. People who speak turn at less than 100; such a jerk looks like a fault."
    let wrong = """
        persona nova = "nova.persona"
        shot for 2s { actor nova { pose { at 0s yaw 0deg ; at 0.04s yaw 12deg } } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 2s { actor nova { pose { at 0s yaw 0deg ; at 0.4s yaw 12deg } } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 2s { actor nova { pose { at 0s yaw 0deg ; at 0.04s yaw 12deg ease hold } } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let rate = context.document.scene.rate.value ?? context.timeline?.rate ?? FrameRate(25)
        return MotionWalk.all(context.document).flatMap { found -> [Diagnostic] in
            guard case .poseKeys(let keys) = found.source else { return [] }
            var before: [PoseChannel: (time: Rational, value: Double)] = [:]
            var result: [Diagnostic] = []
            for key in keys {
                guard let time = key.time.constant(at: rate) else { continue }
                var fastest = 0.0
                for (channel, value) in key.values where channel.isAngle {
                    if let last = before[channel], time > last.time, key.easing != .hold {
                        fastest = max(fastest, abs(value - last.value) / (time - last.time).doubleValue * Self.steepest(key.easing))
                    }
                    before[channel] = (time, value)
                }
                let degrees = fastest * 180 / .pi
                if degrees > 300 {
                    result.append(warning("on the way to this key the head turns at \(Int(degrees.rounded())) degrees a second", key.place,
                                          help: "give it more time; `ease hold` where a jump is meant"))
                }
            }
            return result
        }
    }
    /// How much faster an easing is at its fastest than a straight line. The named ones are walked once: they stand on every key.
    private static func steepest(_ easing: Easing) -> Double { named[easing] ?? walked(easing) }
    private static let named: [Easing: Double] = Dictionary(uniqueKeysWithValues: [.linear, .easeIn, .easeOut, .easeInOut].map { ($0, walked($0)) })
    private static func walked(_ easing: Easing) -> Double {
        (0..<16).map { (easing.value(at: Double($0 + 1) / 16) - easing.value(at: Double($0) / 16)) * 16 }.map(abs).max() ?? 1
    }
}
