// Applies the fixes of findings until nothing is left, and sees that they do no harm.
import Diagnostics
import SceneModel
import SceneSyntax

/// Mends one scene file.
///
/// A round takes all fixes that do not touch each other, applies them and looks at the scene again. What the round made is
/// kept only where it is better: each fix has mended its finding, no kind of finding has become more frequent, no error has come in
/// place of another, and, unless a rule says that its fix changes the film, the compiled timeline is what it was. Where a round
/// fails, its halves are tried, down to single fixes.
package struct Fixer {
    package struct Outcome: Sendable {
        /// The mended text.
        package var text: String
        /// Titles of what was applied, with their ids, in the order in which it was done.
        package var applied: [(id: String, title: String)]
        /// Findings of the mended text.
        package var findings: [Diagnostic]
        /// Fixes that would have done harm and were left.
        package var refused: Int
    }

    private let includesUnsafe: Bool
    private let ids: (String) -> Bool
    private let load: (String) -> SceneLoader.Result
    private let rules: [any LintRule]
    private var looks = 0
    /// Rounds, and looks at the scene: both end, whatever the fixes do.
    private static let rounds = 24
    private static let mostLooks = 160

    /// `load` reads and places a text as the file would be; `ids` says which findings may be mended, `rules` who speaks.
    package init(includesUnsafe: Bool, ids: @escaping (String) -> Bool = { _ in true }, rules: [any LintRule] = RuleRegistry.rules, load: @escaping (String) -> SceneLoader.Result) {
        self.includesUnsafe = includesUnsafe
        self.ids = ids
        self.load = load
        self.rules = rules
    }

    /// A text as it was looked at.
    private struct State {
        var text: String
        var result: SceneLoader.Result
        var findings: [Diagnostic]
        var digest: String?
    }
    private struct Candidate {
        var id: String
        var fix: Fix
        var changesFilm: Bool
        var mendsError: Bool
    }

    package mutating func run(_ text: String) -> Outcome {
        var state = look(text)
        var applied: [(String, String)] = []
        var refused: Set<Fix> = []
        for _ in 0..<Self.rounds {
            let candidates = candidates(state, without: refused)
            guard !candidates.isEmpty, looks < Self.mostLooks else { break }
            let before = applied.count
            attempt(candidates, &state, &applied, &refused)
            // Places have moved: what was refused is refused at its old place only.
            if applied.count > before { refused = [] } else if looks >= Self.mostLooks { break }
        }
        return Outcome(text: state.text, applied: applied, findings: state.findings, refused: candidates(state, without: []).count)
    }

    private mutating func look(_ text: String) -> State {
        looks += 1
        let result = load(text)
        return State(text: text, result: result, findings: SceneLinter.findings(result, rules: rules), digest: result.timeline.map(TimelineDigest.text))
    }

    /// Fixes of this file that may be applied, in the order of the text, none touching another. `refused` ones stand in nobody's way.
    private func candidates(_ state: State, without refused: Set<Fix>) -> [Candidate] {
        guard let file = state.result.document?.file else { return [] }
        var end = -1
        var result: [Candidate] = []
        var found: [(id: String, fix: Fix, span: TextRange, isError: Bool)] = []
        for finding in state.findings where finding.primary.file === file && ids(finding.id) {
            guard let fix = finding.fix, !refused.contains(fix), includesUnsafe || fix.applicability == .safe, let span = Self.span(fix) else { continue }
            found.append((finding.id, fix, span, finding.severity == .error))
        }
        found.sort { ($0.span.start, $0.span.end) < ($1.span.start, $1.span.end) }
        for (id, fix, span, isError) in found where span.start > end && span.end <= file.bytes.count {
            result.append(Candidate(id: id, fix: fix, changesFilm: rules.first { $0.id == id }?.fixChangesFilm ?? false, mendsError: isError))
            end = span.end
        }
        return result
    }
    /// From the first to the last byte that a fix touches; nil for one whose edits touch each other.
    private static func span(_ fix: Fix) -> TextRange? {
        let edits = fix.edits.sorted { $0.range.start < $1.range.start }
        guard let first = edits.first, let last = edits.last, zip(edits, edits.dropFirst()).allSatisfy({ $0.range.end <= $1.range.start }) else { return nil }
        return TextRange(first.range.start, last.range.end)
    }

    /// Applies what does good; halves what does not. Places of later fixes stay right, because later ones are tried first.
    private mutating func attempt(_ candidates: [Candidate], _ state: inout State, _ applied: inout [(String, String)], _ refused: inout Set<Fix>) {
        guard looks < Self.mostLooks else { return }
        let next = look(Self.apply(candidates.map(\.fix), to: state.text))
        if isBetter(next, than: state, candidates) {
            applied += candidates.map { ($0.id, $0.fix.title) }
            state = next
        } else if candidates.count == 1 {
            refused.insert(candidates[0].fix)
        } else {
            let middle = candidates.count / 2
            attempt(Array(candidates[middle...]), &state, &applied, &refused)
            attempt(Array(candidates[..<middle]), &state, &applied, &refused)
        }
    }

    private func isBetter(_ next: State, than old: State, _ candidates: [Candidate]) -> Bool {
        guard eachMends(next, old, candidates) else { return false }
        guard let before = old.digest else {
            // With errors, rules are silent and phases stop early: what comes to light now was there before. Fewer errors are better.
            // Each mended error has to be gone, and none may have come in its place.
            let mended = candidates.count { $0.mendsError }
            let (errors, before) = (Self.counts(next.findings.filter { $0.severity == .error }), Self.counts(old.findings.filter { $0.severity == .error }))
            guard errors.allSatisfy({ $0.value <= before[$0.key] ?? 0 }) else { return false }
            let (left, were) = (errors.values.reduce(0, +), before.values.reduce(0, +))
            return left <= were - mended && (mended > 0 || next.findings.count < old.findings.count)
        }
        guard let after = next.digest, candidates.contains(where: \.changesFilm) || after == before else { return false }
        let counts = Self.counts(old.findings)
        return Self.counts(next.findings).allSatisfy { $0.value <= counts[$0.key] ?? 0 } && next.findings.count < old.findings.count
    }
    /// Of each kind as many findings are gone as there were fixes of it: no fix rides along with the good that others do.
    private func eachMends(_ next: State, _ old: State, _ candidates: [Candidate]) -> Bool {
        let (after, before) = (Self.counts(next.findings), Self.counts(old.findings))
        return Dictionary(grouping: candidates, by: \.id).allSatisfy { after[$0.key] ?? 0 <= (before[$0.key] ?? 0) - $0.value.count }
    }
    private static func counts(_ findings: [Diagnostic]) -> [String: Int] {
        findings.reduce(into: [:]) { $0[$1.id, default: 0] += 1 }
    }

    /// A text with all edits of some fixes, which do not touch each other.
    package static func apply(_ fixes: [Fix], to text: String) -> String {
        var bytes = Array(text.utf8)
        for edit in fixes.flatMap(\.edits).sorted(by: { $0.range.start > $1.range.start }) where edit.range.end <= bytes.count {
            bytes.replaceSubrange(edit.range.start..<edit.range.end, with: Array(edit.replacement.utf8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
