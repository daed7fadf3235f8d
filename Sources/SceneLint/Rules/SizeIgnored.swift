// A size that its place does not take.
import Diagnostics
import SceneModel

struct SizeIgnored: LintRule {
    let id = "size-ignored"
    let kind = RuleKind.file
    let explanation = "`full`, `left-half`, `right-half`, `top-half` and `bottom-half` are areas that the layer fills: a width or height beside them is not looked at."
    let wrong = """
        persona nova = "nova.persona"
        shot for 4s { background black ; actor nova { place left-half height 50% } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { background black ; actor nova { place left height 50% } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 4s { background black ; actor nova { place left-half 25% 50% height 50% } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.shots.flatMap(\.layers).compactMap { layer in
            let place = layer.placement.value
            guard !layer.isText, [.full, .leftHalf, .rightHalf, .topHalf, .bottomHalf].contains(place.anchor), place.x == nil, place.y == nil,
                  place.width != nil || place.height != nil else { return nil }
            return warning("`\(place.anchor.rawValue)` is an area: its \(place.width != nil ? "width" : "height") is not looked at", layer.placement.place,
                           help: "place it at an edge, a corner or the center")
        }
    }
}
