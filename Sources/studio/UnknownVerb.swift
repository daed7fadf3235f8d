// Verbs that are not there: mistyped ones, and those whose engines this version does not have.
import StudioKit

enum UnknownVerb {
    /// Verbs of the product whose engines are not built.
    private static let unbuilt = [
        "dub": "this version has no lip-dub engine: footage is not given another line yet",
        "lips": "this version has no lip-dub engine, and so no models for it",
    ]
    private static let advice = [
        "dub": "`studio new NAME --template dub` makes a scene with `dub`: it can be linted and planned, not rendered",
        "lips": "`studio faces` finds the faces that lines would be dubbed on",
    ]

    /// - Throws: `StudioFailure` where the first word of the command line is no verb.
    static func check(_ word: String?) throws {
        guard let word, !word.hasPrefix("-") else { return }
        let known = StudioCommand.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard !known.contains(word) else { return }
        if let reason = unbuilt[word] { throw StudioFailure(2, "\(word): \(reason)", advice: advice[word]) }
        if word.hasSuffix(".scene") { throw StudioFailure(2, "\(word) is a scene, not a verb", advice: "`studio render \(word)` renders it; `studio --help` lists the verbs") }
        throw StudioFailure(2, "there is no verb “\(word)”", advice: StudioFailure.nearest(word, known).map { "did you mean `studio \($0)`?" } ?? "`studio --help` lists the verbs")
    }
}
