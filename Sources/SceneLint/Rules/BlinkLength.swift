// Blinks that are too short or too long.
import Base
import Diagnostics
import SceneModel

struct BlinkLength: LintRule {
    let id = "blink-length"
    let kind = RuleKind.time
    let explanation = "A blink of a person lasts 0.1 to 0.4 seconds. Shorter ones fall between two frames, longer ones look sleepy."
    let wrong = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 4s lasting 900ms } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 4s lasting 160ms } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { blinks every 4s lasting 400ms } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let rate = context.document.scene.rate.value ?? context.timeline?.rate ?? FrameRate(25)
        return BlinkWalk.every(context.document).compactMap { _, _, lasting in
            guard let lasting, let length = lasting.constant(at: rate), length < Rational(1, 10) || length > Rational(2, 5) else { return nil }
            return warning("a blink of \(Words.seconds(length)) looks \(length < Rational(1, 10) ? "like a flicker" : "sleepy")", lasting.place, help: "100ms to 400ms look natural")
        }
    }
}

/// Blinks that come again and again, each clause once.
enum BlinkWalk {
    static func every(_ document: SceneDocument) -> [(every: TimeExpression, tolerance: TimeExpression?, lasting: TimeExpression?)] {
        var seen: Set<Int> = []
        return MotionWalk.all(document).compactMap { found in
            guard case .blinks(let every, let tolerance, let lasting, _) = found.source, every.place.file === document.file, seen.insert(every.place.range.start).inserted else { return nil }
            return (every, tolerance, lasting)
        }
    }
}
