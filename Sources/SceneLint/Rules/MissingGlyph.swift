// A letter that no font can draw.
import Diagnostics
import SceneModel

struct MissingGlyph: LintRule {
    let id = "missing-glyph"
    let kind = RuleKind.media
    let explanation = "Neither the font of a title nor any other font of the system has one of its characters: an empty box is drawn."
    let wrong = """
        shot for 2s { background black ; title "Snow \\u{2603}" }
        """
    let right = """
        shot for 2s { background black ; title "Snow" }
        """
    let nearMiss = """
        shot for 2s { background black ; title "Schnée" }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        var asked: [String: [Character]] = [:]
        return context.document.shots.flatMap(\.layers).compactMap { layer in
            guard case .title(let title) = layer.content else { return nil }
            let text = title.text + (title.subtitle ?? "")
            let key = "\(String(describing: title.style.font))\n\(text)"
            let missing = asked[key] ?? context.resolver.missingCharacters(in: text, font: title.style.font)
            asked[key] = missing
            guard !missing.isEmpty else { return nil }
            let names = missing.prefix(8).map { character in "`\(character)` (" + character.unicodeScalars.map { "U+" + String($0.value, radix: 16, uppercase: true) }.joined(separator: " ") + ")" }
            return warning("no font has \(names.joined(separator: ", "))", layer.place, help: "install a font that has it, or name one with a `font` asset")
        }
    }
}
