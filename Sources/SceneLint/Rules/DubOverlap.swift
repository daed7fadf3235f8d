// Two lines for one mouth at once.
import Base
import Diagnostics
import SceneModel

struct DubOverlap: LintRule {
    let id = "dub-overlap"
    let kind = RuleKind.time
    let explanation = "Two new lines overlap on the same face. One mouth cannot speak both."
    let wrong = """
        audio one = "one.wav"
        audio two = "two.wav"
        video ceo = "ceo.mp4"
        shot { footage ceo { dub one at 0s ; dub two at 3s } }
        """
    let right = """
        audio one = "one.wav"
        audio two = "two.wav"
        video ceo = "ceo.mp4"
        shot { footage ceo { dub one at 0s ; dub two at 5s } }
        """
    let nearMiss = """
        audio one = "one.wav"
        audio two = "two.wav"
        video ceo = "ceo.mp4"
        shot { footage ceo { dub one at 0s on face left ; dub two at 3s on face right } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.flatMap { _, layer -> [Diagnostic] in
            guard case .footage(let footage) = layer.layer.content else { return [] }
            return Dictionary(grouping: layer.dubs) { $0.clause.face ?? footage.face }.values.flatMap { dubs in
                Timeline.overlaps(dubs) { $0.range }.map { first, second in
                    error("`\(first.asset.name)` and `\(second.asset.name)` overlap on one face", second.clause.place, labels: [first.clause.place.label("until \(Words.seconds(first.range.end - layer.range.start))")],
                          help: "begin the second one at `\(first.asset.name).end`, or give it another face")
                }
            }
        }
    }
}
