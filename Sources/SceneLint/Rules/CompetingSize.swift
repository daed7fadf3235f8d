// A size that is said in two ways.
import Diagnostics
import SceneModel

struct CompetingSize: LintRule {
    let id = "competing-size"
    let kind = RuleKind.file
    let explanation = "A layer has a `width` or `height` of its own and one in its `place`. The clause of its own wins, the other one is not looked at."
    let wrong = """
        image logo = "logo.png"
        shot for 1s { background black ; picture logo { place top-right width 10% ; width 12% } }
        """
    let right = """
        image logo = "logo.png"
        shot for 1s { background black ; picture logo { place top-right width 12% } }
        """
    let nearMiss = """
        image logo = "logo.png"
        shot for 1s { background black ; picture logo { place top-right height 10% ; width 12% } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.shots.flatMap(\.layers).compactMap { layer in
            let place = layer.placement.value
            let side = layer.width != nil && place.width != nil ? "width" : layer.height != nil && place.height != nil ? "height" : nil
            return side.map { warning("the \($0) is said twice; the one in `place` is not looked at", layer.placement.place, help: "keep one of them") }
        }
    }
}
