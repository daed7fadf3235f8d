// Rules on faces: which face is meant, and what the clauses on lost and turned faces make of a finding.
import Diagnostics
import SceneLint
import SceneModel
import Testing

@Suite struct FaceRuleTests {
    private func findings(_ file: String, _ body: String) -> [Diagnostic] {
        SceneLinter.findings(load("audio line = \"line.wav\"\nvideo ceo = \"\(file).mp4\"\nshot { footage ceo { \(body) } }\n"))
    }

    @Test func aLineOverAnEmptyRoomSaysSoOnce() {
        let found = findings("empty-room", "dub line at 1s")
        #expect(found.map(\.id) == ["faceless-stretch"] && found.first?.severity == .warning)
        #expect(found.first?.message == "a face is not seen anywhere under the line: the lips stay as they are there")
    }

    @Test func whatStopsTheRenderIsAnError() {
        #expect(findings("empty-room", "dub line at 1s ; when lost error").map(\.severity) == [.error])
        #expect(findings("profile", "dub line at 1s ; when turned error").map(\.severity) == [.error])
        #expect(findings("profile", "dub line at 1s ; when turned beyond 70deg error").isEmpty)
        #expect(findings("half-profile", "dub line at 1s ; when turned beyond 30deg keep").map(\.id) == ["face-turned-away"])
    }

    @Test func theFaceThatTheClauseMeansIsJudged() {
        // A small one at the left, a large one at the right.
        #expect(findings("two-faces", "dub line at 1s on face left").map(\.id) == ["face-too-small"])
        #expect(findings("two-faces", "dub line at 1s on face nearest 10% 40%").map(\.id) == ["face-too-small"])
        for choice in ["right", "largest", "nearest 80% 40%"] { #expect(findings("two-faces", "dub line at 1s on face \(choice)").isEmpty, "\(choice)") }
        // Which of two has a number is known only from the film's beginning.
        #expect(findings("two-faces", "dub line at 1s on face id 1").isEmpty && findings("two-faces", "dub line at 1s on face id 2").isEmpty)
        #expect(findings("far-face", "dub line at 1s on face id 2").map(\.id) == ["face-too-small"])
        let gone = findings("empty-room", "dub line at 1s on face id 2")
        #expect(gone.map(\.id) == ["faceless-stretch"] && gone.first?.message.hasPrefix("face 2 is not seen anywhere") == true)
        #expect(findings("near-face", "dub line at 1s ; face nearest 40% 30%").isEmpty)
    }

    @Test func aModelThatCannotBeReadIsANote() {
        let found = findings("broken-model", "dub line at 1s ; dub line at 7s")
        #expect(found.map(\.id) == ["no-face-model"] && found.first?.severity == .note && found.first?.message.contains("cut off") == true)
    }

    @Test func withoutALookNothingIsSaid() {
        #expect(findings("ceo", "dub line at 1s").isEmpty)
    }
}
