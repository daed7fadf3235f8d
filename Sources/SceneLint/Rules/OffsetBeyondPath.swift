// An offset behind the end of a path.
import Base
import Diagnostics
import Motion
import SceneModel

struct OffsetBeyondPath: LintRule {
    let id = "offset-beyond-path"
    let kind = RuleKind.time
    let explanation = "The path begins at an offset that lies behind its last keyframe: the head stands still in the last pose."
    let wrong = """
        persona nova = "nova.persona"
        path glance { at 0s yaw 0deg ; at 2s yaw 9deg }
        shot for 4s { actor nova { pose glance offset 3s } }
        """
    let right = """
        persona nova = "nova.persona"
        path glance { at 0s yaw 0deg ; at 2s yaw 9deg }
        shot for 4s { actor nova { pose glance offset 1s } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        path glance { at 0s yaw 0deg ; at 2s yaw 9deg ; at 4s yaw 0deg }
        shot for 4s { actor nova { pose glance offset 5s loop } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.flatMap { _, layer -> [Diagnostic] in
            guard case .actor(let written) = layer.layer.content, let actor = layer.actor, written.poses.count == actor.motion.poses.count else { return [] }
            return zip(written.poses, actor.motion.poses).compactMap { clause, placed in
                guard case .use(let use) = placed, !use.loops, use.offset > .zero, use.path.duration > .zero, use.offset >= use.path.duration else { return nil }
                return warning("the path ends at \(Words.seconds(use.path.duration)), before its offset of \(Words.seconds(use.offset))", clause.place, help: "use a smaller offset, or `loop`")
            }
        }
    }
}
