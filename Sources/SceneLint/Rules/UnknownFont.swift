// A font that this system does not have.
import Diagnostics
import SceneModel
import SceneSyntax

struct UnknownFont: LintRule {
    let id = "unknown-font"
    let kind = RuleKind.media
    let explanation = "The font family is not installed here: another one is drawn in its place, and lines may break elsewhere. A `font` asset travels with the scene."
    let wrong = """
        shot for 2s { background black ; title "Hello" { font "Nosuchfont" } }
        """
    let right = """
        font brand = "brand.ttf"
        shot for 2s { background black ; title "Hello" { font brand } }
        """
    let nearMiss = """
        shot for 2s { background black ; title "Hello" { font "Inter" } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        var asked: [String: Bool] = [:]
        return context.clauses.filter { $0.clause.word == "font" && [.title, .captions, .style].contains($0.context) }.compactMap { written in
            guard let argument = written.clause.arguments.first, case .string(let parts) = argument.value, case .text(let family)? = parts.first, parts.count == 1 else { return nil }
            let known = asked[family] ?? context.resolver.hasFontFamily(family)
            asked[family] = known
            return known ? nil : warning("there is no font `\(family)` on this system", Place(context.document.file, argument.range), help: "declare its file: `font NAME = \"…\"`")
        }
    }
}
