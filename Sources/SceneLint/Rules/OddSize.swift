// A picture with an odd side.
import Diagnostics
import SceneModel
import SceneSyntax

struct OddSize: LintRule {
    let id = "odd-size"
    let kind = RuleKind.file
    let explanation = "Nearly all codecs store colour for two by two pixels: a film with an odd width or height loses a row or a column of pixels."
    let wrong = """
        scene { size 1279x720 }
        shot for 1s { background black }
        """
    let right = """
        scene { size 1280x720 }
        shot for 1s { background black }
        """
    let nearMiss = """
        scene { size 1279x720 }
        shot for 1s { background black }
        output "frames/%05d.png"
        """
    let fixChangesFilm = true

    func check(_ context: LintContext) -> [Diagnostic] {
        let document = context.document
        let sizes = context.clauses.filter { $0.clause.word == "size" && ($0.context == .scene || $0.context == .output) }
        // Pictures keep every pixel.
        let isFilm = document.outputs.contains { !$0.path.contains("%") && $0.size == nil }
        return sizes.compactMap { written in
            guard let argument = written.clause.arguments.first, case .size(let width, let height) = argument.value, width % 2 + height % 2 > 0 else { return nil }
            if written.context == .scene, !isFilm { return nil }
            if written.context == .output, let parent = written.parent, case .string(let parts)? = context.clauses[parent].clause.arguments.first?.value,
               parts.contains(where: { if case .text(let text) = $0 { text.contains("%") } else { false } }) { return nil }
            let even = "\(width + width % 2)x\(height + height % 2)"
            return warning("\(width)x\(height) has an odd side, which films lose", Place(document.file, argument.range), help: "write `\(even)`",
                           fix: Fix("write `\(even)` (this changes the film)", edits: [TextEdit(argument.range, even)], applicability: .unsafe))
        }
    }
}
