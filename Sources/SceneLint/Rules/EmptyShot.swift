// A shot in which nothing happens.
import Diagnostics
import SceneModel

struct EmptyShot: LintRule {
    let id = "empty-shot"
    let kind = RuleKind.file
    let explanation = "The shot has no layer and no sound: only the scene's background is seen. Where a pause is meant, write `background black`."
    let wrong = """
        shot for 1s { }
        """
    let right = """
        shot for 1s { background black }
        """
    let nearMiss = """
        shot for 2s { title "The end" }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.shots.filter { $0.layers.isEmpty && $0.sounds.isEmpty && !$0.isIncomplete }.map { warning("nothing is seen or heard in this shot", $0.place, help: "write `background black` where a pause is meant") }
    }
}
