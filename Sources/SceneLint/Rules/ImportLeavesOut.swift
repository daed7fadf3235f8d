// Parts of an imported file that do not come along.
import Diagnostics
import SceneModel

struct ImportLeavesOut: LintRule {
    let id = "import-leaves-out"
    let kind = RuleKind.file
    let explanation = "An import brings in assets, motions and styles. The imported file also has a scene, shots, transitions or outputs: those stay behind, which may surprise."
    let wrong = """
        import "whole.scene"
        shot for 1s { background loft }
        """
    let right = """
        import "cast.scene"
        shot for 1s { background loft }
        """
    let nearMiss = """
        import "cast.scene" as cast
        shot for 1s { background cast.loft }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.imports.compactMap { found in
            guard context.isInMainFile(found.place), let first = found.ignored.first else { return nil }
            let words = Set(found.ignored.map { $0.file.text($0.range) }).sorted().map { "`\($0)`" }.joined(separator: ", ")
            return note("\(words) of `\(found.path)` stay behind: an import brings assets, motions and styles", found.place, labels: [first.label("the first of them")])
        }
    }
}
