// Every rule speaks on its wrong example and is silent on its right one; allows silence once.
import Diagnostics
import Foundation
import SceneLint
import SceneModel
import Testing
import TestSupport

@Suite struct SceneLintTests {
    private func ids(_ text: String) -> [String] { SceneLinter.findings(load(text)).map(\.id) }

    @Test(arguments: 0..<RuleRegistry.rules.count) func examplesAreTrue(index: Int) {
        let rule = RuleRegistry.rules[index]
        #expect(ids(rule.wrong) == [rule.id], "\(rule.id): \(ids(rule.wrong))")
        #expect(ids(rule.right).isEmpty, "\(rule.id): \(ids(rule.right))")
        #expect(ids(rule.nearMiss).isEmpty, "\(rule.id): \(ids(rule.nearMiss))")
        #expect(Set([rule.wrong, rule.right, rule.nearMiss]).count == 3, "\(rule.id)")
        for part in [rule.explanation, rule.wrong, rule.right, rule.nearMiss] { #expect(Explanation.text(rule.id)?.contains(part) == true, "\(rule.id)") }
    }

    @Test func everyFileOfTheRulesFolderIsRegistered() throws {
        let folder = SharedFolder.projectRoot + "/Sources/SceneLint/Rules"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(6)) }
        let registered = RuleRegistry.rules.map { "\(type(of: $0))" }
        #expect(files.sorted() == registered.sorted())
        #expect(registered.count >= 45)
        for kind in RuleKind.allCases { #expect(RuleRegistry.rules.contains { $0.kind == kind }) }
    }

    @Test func onlyWhatForetellsAFailedRenderIsAnError() {
        let errors = RuleRegistry.rules.filter { rule in SceneLinter.findings(load(rule.wrong)).contains { $0.severity == .error } }.map(\.id)
        #expect(Set(errors) == ["codec-container", "duplicate-output", "dub-overlap", "no-picture", "no-plate", "no-sound", "no-such-channel", "output-beyond-end", "output-over-input"])
    }

    @Test func allowsSilenceOneWarning() {
        let wrong = "// studio:allow unused-name kept for the next film\ncurve soft { at 0s 0 ; at 1s 1 }\nshot for 1s { background black }"
        #expect(ids(wrong).isEmpty)
        #expect(ids("// studio:allow unused-name no such thing\nshot for 1s { background black }") == ["unused-allow"])
        #expect(ids("// studio:allow unused-nam it is a test\nshot for 1s { background black }") == ["unknown-allow"])
        #expect(ids("// studio:allow unused-name\ncurve soft { at 0s 0 ; at 1s 1 }\nshot for 1s { background black }").sorted() == ["allow-without-reason", "unused-name"])
    }

    @Test func enginesThatAreNotBuiltAreNamed() throws {
        let scene = """
        persona nova = "nova.persona"
        audio a = "a.wav"
        video ceo = "ceo.mp4"
        shot one { actor nova { speaks a ; performs seed 3 } }
        shot two { footage ceo { dub a at 1s } }
        """
        let document = try #require(load(scene).document)
        let findings = EngineCheck.findings(document)
        #expect(findings.map(\.id) == ["engine-not-built", "engine-not-built"])
        #expect(EngineCheck.findings(document, available: .init(lipDub: true, performance: true)).isEmpty)
    }
}

@Suite struct ExplanationTests {
    @Test(arguments: 0..<Explanation.entries.count) func examplesAreTrue(index: Int) {
        let entry = Explanation.entries[index]
        let right = SceneLinter.findings(load(entry.right))
        #expect(right.isEmpty, "\(entry.id): \(ShortReporter().report(right))")
        guard let wrong = entry.wrong else { return }
        let findings = SceneLinter.findings(load(wrong))
        if entry.id == "allow-without-reason" { return }
        #expect(findings.filter { $0.severity == .error || $0.id == entry.id }.map(\.id) == [entry.id], "\(entry.id): \(ShortReporter().report(findings))")
    }

    @Test func idsAreUnique() {
        #expect(Set(Explanation.ids).count == Explanation.ids.count)
        #expect(Explanation.text("no-such-id") == nil)
    }
}
