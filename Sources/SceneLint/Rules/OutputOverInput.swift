// An output that replaces what the scene reads.
import Diagnostics
import SceneModel
import SceneSyntax

struct OutputOverInput: LintRule {
    let id = "output-over-input"
    let kind = RuleKind.file
    let explanation = "The output has the path of a file that the scene reads. The render would replace its own footage."
    let wrong = """
        video ceo = "ceo.mp4"
        shot { footage ceo }
        output "ceo.mp4"
        """
    let right = """
        video ceo = "ceo.mp4"
        shot { footage ceo }
        output "renders/ceo.mp4"
        """
    let nearMiss = """
        video ceo = "footage/ceo.mp4"
        shot { footage ceo }
        output "ceo.mp4"
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        var inputs: [String: Place] = [:]
        for asset in context.document.assets.values where !asset.path.isEmpty { inputs[asset.path] = asset.pathPlace }
        let files = Set(context.document.trees.map { AssetPath.normalised($0.file.path) })
        return context.document.outputs.filter(\.isWritten).compactMap { output in
            if let input = inputs[output.path] {
                return error("`\(output.path)` is read by this scene and would be replaced", output.place, labels: [input.label("read here")], help: "write to another file")
            }
            return files.contains(output.path) ? error("`\(output.path)` is a scene file and would be replaced", output.place, help: "write to another file") : nil
        }
    }
}
