// A language that players do not know.
import Diagnostics
import SceneModel
import SceneSyntax

struct LanguageCode: LintRule {
    let id = "language-code"
    let kind = RuleKind.file
    let explanation = "Containers name the language of a sound track by three small letters (ISO 639-2): `fra`, `eng`, `deu`. Players show nothing for other words."
    let wrong = """
        shot for 1s { background black }
        output "a.mp4" { language en }
        """
    let right = """
        shot for 1s { background black }
        output "a.mp4" { language eng }
        """
    let nearMiss = """
        shot for 1s { background black }
        output "a.mp4" { metadata language "en" }
        """
    let fixChangesFilm = true

    private static let known = ["en": "eng", "fr": "fra", "de": "deu", "es": "spa", "it": "ita", "pt": "por", "nl": "nld", "sv": "swe", "da": "dan", "no": "nor",
                                "fi": "fin", "pl": "pol", "cs": "ces", "ru": "rus", "uk": "ukr", "tr": "tur", "ar": "ara", "he": "heb", "hi": "hin", "zh": "zho",
                                "ja": "jpn", "ko": "kor", "el": "ell", "hu": "hun", "ro": "ron"]

    func check(_ context: LintContext) -> [Diagnostic] {
        context.clauses.filter { $0.clause.word == "language" && $0.context == .output }.compactMap { written in
            guard let argument = written.clause.arguments.first, let word = argument.word else { return nil }
            if word.utf8.count == 3, word.allSatisfy({ $0.isASCII && $0.isLowercase }) { return nil }
            let mend = Self.known[word.lowercased()] ?? (word.utf8.count == 3 ? word.lowercased() : nil)
            return warning("`\(word)` is no language of three letters", Place(context.document.file, argument.range), help: mend.map { "write `\($0)`" } ?? "write `fra`, `eng`, `deu`, …",
                           fix: mend.map { Fix("write `\($0)` (this changes the film)", edits: [TextEdit(argument.range, $0)], applicability: .unsafe) })
        }
    }
}
