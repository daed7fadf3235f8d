// An output of a time that the film does not have.
import Base
import Diagnostics
import SceneModel

struct OutputBeyondEnd: LintRule {
    let id = "output-beyond-end"
    let kind = RuleKind.time
    let explanation = "The output begins after the film has ended, so that it has no frame. Rendering it fails."
    let wrong = """
        shot for 2s { background black }
        output "a.mp4" { from 3s }
        """
    let right = """
        shot for 2s { background black }
        output "a.mp4" { from 1s }
        """
    let nearMiss = """
        shot for 2s { background black }
        output "a.mp4" { from 1s to 9s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        return timeline.outputs.filter { $0.frameCount == 0 }.map { error("no frame lies in this output: the film ends at \(Words.seconds(timeline.duration))", $0.request.place, help: "begin it earlier") }
    }
}
