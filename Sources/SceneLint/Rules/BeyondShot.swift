// A layer that lies outside its shot.
import Base
import Diagnostics
import SceneModel

struct BeyondShot: LintRule {
    let id = "beyond-shot"
    let kind = RuleKind.time
    let explanation = "The layer begins after its shot has ended, so that it is never seen."
    let wrong = """
        shot for 2s { background black ; title "late" { from 3s } }
        """
    let right = """
        shot for 4s { background black ; title "in time" { from 3s } }
        """
    let nearMiss = """
        shot for 4s { background black ; title "in time" { from 3s to 9s } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.filter { $0.layer.range.isEmpty }.map { shot, layer in
            warning("this layer is never seen: the shot ends at \(Words.seconds(shot.range.duration))", layer.layer.place, labels: [shot.shot.place.label("this shot")])
        }
    }
}
