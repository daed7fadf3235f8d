// Braces with nothing between them.
import Diagnostics
import SceneModel
import SceneSyntax

struct EmptyBlock: LintRule {
    let id = "empty-block"
    let kind = RuleKind.file
    let explanation = "The block says nothing, and the clause may stand without one."
    let wrong = """
        shot for 2s { background black { } }
        """
    let right = """
        shot for 2s { background black }
        """
    let nearMiss = """
        shot for 2s { background black { /* nothing yet */ } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let tree = context.document.trees.first else { return [] }
        return context.clauses.compactMap { written in
            guard let block = written.clause.block, block.clauses.isEmpty, !written.clause.isBroken,
                  ClauseRegistry.schema(written.clause.word, in: written.context)?.block == .optional,
                  !["pose", "blinks", "opacity", "volume", "path", "blink", "curve"].contains(written.clause.word),
                  !tree.tokens[written.clause.tokens].contains(where: { $0.kind == .lineComment || $0.kind == .blockComment }) else { return nil }
            return note("this block is empty", Place(tree.file, block.range), help: "remove the braces",
                        fix: Fix("remove the braces", edits: [TextEdit(TextRange(written.clause.headRange.end, block.range.end), "")]))
        }
    }
}
