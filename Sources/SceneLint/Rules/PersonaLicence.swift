// A persona without a licence.
import Diagnostics
import SceneModel

struct PersonaLicence: LintRule {
    let id = "persona-licence"
    let kind = RuleKind.media
    let explanation = "The package of the persona does not say under which licence it may be used. A film with it cannot be shown safely."
    let wrong = """
        persona nova = "without-licence.persona"
        shot for 4s { actor nova }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { actor nova }
        """
    let nearMiss = """
        // studio:allow persona-licence it is our own, the papers are signed
        persona nova = "without-licence.persona"
        shot for 4s { actor nova }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.ownAssets.compactMap { asset in
            guard let licence = asset.facts?.persona?.licence, licence.allSatisfy(\.isWhitespace) else { return nil }
            return warning("`\(asset.name)` does not say under which licence it may be used", asset.pathPlace, help: "ask whoever made it; the package's manifest holds it")
        }
    }
}
