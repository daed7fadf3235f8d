// Footage without a steady frame rate.
import Diagnostics
import SceneModel

struct VariableRate: LintRule {
    let id = "variable-rate"
    let kind = RuleKind.media
    let explanation = "Footage of telephones and screen recorders often has a variable frame rate. It is read by its time stamps, which repeats and leaves out frames where it must."
    let wrong = """
        video phone = "variable-rate.mp4"
        shot { footage phone }
        """
    let right = """
        video phone = "ceo.mp4"
        shot { footage phone }
        """
    let nearMiss = """
        video phone = "variable-rate.mp4"
        shot for 3s { background black ; sound phone to 3s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.compactMap { _, layer in
            guard case .footage(let footage) = layer.layer.content, context.document.assets[footage.asset]?.facts?.isVariableRate == true else { return nil }
            return warning("`\(footage.asset)` has a variable frame rate; it is read by time stamps", layer.layer.place, help: "convert it to a steady rate first where movements must be smooth")
        }
    }
}
