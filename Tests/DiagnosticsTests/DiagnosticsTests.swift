// Reporters, positions and suggestions.
import Diagnostics
import Foundation
import Testing

@Suite struct DiagnosticsTests {
    let file = SourceFile(path: "a.scene", text: "shot {\n\ttïtle 4 \u{1F600}\n}\r\n")

    private func finding(_ start: Int, _ end: Int, _ severity: Severity = .error) -> Diagnostic {
        Diagnostic("wrong-kind", severity, "a string was expected", at: Label(file, TextRange(start, end)), labels: [Label(file, TextRange(0, 4), "here")], help: "write \"…\"",
                   fix: Fix("quote it", edits: [TextEdit(TextRange(start, end), "\"4\"")]))
    }

    @Test func positionsCountCharacters() {
        #expect(file.position(of: 15) == file.position(of: 15))
        let place = file.position(of: 15)
        #expect(place.line == 2 && place.column == 8)
        #expect(file.lineText(2) == "\ttïtle 4 \u{1F600}")
        #expect(file.lineText(3) == "}")
        #expect(file.lineText(99).isEmpty)
        #expect(file.position(of: 10_000).line == 4)
    }

    @Test func thePrettyReportHasACaretUnderTheWord() {
        let lines = PrettyReporter(useColor: false).report(finding(15, 16)).split(separator: "\n").map(String.init)
        #expect(lines[0] == "error[wrong-kind]: a string was expected")
        #expect(lines[1].hasSuffix("a.scene:2:8"))
        // The label above stands first: a file is shown from its top to its bottom.
        let text = Array(lines[4]), caret = Array(lines[5])
        let column = caret.firstIndex(of: "^") ?? 0
        #expect(text.indices.contains(column) && text[column] == "4")
        #expect(lines.contains { $0.contains("---- here") })
        #expect(lines.contains { $0.contains("help: write") })
        #expect(!PrettyReporter(useColor: false).report(finding(15, 16)).contains("\u{1B}"))
        #expect(PrettyReporter(useColor: true).report(finding(15, 16)).contains("\u{1B}["))
    }

    @Test func labelsOfOneFileStandInOnePicture() {
        let file = SourceFile(path: "b.scene", text: "scene { seed 1 ; seed 2 }\n\nx\ny\ntitle \"漢字\" { 4 }\n"), other = SourceFile(path: "c.scene", text: "like a\n")
        let finding = Diagnostic("twice", .error, "said twice", at: Label(file, TextRange(17, 23), "again"),
                                 labels: [Label(file, TextRange(8, 14), "first here"), Label(file, TextRange(48, 49), "and four"), Label(other, TextRange(5, 6), "elsewhere")])
        #expect(PrettyReporter(useColor: false).report(finding) == """
        error[twice]: said twice
           --> b.scene:1:18
          1 | scene { seed 1 ; seed 2 }
            |         ------   ^^^^^^ again
            |         first here
          ...
          5 | title "漢字" { 4 }
            |                - and four
           --> c.scene:1:6
          1 | like a
            |      - elsewhere

        """)
        let inside = Diagnostic("in", .note, "one in the other", at: Label(file, TextRange(13, 14), "this"), labels: [Label(file, TextRange(8, 14), "of this")])
        let rows = PrettyReporter(useColor: false).report(inside).split(separator: "\n").suffix(2).map { $0.dropFirst(4) }
        #expect(rows == ["|              ^ this", "|         ------ of this"], "\(rows)")
    }

    @Test func theLastLineCounts() {
        let note = Diagnostic("n", .note, "m", at: Label(file, TextRange(0, 1)))
        #expect(FindingCount.words([]) == nil)
        #expect(FindingCount.words([note]) == "1 note")
        #expect(FindingCount.words([finding(15, 16), finding(3, 4), finding(0, 1, .warning), note]) == "2 errors, 1 warning and 1 note; --fix mends 3")
    }

    @Test func jsonIsVersionedAndComplete() throws {
        let text = try JSONReporter().report([finding(15, 16)])
        let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["version"] as? Int == 1)
        let first = try #require((object["diagnostics"] as? [[String: Any]])?.first)
        #expect(first["id"] as? String == "wrong-kind")
        let primary = try #require(first["primary"] as? [String: Any])
        #expect(primary["line"] as? Int == 2 && primary["column"] as? Int == 8 && primary["start"] as? Int == 15)
        #expect((first["fix"] as? [String: Any])?["applicability"] as? String == "safe")
    }

    @Test func aSecondErrorAtOnePlaceIsAnEcho() {
        var sink = DiagnosticSink()
        sink.report(finding(15, 16))
        sink.report(finding(15, 16))
        sink.report(finding(15, 16, .warning))
        sink.report(finding(3, 4))
        #expect(sink.diagnostics.count == 3)
        #expect(sink.inTextOrder.map(\.primary.range.start) == [3, 15, 15])
    }

    @Test func suggestionsAreNear() {
        #expect(Suggestion.nearest(to: "backgruond", in: ["background", "footage"]) == "background")
        #expect(Suggestion.nearest(to: "helo", in: ["hello", "help"]) == "hello" || Suggestion.nearest(to: "helo", in: ["hello", "help"]) == "help")
        #expect(Suggestion.nearest(to: "zzz", in: ["background"]) == nil)
    }
}
