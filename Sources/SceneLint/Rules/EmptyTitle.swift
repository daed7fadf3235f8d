// A title without letters.
import Diagnostics
import SceneModel

struct EmptyTitle: LintRule {
    let id = "empty-title"
    let kind = RuleKind.file
    let explanation = "The title has no letters, so that nothing is seen of it. Often a param was left empty."
    let wrong = """
        shot for 1s { background black ; title " " }
        """
    let right = """
        shot for 1s { background black }
        """
    let nearMiss = """
        shot for 1s { background black ; title "" { subtitle "small" } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.shots.flatMap(\.layers).compactMap { layer in
            guard case .title(let title) = layer.content, (title.text + (title.subtitle ?? "")).allSatisfy(\.isWhitespace) else { return nil }
            return warning("this title has no letters", layer.place, help: "remove it, or write something")
        }
    }
}
