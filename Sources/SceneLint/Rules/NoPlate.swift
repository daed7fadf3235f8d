// A background that the persona does not have.
import Diagnostics
import SceneModel

struct NoPlate: LintRule {
    let id = "no-plate"
    let kind = RuleKind.media
    let explanation = "`background original` asks for the room in which the persona was recorded, but the package does not hold it."
    let wrong = """
        persona nova = "without-plate.persona"
        shot for 4s { actor nova { background original } }
        """
    let right = """
        persona nova = "without-plate.persona"
        shot for 4s { background black ; actor nova }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { background original } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.shots.flatMap { shot -> [Diagnostic] in
            let actors = shot.layers.compactMap { layer -> (ActorLayer, Layer)? in if case .actor(let actor) = layer.content { (actor, layer) } else { nil } }
            func lacks(_ actor: ActorLayer) -> Bool { context.document.assets[actor.persona]?.facts?.persona?.hasBackground == false }
            var result = actors.filter { $0.0.showsOwnBackground && lacks($0.0) }.map { error("`\($0.0.persona)` was recorded without its background", $0.1.place, help: "name a picture or a colour") }
            for layer in shot.layers {
                if case .background(let background) = layer.content, background.source == .original, let first = actors.first, lacks(first.0) {
                    result.append(error("`\(first.0.persona)` was recorded without its background", layer.place, help: "name a picture or a colour"))
                }
            }
            return result
        }
    }
}
