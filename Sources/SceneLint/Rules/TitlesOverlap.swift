// Two texts on one place at one time.
import Base
import Diagnostics
import SceneModel

struct TitlesOverlap: LintRule {
    let id = "titles-overlap"
    let kind = RuleKind.time
    let explanation = "Two titles stand at the same place at the same time, so that neither can be read."
    let wrong = """
        shot for 5s { background black ; title "One" { from 0s to 3s } ; title "Two" { from 2s to 5s } }
        """
    let right = """
        shot for 5s { background black ; title "One" { from 0s to 3s } ; title "Two" { from 3s to 5s } }
        """
    let nearMiss = """
        shot for 5s { background black ; title "One" ; title "Two" { place bottom } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        (context.timeline?.shots ?? []).flatMap { shot in
            let titles = shot.layers.filter { if case .title(let title) = $0.layer.content { !title.text.allSatisfy(\.isWhitespace) } else { false } }
            return Dictionary(grouping: titles, by: \.layer.effectivePlacement).values.flatMap { group in
                Timeline.overlaps(group) { $0.range }.map { first, second in
                    let later = first.layer.place.range.start < second.layer.place.range.start ? second : first
                    let other = first.layer.place.range.start < second.layer.place.range.start ? first : second
                    return warning("two titles stand on one another", later.layer.place, labels: [other.layer.place.label("the other one")], help: "give one another `place`, or another time")
                }
            }
        }
    }
}
