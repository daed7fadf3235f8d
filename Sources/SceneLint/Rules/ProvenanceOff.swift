// A film that does not say that it is synthetic.
import Diagnostics
import SceneModel
import SceneSyntax

struct ProvenanceOff: LintRule {
    let id = "provenance-off"
    let kind = RuleKind.file
    let explanation = "`provenance off` leaves out the note in the file that its pictures were made by a machine. Many places require it."
    let wrong = """
        shot for 1s { background black }
        output "a.mp4" { provenance off }
        """
    let right = """
        shot for 1s { background black }
        output "a.mp4"
        """
    let nearMiss = """
        shot for 1s { background black }
        output "a.mp4" { provenance on }
        """
    let fixChangesFilm = true

    func check(_ context: LintContext) -> [Diagnostic] {
        context.clauses.enumerated().filter { $0.element.clause.word == "provenance" && $0.element.clause.arguments.first?.word == "off" }.map { index, written in
            warning("this film will not say that it is synthetic", Place(context.document.file, written.clause.headRange), help: "remove `provenance off`",
                    fix: context.removal(of: index).map { Fix("remove `provenance off` (this changes the film)", edits: [$0], applicability: .unsafe) })
        }
    }
}
