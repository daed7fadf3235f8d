// Words that were in use once and have been given up.
import Diagnostics
import SceneModel
import SceneSyntax

struct Deprecated: LintRule {
    let id = "deprecated"
    let kind = RuleKind.file
    let explanation = """
        The word comes from older lists and has been given up: FFmpeg keeps `yuvj420p` only for old programs, since the range of the levels is said apart from \
        the layout (`studio` writes the usual range and says so), and three codes of languages were retired in 2008. Newer players read them wrongly or not at all.
        """
    let wrong = """
        shot for 1s { background black }
        output "a.mp4" { video h264 pixel yuvj420p }
        """
    let right = """
        shot for 1s { background black }
        output "a.mp4" { video h264 pixel yuv420p }
        """
    let nearMiss = """
        shot for 1s { background black }
        output "a.mp4" { metadata pixel "yuvj420p" }
        """
    let fixChangesFilm = true

    /// What is written in a clause of an output, and what took its place.
    private struct Retired {
        var clause: String
        /// The word before it; nil: any.
        var behind: String?
        var word: String
        var now: String
        var reason: String
    }
    private static let retired = [("yuvj420p", "yuv420p"), ("yuvj422p", "yuv422p"), ("yuvj444p", "yuv444p")].map {
        Retired(clause: "video", behind: "pixel", word: $0.0, now: $0.1, reason: "a pixel format of old programs")
    } + [("scr", "hrv"), ("scc", "srp"), ("mol", "ron")].map {
        Retired(clause: "language", behind: nil, word: $0.0, now: $0.1, reason: "a code of ISO 639-2 that was retired")
    }

    func check(_ context: LintContext) -> [Diagnostic] {
        context.clauses.filter { $0.context == .output }.flatMap { written -> [Diagnostic] in
            let words = written.clause.arguments
            return words.indices.compactMap { index in
                guard let old = Self.retired.first(where: { $0.clause == written.clause.word && $0.word == words[index].word && ($0.behind == nil || (index > 0 && words[index - 1].word == $0.behind)) }) else { return nil }
                return warning("`\(old.word)` is \(old.reason)", Place(context.document.file, words[index].range), help: "write `\(old.now)`",
                               fix: Fix("write `\(old.now)` (this changes the film)", edits: [TextEdit(words[index].range, old.now)], applicability: .unsafe))
            }
        }
    }
}
