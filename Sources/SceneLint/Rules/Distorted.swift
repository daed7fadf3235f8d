// A picture that is stretched out of shape.
import Diagnostics
import SceneModel

struct Distorted: LintRule {
    let id = "distorted"
    let kind = RuleKind.media
    let explanation = "`fit stretch` draws the file in another shape than its own: faces become broad or narrow."
    let wrong = """
        image tall = "tall.png"
        shot for 2s { background tall { fit stretch } }
        """
    let right = """
        image tall = "tall.png"
        shot for 2s { background tall { fit contain } }
        """
    let nearMiss = """
        scene { size 800x600 }
        image loft = "loft.png"
        shot for 2s { background loft { fit stretch } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        return context.placedLayers.compactMap { _, layer in
            guard layer.layer.fit.value == .stretch, case .background(let background) = layer.layer.content, case .asset(let name) = background.source,
                  let own = timeline.assets[name]?.facts?.size, own.height > 0 else { return nil }
            let shape = Double(own.width) / Double(own.height), room = Double(timeline.size.width) / Double(timeline.size.height)
            guard abs(shape / room - 1) > 0.03 else { return nil }
            return warning("\(own) is stretched to the shape of \(timeline.size)", layer.layer.place, help: "write `fit cover` or `fit contain`")
        }
    }
}
