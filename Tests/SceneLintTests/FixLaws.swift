// The laws of fixes as one function, and rules that break them: a law that no rule can break would hold nothing.
import Diagnostics
import SceneLint
import SceneModel
import SceneSyntax

enum FixLaw: String, CaseIterable {
    /// Mending what was mended does nothing.
    case ends
    /// No kind of finding is there more often than before.
    case bringsNothing
    /// The placed scene is what it was, unless a rule that was applied says otherwise.
    case keepsTheFilm
    /// A scene with errors has no more of them, and one without has none.
    case bringsNoError

    /// A mended text, and the ids whose fixes were applied.
    typealias Mended = (text: String, applied: [String])

    /// What the fixer makes of a text.
    static func mend(_ text: String, unsafe: Bool, rules: [any LintRule] = RuleRegistry.rules) -> Mended {
        var fixer = Fixer(includesUnsafe: unsafe, rules: rules) { load($0) }
        let outcome = fixer.run(text)
        return (outcome.text, outcome.applied.map(\.id))
    }

    /// The laws that mending a text breaks.
    static func broken(_ text: String, rules: [any LintRule] = RuleRegistry.rules, mend: (String) -> Mended) -> Set<FixLaw> {
        var broken: Set<FixLaw> = []
        let before = load(text), old = SceneLinter.findings(before, rules: rules)
        let outcome = mend(text)
        let after = load(outcome.text), new = SceneLinter.findings(after, rules: rules)
        if !mend(outcome.text).applied.isEmpty { broken.insert(.ends) }
        guard let film = before.timeline else {
            if errors(new) > errors(old) { broken.insert(.bringsNoError) }
            return broken
        }
        let were = counts(old)
        if counts(new).contains(where: { $0.value > were[$0.key] ?? 0 }) { broken.insert(.bringsNothing) }
        guard let mended = after.timeline else { return broken.union([.bringsNoError]) }
        let mayChange = rules.contains { $0.fixChangesFilm && outcome.applied.contains($0.id) }
        if !mayChange, TimelineDigest.text(mended) != TimelineDigest.text(film) { broken.insert(.keepsTheFilm) }
        return broken
    }
    private static func errors(_ findings: [Diagnostic]) -> Int { findings.count { $0.severity == .error } }
    private static func counts(_ findings: [Diagnostic]) -> [String: Int] { findings.reduce(into: [:]) { $0[$1.id, default: 0] += 1 } }

    /// A fixer without a guard: applies the first fix of a rule, again and again, at most thirty times.
    static func mendBlindly(_ text: String, rule: any LintRule) -> Mended {
        var outcome: Mended = (text, [])
        for _ in 0..<30 {
            guard let finding = SceneLinter.findings(load(outcome.text), rules: [rule]).first(where: { $0.id == rule.id && $0.fix != nil }), let fix = finding.fix else { break }
            outcome.text = Fixer.apply([fix], to: outcome.text)
            outcome.applied.append(finding.id)
        }
        return outcome
    }
}

/// A rule whose fix does harm: it says of itself that it does not.
struct HarmfulRule: LintRule {
    enum Harm: String, CaseIterable { case newFinding, otherFilm, newError, noEnd, toAndFro }
    var harm: Harm
    var id: String { "harmful-" + harm.rawValue.lowercased() }
    let kind = RuleKind.file
    let explanation = "A test double."
    let wrong = "", right = "", nearMiss = ""

    /// The law that its fix breaks where nobody looks.
    var law: FixLaw {
        switch harm {
        case .newFinding: .bringsNothing
        case .otherFilm: .keepsTheFilm
        case .newError: .bringsNoError
        case .noEnd, .toAndFro: .ends
        }
    }

    func check(_ context: LintContext) -> [Diagnostic] {
        let file = context.document.file
        guard let shot = context.document.shots.first else { return [] }
        func speak(_ range: TextRange, _ replacement: String, _ applicability: Fix.Applicability = .safe) -> [Diagnostic] {
            [Diagnostic(id, .warning, "a test double speaks", at: Label(file, shot.place.range), fix: Fix("do harm", edits: [TextEdit(range, replacement)], applicability: applicability))]
        }
        let end = file.bytes.count, text = file.text
        func range(of word: String) -> TextRange? {
            guard let found = text.range(of: word) else { return nil }
            let start = text.utf8.distance(from: text.startIndex, to: found.lowerBound)
            return TextRange(start, start + word.utf8.count)
        }
        switch harm {
        case .newFinding: return text.contains("leftover") ? [] : speak(TextRange(end, end), "\ncurve leftover { at 0s 0 ; at 1s 1 }\n")
        case .otherFilm: return range(of: "for 2s").map { speak($0, "for 3s") } ?? []
        case .newError: return range(of: "black").map { speak($0, "blakc") } ?? []
        case .noEnd: return speak(TextRange(end, end), "\n// once more\n")
        case .toAndFro: return (range(of: "2s") ?? range(of: "2000ms")).map { speak($0, text.contains("2s") ? "2000ms" : "2s") } ?? []
        }
    }
}
