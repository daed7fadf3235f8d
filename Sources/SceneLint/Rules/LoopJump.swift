// A loop that jumps where it starts again.
import Diagnostics
import Motion
import SceneModel

struct LoopJump: LintRule {
    let id = "loop-jump"
    let kind = RuleKind.time
    let explanation = "A looped path ends in another pose than it begins with, so that the head jumps at every turn."
    let wrong = """
        persona nova = "nova.persona"
        path nod { at 0s pitch 0deg ; at 1s pitch 6deg }
        shot for 4s { actor nova { pose nod loop } }
        """
    let right = """
        persona nova = "nova.persona"
        path nod { at 0s pitch 0deg ; at 1s pitch 6deg ; at 2s pitch 0deg }
        shot for 4s { actor nova { pose nod loop } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        path nod { at 0s pitch 0deg ; at 1s pitch 6deg }
        shot for 4s { actor nova { pose nod loop smooth 6f } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.shots.flatMap(\.layers).flatMap { layer -> [Diagnostic] in
            guard case .actor(let actor) = layer.content else { return [] }
            return actor.poses.compactMap { pose in
                guard pose.loops, pose.smooth == nil, case .motion(.poseKeys(let keys)) = pose.source, keys.count > 1 else { return nil }
                for channel in PoseChannel.allCases {
                    guard let first = keys.first(where: { $0.values[channel] != nil })?.values[channel], let last = keys.last(where: { $0.values[channel] != nil })?.values[channel] else { continue }
                    let jump = abs(first - last)
                    if channel.isAngle ? jump > 1 * .pi / 180 : jump > 0.2 {
                        return warning("\(channel.rawValue) jumps by \(channel.isAngle ? Words.degrees(jump) : Words.number(jump) + "cm") where the loop starts again", pose.place,
                                       help: "end the path as it begins, or add `smooth 6f`")
                    }
                }
                return nil
            }
        }
    }
}
