// Frames of a rate that nobody wrote down.
import Diagnostics
import SceneModel
import SceneSyntax

struct FramesWithoutRate: LintRule {
    let id = "frames-without-rate"
    let kind = RuleKind.file
    let explanation = "A time is written in frames, and the scene takes its rate from the first footage. With other footage the same frames last longer or shorter."
    let wrong = """
        video ceo = "ceo.mp4"
        shot { footage ceo ; title "Ann" { from 12f to 80f } }
        """
    let right = """
        scene { rate 30000/1001fps }
        video ceo = "ceo.mp4"
        shot { footage ceo ; title "Ann" { from 12f to 80f } }
        """
    let nearMiss = """
        shot for 2s { background black }
        transition dissolve 12f
        shot for 2s { background white }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let document = context.document
        let hasFootage = document.shots.contains { $0.layers.contains { if case .footage = $0.content { true } else { false } } }
        guard document.scene.rate.value == nil, document.scene.like == nil, hasFootage else { return [] }
        let first = context.clauses.lazy.flatMap { $0.clause.arguments }.first { argument in
            if case .duration(.frames) = argument.value { return true }
            if case .duration(.timecode) = argument.value { return true }
            return false
        }
        // Once a file: the mend is one line.
        return first.map { [warning("how long this is depends on the footage", Place(document.file, $0.range), help: "write the rate: `scene { rate 25fps }` or `scene { like VIDEO }`")] } ?? []
    }
}
