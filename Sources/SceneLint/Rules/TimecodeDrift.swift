// A time code that runs away from the clock.
import Base
import Diagnostics
import SceneModel
import SceneSyntax

struct TimecodeDrift: LintRule {
    let id = "timecode-drift"
    let kind = RuleKind.file
    let explanation = "At 23.976, 29.97 or 59.94 frames a second, a time code counts whole frames and not seconds: an hour of it lasts 3.6 seconds longer than an hour of the clock."
    let wrong = """
        scene { rate 30000/1001fps }
        shot for 00:01:00:00 { background black }
        """
    let right = """
        scene { rate 30000/1001fps }
        shot for 1:00 { background black }
        """
    let nearMiss = """
        scene { rate 30fps }
        shot for 00:01:00:00 { background black }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let document = context.document
        guard let rate = document.scene.rate.value, rate.framesPerSecond.denominator != 1 else { return [] }
        return context.clauses.flatMap { $0.clause.arguments }.compactMap { argument in
            guard case .duration(let literal) = argument.value, case .timecode(let seconds, _) = literal, seconds >= 10 else { return nil }
            return note("at \(rate) this time code is \(Words.number(literal.seconds(at: rate).doubleValue))s of the clock", Place(document.file, argument.range),
                        help: "write the time in seconds or minutes where the clock is meant")
        }
    }
}
