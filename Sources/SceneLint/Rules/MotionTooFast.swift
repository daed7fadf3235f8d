// A head that moves faster than people do.
import Base
import Diagnostics
import Motion
import SceneModel

struct MotionTooFast: LintRule {
    let id = "motion-too-fast"
    let kind = RuleKind.time
    let explanation = "Between two keyframes the head turns faster than 300 degrees a second, or moves faster than a metre a second; the speed of the `pose` clause counts. People who speak turn at less than 100; such a jerk looks like a fault."
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
        let speeds = Self.speeds(context.document)
        return MotionWalk.all(context.document).flatMap { found -> [Diagnostic] in
            guard case .poseKeys(let keys) = found.source else { return [] }
            let speed = keys.first.flatMap { context.isInMainFile($0.place) ? speeds[$0.place.range.start] : nil } ?? 1
            var before: [PoseChannel: (time: Rational, value: Double)] = [:]
            var result: [Diagnostic] = []
            for key in keys {
                guard let time = key.time.constant(at: rate) else { continue }
                var turn = 0.0, move = 0.0
                for (channel, value) in key.values {
                    if let last = before[channel], time > last.time, key.easing != .hold {
                        let fastest = abs(value - last.value) / (time - last.time).doubleValue * Self.steepest(key.easing) * speed
                        if channel.isAngle { turn = max(turn, fastest * 180 / .pi) } else { move = max(move, fastest) }
                    }
                    before[channel] = (time, value)
                }
                guard turn > 300 || move > 100 else { continue }
                let words = turn > 300 ? "turns at \(Words.number(turn.rounded())) degrees a second" : "moves at \(Words.number(move.rounded())) cm a second"
                result.append(warning("on the way to this key the head \(words)\(speed == 1 ? "" : ", played at \(Words.number(speed)) times its speed")", key.place,
                                      help: "give it more time; `ease hold` where a jump is meant"))
            }
            return result
        }
    }
    /// How fast each path is played at its fastest, by where its first key stands.
    private static func speeds(_ document: SceneDocument) -> [Int: Double] {
        var result: [Int: Double] = [:]
        for shot in document.shots {
            for layer in shot.layers {
                guard case .actor(let actor) = layer.content else { continue }
                for pose in actor.poses {
                    guard case .motion(.poseKeys(let keys)) = pose.source, let first = keys.first?.place, first.file === document.file else { continue }
                    result[first.range.start] = max(result[first.range.start] ?? 0, abs(pose.speed.doubleValue))
                }
            }
        }
        return result
    }

    /// How much faster an easing is at its fastest than a straight line. The named ones are walked once: they stand on every key.
    private static func steepest(_ easing: Easing) -> Double { named[easing] ?? walked(easing) }
    private static let named: [Easing: Double] = Dictionary(uniqueKeysWithValues: [.linear, .easeIn, .easeOut, .easeInOut].map { ($0, walked($0)) })
    private static func walked(_ easing: Easing) -> Double {
        (0..<16).map { (easing.value(at: Double($0 + 1) / 16) - easing.value(at: Double($0) / 16)) * 16 }.map(abs).max() ?? 1
    }
}
