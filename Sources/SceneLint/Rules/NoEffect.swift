// A clause that changes nothing.
import Base
import Diagnostics
import SceneModel
import SceneSyntax

struct NoEffect: LintRule {
    let id = "no-effect"
    let kind = RuleKind.file
    let explanation = "The clause sets what would be there without it: a gain of 0dB, a speed of 1. It makes the reader look for an effect that is not there."
    let wrong = """
        video ceo = "ceo.mp4"
        shot { footage ceo { speed 1 ; fit cover } }
        """
    let right = """
        video ceo = "ceo.mp4"
        shot { footage ceo { fit cover } }
        """
    let nearMiss = """
        video ceo = "ceo.mp4"
        shot { footage ceo { speed 1.5 } }
        """

    private static let neutral: [String: Double] = ["speed": 1, "gain": 0, "opacity": 1, "blur": 0, "tune": 0, "scale": 1]

    func check(_ context: LintContext) -> [Diagnostic] {
        context.clauses.enumerated().compactMap { index, written in
            let clause = written.clause
            guard let neutral = Self.neutral[clause.word], clause.arguments.count == 1, clause.block == nil, !clause.isBroken, written.context != .file else { return nil }
            switch clause.arguments[0].value {
            case .number(let value), .quantity(let value, _): guard value.doubleValue == neutral else { return nil }
            default: return nil
            }
            return note("`\(clause.word)` changes nothing here", Place(context.document.file, clause.headRange), help: "remove it",
                        fix: context.removal(of: index).map { Fix("remove the clause", edits: [$0]) })
        }
    }
}
