// A persona of somebody who was not asked.
import Diagnostics
import SceneModel

struct PersonaConsent: LintRule {
    let id = "persona-consent"
    let kind = RuleKind.media
    let explanation = "The package of the persona does not say that the person agreed to be rendered. Do not publish films of people who did not."
    let wrong = """
        persona guest = "without-consent.persona"
        shot for 4s { actor guest }
        """
    let right = """
        persona guest = "nova.persona"
        shot for 4s { actor guest }
        """
    let nearMiss = """
        // studio:allow persona-consent a test on our own recordings, never shown
        persona guest = "without-consent.persona"
        shot for 4s { actor guest }
        """

    private static let none: Set<String> = ["", "none", "unknown", "no", "-"]

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.ownAssets.compactMap { asset in
            guard let consent = asset.facts?.persona?.consent else { return nil }
            let word = consent.lowercased().filter { !$0.isWhitespace }
            guard Self.none.contains(word) else { return nil }
            return warning("`\(asset.name)` does not say that the person agreed", asset.pathPlace, help: "ask them, and write it into the package's manifest")
        }
    }
}
