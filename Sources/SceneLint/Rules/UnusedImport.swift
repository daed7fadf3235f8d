// An import of which nothing is used.
import Diagnostics
import SceneModel

struct UnusedImport: LintRule {
    let id = "unused-import"
    let kind = RuleKind.file
    let explanation = "A file is imported, but none of its assets, motions and styles is used. Reading it costs time, and its mistakes become mistakes of this scene."
    let wrong = """
        import "cast.scene" as cast
        shot for 1s { background black }
        """
    let right = """
        shot for 1s { background black }
        """
    let nearMiss = """
        import "cast.scene" as cast
        shot for 1s { background cast.loft }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard context.timeline != nil else { return [] }
        let used = context.document.usedNames
        return context.document.imports.filter { context.isInMainFile($0.place) && !$0.names.contains(where: used.contains) }.map { found in
            let index = context.clauses.firstIndex { $0.clause.headRange == found.place.range }
            return warning("nothing of `\(found.path)` is used", found.place, help: "remove the import",
                           fix: index.flatMap { context.removal(of: $0) }.map { Fix("remove the import", edits: [$0]) })
        }
    }
}
