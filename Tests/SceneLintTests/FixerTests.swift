// Laws of fixes over a made corpus: mending ends, never makes a new finding, and leaves the film as it was.
import Base
import Diagnostics
import Foundation
import SceneLint
import SceneModel
import SceneSyntax
import Testing

enum FixCorpus {
    /// Every example of every rule and finding.
    static let examples: [String] = RuleRegistry.rules.flatMap { [$0.wrong, $0.right, $0.nearMiss] } + Explanation.entries.flatMap { [$0.wrong, $0.right].compactMap { $0 } }

    /// A scene with flaws strewn in: some have fixes, some do not, some hide each other.
    static func scene(_ seed: Int) -> String {
        let random = SeededRandom(seed: UInt64(seed), stream: 70)
        var index: UInt64 = 0
        func draw(_ count: Int) -> Int {
            index += 1
            return random.integer(index, below: count)
        }
        func some(_ text: String) -> String { draw(3) == 0 ? text : "" }
        func one(_ texts: [String]) -> String { texts[draw(texts.count)] }
        let gap = one([" ; ", "\n    ", " ;", "   ;\n"])
        let times = (0..<(2 + draw(4))).map { "\($0 * 400 + draw(300))ms" }
        let keys = times.sorted { _, _ in draw(2) == 0 }.map { "at \($0) yaw \(draw(12))deg\(some(" pitch 2deg"))" }
        return """
        \(some("import \"cast.scene\" as cast\n"))\(some("// studio:allow unused-name kept for later\n"))\(some("// a note\n"))scene { \(one(["size 1280x720", "size 1279x719"]))\(gap)rate 30000/1001fps\(some(gap + "seed 3")) }
        \(some("// studio:allow blink-rate it was wanted once\n"))persona nova = "nova.persona"\(some(" { }"))
        audio hello = "hello.wav" {\(some(" gain 0dB ;")) to 4s\(some(" ; gain 0dB")) }
        video ceo = "ceo.mp4"\(some(" { }"))
        \(some("image loft = \"loft.png\"\n"))\(some("curve soft { at 1s 1 ; at 0s 0 } // trailing\n"))path glance {
            \(keys.joined(separator: one([" ; ", "\n    "])))
        }
        shot one {
            \(one(["background black", "background black { }", "background black { opacity 1 }", "background black { blur 0px\(gap)opacity 0.5 }"]))
            actor nova { speaks hello\(gap)pose glance\(some(gap + "opacity 1"))\(gap)blinks \(one(["every 4s", "every 4s ± 1s", "evry 4s"])) }
        }
        shot two {
            footage ceo { \(one(["speed 1", "speed 1 ; gain 0dB", "gain 0dB ; mute ; tune 0", "fit cover"])) }
            \(some("titel \"x\" { from 1s }\n"))\(one(["title \"Ann\" { from 1 to 3s }", "title \"Ann\" { from 1s to 3s }", "title \"Ann\" { from 1sec to 3s }"]))
        }
        output "a.mp4" { language \(one(["en", "eng"]))\(some(" ; provenance off")) }
        \(some("// studio:allow no-such-thing it is a test\n"))
        """
    }
}

@Suite struct FixerTests {
    private func findings(_ text: String) -> [Diagnostic] { SceneLinter.findings(load(text)) }
    /// The laws, for one text. Returns the ids whose fixes were applied.
    private func check(_ text: String, unsafe: Bool, _ name: String) -> Set<String> {
        var outcome: FixLaw.Mended?
        let broken = FixLaw.broken(text) { text in
            let made = FixLaw.mend(text, unsafe: unsafe)
            outcome = outcome ?? made
            return made
        }
        #expect(broken.isEmpty, "\(broken.map(\.rawValue).sorted()): \(name)\n\(text)\n=> \(outcome?.applied ?? [])\n\(outcome?.text ?? "")")
        return Set(outcome?.applied ?? [])
    }

    @Test func mendingTheExamplesKeepsTheLaws() {
        var applied: Set<String> = []
        for (index, text) in FixCorpus.examples.enumerated() {
            for unsafe in [false, true] { applied.formUnion(check(text, unsafe: unsafe, "example \(index)")) }
        }
        #expect(applied.isSuperset(of: ["unused-name", "unused-import", "keys-out-of-order", "no-effect", "empty-block", "unused-allow", "unknown-clause", "missing-unit", "unknown-name", "odd-size",
                                        "language-code", "provenance-off", "backslash-path", "unknown-unit", "unknown-color", "unknown-event"]), "\(applied.sorted())")
    }

    @Test func mendingMadeScenesKeepsTheLaws() {
        var applied: Set<String> = []
        for seed in 0..<120 { applied.formUnion(check(FixCorpus.scene(seed), unsafe: seed % 2 == 0, "seed \(seed)")) }
        #expect(applied.count >= 10, "\(applied.sorted())")
    }

    @Test func mendingBrokenScenesKeepsTheLaws() {
        let pieces = ["{", "}", "\n", ";", "\"", "// studio:allow x y\n", "/*", "1e300s", "speed 1", "gain 0dB", "{ }", "from 1", "0.5sec", "±", "evry"]
        for seed in 0..<60 {
            let random = SeededRandom(seed: UInt64(seed), stream: 72)
            var words = FixCorpus.scene(seed).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            for k in 0..<UInt64(1 + seed % 4) { words[random.integer(k * 2, below: words.count)] = pieces[random.integer(k * 2 + 1, below: pieces.count)] }
            _ = check(words.joined(separator: " "), unsafe: seed % 2 == 0, "seed \(seed)")
        }
    }

    @Test func mendingTwoExamplesAtOnceKeepsTheLaws() {
        for seed in 0..<100 {
            let random = SeededRandom(seed: UInt64(seed), stream: 71)
            let texts = (0..<2).map { FixCorpus.examples[random.integer(UInt64($0), below: FixCorpus.examples.count)] }
            _ = check(texts.joined(separator: "\n"), unsafe: seed % 2 == 0, "seed \(seed)")
        }
    }

    /// Rules that do harm: a fixer that looks at nothing breaks the law, ours refuses them, and mends what else there is.
    @Test(arguments: HarmfulRule.Harm.allCases) func theLawsCatchAFixThatDoesHarm(harm: HarmfulRule.Harm) {
        let rule = HarmfulRule(harm: harm)
        let rules: [any LintRule] = RuleRegistry.rules + [rule]
        let text = "shot for 2s { background black { opacity 1 } }\n"
        let blind = FixLaw.broken(text, rules: rules) { FixLaw.mendBlindly($0, rule: rule) }
        #expect(blind.contains(rule.law), "\(harm): \(blind)")
        let guarded = FixLaw.broken(text, rules: rules) { text in
            let outcome = FixLaw.mend(text, unsafe: true, rules: rules)
            #expect(!outcome.applied.contains(rule.id), "\(harm): \(outcome.applied)")
            #expect(!outcome.text.contains("opacity"), "\(outcome.text)")
            return outcome
        }
        #expect(guarded.isEmpty, "\(harm): \(guarded)")
    }

    /// Over the whole corpus of made scenes: a rule that changes the film is caught wherever it speaks.
    @Test func aHarmfulRuleAmongTheOthersIsCaughtInMadeScenes() {
        var caught: [HarmfulRule.Harm: Int] = [:]
        for seed in 0..<10 {
            for harm in HarmfulRule.Harm.allCases {
                let rule = HarmfulRule(harm: harm), text = FixCorpus.scene(seed) + "shot last for 2s { background black }\n"
                if FixLaw.broken(text, rules: RuleRegistry.rules + [rule], mend: { FixLaw.mendBlindly($0, rule: rule) }).contains(rule.law) { caught[harm, default: 0] += 1 }
            }
        }
        for harm in HarmfulRule.Harm.allCases { #expect(caught[harm, default: 0] > 0, "\(harm): \(caught)") }
    }

    /// Without the guard of the fixer: a rule's own fix is right by itself.
    @Test(arguments: 0..<RuleRegistry.rules.count) func oneFixMendsItsFinding(index: Int) {
        let rule = RuleRegistry.rules[index]
        let before = load(rule.wrong)
        guard let fix = SceneLinter.findings(before).first?.fix else { return }
        let mended = Fixer.apply([fix], to: rule.wrong)
        #expect(findings(mended).isEmpty, "\(rule.id)\n\(mended)\n\(ShortReporter().report(findings(mended)))")
        guard let timeline = before.timeline, let after = load(mended).timeline else { return }
        if !rule.fixChangesFilm { #expect(TimelineDigest.text(timeline) == TimelineDigest.text(after), "\(rule.id)") }
    }

    @Test func aFixThatDoesHarmIsRefused() {
        // Both are guesses; the second one would name a clause that stands there already.
        let text = "shot for 1s { background black ; backgruond white }\nscene { seed 1 ; sed 2 }\n"
        var fixer = Fixer(includesUnsafe: true) { load($0) }
        let outcome = fixer.run(text)
        #expect(outcome.applied.map(\.id) == ["unknown-clause"])
        #expect(outcome.text == "shot for 1s { background black ; background white }\nscene { seed 1 ; sed 2 }\n")
        #expect(outcome.refused == 1)
    }

    @Test func safeFixesLeaveGuessesAlone() {
        var fixer = Fixer(includesUnsafe: false) { load($0) }
        let outcome = fixer.run("shot for 2s { backgruond black { } }")
        #expect(outcome.applied.isEmpty && outcome.text == "shot for 2s { backgruond black { } }")
        var chosen = Fixer(includesUnsafe: false, ids: { $0 == "empty-block" }) { load($0) }
        #expect(chosen.run("video c = \"ceo.mp4\"\nshot { background black { } ; footage c { speed 1 } }").applied.map(\.id) == ["empty-block"])
    }

    @Test func theDigestSeesTheFilmAndNothingElse() throws {
        func digest(_ text: String) throws -> String { TimelineDigest.text(try #require(load(text).timeline, "\(ShortReporter().report(load(text).diagnostics))")) }
        let scene = TroubleTests.scene
        #expect(try digest(scene) == digest("// note\n" + scene.replacingOccurrences(of: " ; ", with: ";\n")))
        for (from, to) in [("yaw 14deg", "yaw 15deg"), ("seed 7", "seed 8"), ("-16LUFS", "-17LUFS"), ("nova.persona", "eva.persona"), ("lasting 160ms", "lasting 170ms"), ("gain -3dB", "gain -4dB"),
                           ("quality 80", "quality 81"), ("left-half", "right-half"), ("dissolve 12f", "dissolve 13f"), ("up to 6%", "up to 7%"), ("\"Hi\"", "\"Ho\""), ("beyond 50deg", "beyond 51deg")] {
            #expect(try digest(scene) != digest(scene.replacingOccurrences(of: from, with: to)), "\(from)")
        }
    }
}
