// A shot that is never seen alone.
import Base
import Diagnostics
import SceneModel

struct ShotAllTransition: LintRule {
    let id = "shot-all-transition"
    let kind = RuleKind.time
    let explanation = "The transitions on both sides of a shot take all of its time: it is never seen without another one over it."
    let wrong = """
        shot for 4s { background black }
        transition dissolve 1s
        shot for 2s { background gray }
        transition dissolve 1s
        shot for 4s { background white }
        """
    let right = """
        shot for 4s { background black }
        transition dissolve 0.5s
        shot for 2s { background gray }
        transition dissolve 0.5s
        shot for 4s { background white }
        """
    let nearMiss = """
        shot for 4s { background black }
        transition dissolve 1s
        shot for 2s { background white }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        var taken = Array(repeating: Rational.zero, count: timeline.shots.count)
        var count = Array(repeating: 0, count: timeline.shots.count)
        for transition in timeline.transitions {
            for index in [transition.from, transition.to] where taken.indices.contains(index) {
                taken[index] = taken[index] + transition.range.duration
                count[index] += 1
            }
        }
        return timeline.shots.indices.filter { count[$0] == 2 && taken[$0] >= timeline.shots[$0].range.duration }.map { index in
            let shot = timeline.shots[index]
            return warning("its transitions take \(Words.seconds(taken[index])) of the \(Words.seconds(shot.range.duration)) of this shot", shot.shot.place, help: "shorten the transitions")
        }
    }
}
