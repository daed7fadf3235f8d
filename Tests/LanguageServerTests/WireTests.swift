// Framing, JSON and positions.
import LanguageServer
import Testing

@Suite struct WireTests {
    @Test func messagesAreCutWhereverTheBytesBreak() {
        let messages: [JSONValue] = [["a": 1], ["b": "ä😀\n"], .array([.null, true, 3])]
        let bytes = messages.flatMap { MessageStream.frame($0) }
        for step in [1, 2, 7, 1000] {
            var stream = MessageStream()
            var found: [WireEvent] = []
            for start in stride(from: 0, to: bytes.count, by: step) { found += stream.feed(Array(bytes[start..<min(start + step, bytes.count)])) }
            #expect(found == messages.map { .message($0) }, "step \(step)")
        }
    }

    @Test func badFramesAreAnsweredAndDoNotTrap() {
        var stream = MessageStream()
        #expect(stream.feed(Array("Content-Length: 3\r\n\r\n{a}".utf8)) == [.malformed])
        #expect(stream.feed(Array("Content-Length: 99999999\r\n\r\n".utf8)) == [.tooLarge(99_999_999)])
        // The oversized body is passed over, piece by piece, and the next message is whole.
        for _ in 0..<9 { #expect(stream.feed([UInt8](repeating: 0x20, count: 11_111_111)).isEmpty) }
        #expect(stream.feed(MessageStream.frame(["x": 1])) == [.message(["x": 1])])
        var lost = MessageStream()
        guard case .lost? = lost.feed(Array("Hello: there\r\n\r\n".utf8)).first else { Issue.record("a header without a length was taken"); return }
        var long = MessageStream()
        guard case .lost? = long.feed([UInt8](repeating: 0x41, count: 5000)).first else { Issue.record("an endless header was taken"); return }
    }

    @Test func deepJSONIsRefused() {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(JSONValue(parsing: Array(deep.utf8)) == nil)
        #expect(JSONValue(parsing: Array("[1, true, null, \"x\", {\"a\": -2.5}]".utf8)) == .array([1, true, .null, "x", ["a": .number(-2.5)]]))
    }

    @Test func textOfAValueIsReadAgain() {
        let value: JSONValue = ["name": "a\"b\\c\n\u{1}😀", "list": [1, .number(0.5), false, .null]]
        #expect(JSONValue(parsing: Array(value.text.utf8)) == value)
    }

    @Test func columnsAreUTF16() {
        let lines = TextLines(Array("a😀b\r\nä\rx\n".utf8))
        #expect(lines.position(of: 5) == EditorPosition(line: 0, character: 3))
        #expect(lines.offset(of: EditorPosition(line: 0, character: 3)) == 5)
        #expect(lines.offset(of: EditorPosition(line: 0, character: 2)) == 1)
        #expect(lines.offset(of: EditorPosition(line: 0, character: 99)) == 6)
        #expect(lines.offset(of: EditorPosition(line: 1, character: 1)) == 10)
        #expect(lines.offset(of: EditorPosition(line: 2, character: 0)) == 11)
        #expect(lines.offset(of: EditorPosition(line: 77, character: 0)) == 13)
        #expect(lines.lineCount == 4)
    }
}
