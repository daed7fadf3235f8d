// Two outputs of one name.
import Diagnostics
import SceneModel

struct DuplicateOutput: LintRule {
    let id = "duplicate-output"
    let kind = RuleKind.file
    let explanation = "Two outputs write the same file. The second one replaces the first, which then was rendered for nothing."
    let wrong = """
        shot for 1s { background black }
        output "a.mp4"
        output "a.mp4" { size 640x360 }
        """
    let right = """
        shot for 1s { background black }
        output "a.mp4"
        output "a-small.mp4" { size 640x360 }
        """
    let nearMiss = """
        shot for 1s { background black }
        output "a.mp4"
        output "small/a.mp4" { size 640x360 }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        var first: [String: Place] = [:]
        var result: [Diagnostic] = []
        for output in context.document.outputs where output.isWritten {
            if let before = first[output.path] {
                result.append(error("`\(output.path)` is written twice", output.place, labels: [before.label("written here first")], help: "give one of them another name"))
            } else { first[output.path] = output.place }
        }
        return result
    }
}
