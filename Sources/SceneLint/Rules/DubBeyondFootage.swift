// A new line that goes on after the footage.
import Base
import Diagnostics
import SceneModel

struct DubBeyondFootage: LintRule {
    let id = "dub-beyond-footage"
    let kind = RuleKind.time
    let explanation = "The new line is heard after its footage has ended: no lips move to its last words."
    let wrong = """
        audio line = "line.wav"
        video ceo = "ceo.mp4"
        shot for 15s { background black ; footage ceo { dub line at 9s } }
        """
    let right = """
        audio line = "line.wav"
        video ceo = "ceo.mp4"
        shot for 15s { background black ; footage ceo { dub line at 6s } }
        """
    let nearMiss = """
        audio line = "line.wav"
        video ceo = "ceo.mp4"
        shot for 15s { background black ; footage ceo { dub line at 7s } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.flatMap { _, layer in
            layer.dubs.filter { $0.range.end > layer.range.end }.map { dub in
                warning("the last \(Words.seconds(dub.range.end - max(layer.range.end, dub.range.start))) of `\(dub.asset.name)` come after the footage", dub.clause.place,
                        labels: [layer.layer.place.label("ends first")], help: "begin the line earlier, or show more of the footage")
            }
        }
    }
}
