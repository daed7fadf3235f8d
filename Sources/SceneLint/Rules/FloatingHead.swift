// A head without shoulders.
import Diagnostics
import SceneModel

struct FloatingHead: LintRule {
    let id = "floating-head"
    let kind = RuleKind.media
    let explanation = "`torso off` draws the head alone, although the persona has shoulders: it floats in the picture. It is meant for footage that has a body of its own."
    let wrong = """
        persona nova = "nova.persona"
        shot for 4s { background black ; actor nova { torso off } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { background black ; actor nova { torso on } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        video body = "presenter.mp4"
        shot for 4s { footage body ; actor nova { torso off } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.shots.flatMap { shot -> [Diagnostic] in
            let hasFootage = shot.layers.contains { if case .footage = $0.content { true } else { false } }
            guard !hasFootage else { return [] }
            return shot.layers.compactMap { layer in
                guard case .actor(let actor) = layer.content, actor.torso.isWritten, !actor.torso.value,
                      context.document.assets[actor.persona]?.facts?.persona?.hasTorso == true else { return nil }
                return warning("the head of `\(actor.persona)` floats without its shoulders", actor.torso.place, help: "remove `torso off`")
            }
        }
    }
}
