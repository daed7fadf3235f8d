// What must hold for any bytes: the laws of lexer, parser, formatter and fixes.
import Diagnostics
import Foundation
import SceneLint
import SceneModel
import SceneSyntax

/// One part of the language under the fuzzer. A broken law ends the process, and libFuzzer keeps the text.
enum FuzzTarget: String, CaseIterable {
    case lexer, parser, formatter, fixes

    func check(_ bytes: [UInt8]) {
        switch self {
        case .lexer: Self.lexer(bytes)
        case .parser: Self.parser(bytes)
        case .formatter: Self.formatter(bytes)
        case .fixes: Self.fixes(bytes)
        }
    }

    private static func law(_ holds: Bool, _ what: @autoclosure () -> String) {
        guard !holds else { return }
        FileHandle.standardError.write(Data("broken law: \(what())\n".utf8))
        abort()
    }

    /// Tokens hold every byte once, each of them at least one.
    private static func lexer(_ bytes: [UInt8]) {
        let tokens = Lexer.tokens(of: bytes)
        var end = 0
        for token in tokens {
            law(token.range.start == end, "a token begins at \(token.range.start), the one before it ends at \(end)")
            law(token.kind == .endOfFile || !token.range.isEmpty, "an empty token at \(end)")
            end = token.range.end
        }
        law(end == bytes.count && tokens.last?.kind == .endOfFile, "the tokens end at \(end) of \(bytes.count)")
    }

    /// The tree gives the text again, its parts lie inside each other, and the work grows with the text.
    private static func parser(_ bytes: [UInt8]) {
        let tree = Parser.parse(SourceFile(path: "fuzz.scene", bytes: bytes))
        law(tree.bytes == bytes, "the tree is not the text")
        law(tree.steps <= 16 * (bytes.count + 4), "\(tree.steps) steps for \(bytes.count) bytes")
        for finding in tree.diagnostics { inside(finding, bytes.count) }
        nested(tree.clauses, TextRange(0, bytes.count), depth: 0)
        _ = PrettyReporter(useColor: false).report(Array(tree.diagnostics.prefix(20)))
    }
    private static func inside(_ finding: Diagnostic, _ count: Int) {
        for label in [finding.primary] + finding.labels { law(label.range.start >= 0 && label.range.end <= count, "\(finding.id) lies outside the text") }
        for edit in finding.fix?.edits ?? [] { law(edit.range.start >= 0 && edit.range.end <= count, "a fix of \(finding.id) lies outside the text") }
    }
    private static func nested(_ clauses: [Clause], _ outer: TextRange, depth: Int) {
        law(depth <= Parser.maximumDepth + 1, "blocks \(depth) deep")
        for clause in clauses {
            law(outer.start <= clause.range.start && clause.range.end <= outer.end, "`\(clause.word)` lies outside its block")
            for argument in clause.arguments { law(clause.range.start <= argument.range.start && argument.range.end <= clause.range.end, "an argument of `\(clause.word)` lies outside it") }
            if let block = clause.block { nested(block.clauses, block.range, depth: depth + 1) }
        }
    }

    /// The layout is one, keeps the comments and says the same.
    private static func formatter(_ bytes: [UInt8]) {
        let before = Parser.parse(SourceFile(path: "fuzz.scene", bytes: bytes))
        guard let once = Formatter.format(before) else {
            return law(before.diagnostics.contains { $0.severity == .error }, "a text without mistakes is refused")
        }
        let after = Parser.parse(SourceFile(path: "fuzz.scene", text: once))
        law(after.diagnostics.isEmpty, "the layout has mistakes:\n\(once)")
        law(Formatter.haveSameMeaning(before, after), "the layout says something else:\n\(once)")
        law(words(before) == words(after), "comments are lost:\n\(once)")
        law(Formatter.format(after) == once, "the layout of the layout is another:\n\(once)")
    }
    /// Comments without the space around their lines.
    private static func words(_ tree: SyntaxTree) -> [String] {
        tree.comments.map { tree.file.text($0.range).split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    /// Mending ends, brings no finding and leaves the film as it was, unless a rule says that its fix changes it.
    private static func fixes(_ bytes: [UInt8]) {
        guard bytes.count <= 4096, let text = String(validating: bytes, as: UTF8.self) else { return }
        func load(_ text: String) -> SceneLoader.Result { SceneLoader.load(path: "fuzz.scene", text: text, resolver: SealedDisk()) }
        let before = load(text), old = SceneLinter.findings(before)
        for finding in old where finding.primary.file.path == "fuzz.scene" { inside(finding, bytes.count) }
        law((before.timeline == nil) == before.hasErrors, "a film beside errors, or neither")
        guard old.contains(where: { $0.fix != nil }) else { return }
        var fixer = Fixer(includesUnsafe: bytes.count % 2 == 0, load: load)
        let outcome = fixer.run(text)
        let after = load(outcome.text), found = SceneLinter.findings(after)
        guard let film = before.timeline else {
            law(errors(found) <= errors(old), "mending brings errors:\n\(outcome.text)")
            return
        }
        let counts = count(old)
        for (id, number) in count(found) { law(number <= counts[id] ?? 0, "mending brings \(id):\n\(outcome.text)") }
        guard let mended = after.timeline else { return law(false, "mending breaks the film:\n\(outcome.text)") }
        let changes = outcome.applied.contains { applied in RuleRegistry.rules.contains { $0.id == applied.id && $0.fixChangesFilm } }
        law(changes || TimelineDigest.text(mended) == TimelineDigest.text(film), "mending changes the film: \(outcome.applied.map(\.id))\n\(outcome.text)")
    }
    private static func errors(_ findings: [Diagnostic]) -> Int { findings.count { $0.severity == .error } }
    private static func count(_ findings: [Diagnostic]) -> [String: Int] { findings.reduce(into: [:]) { $0[$1.id, default: 0] += 1 } }
}
