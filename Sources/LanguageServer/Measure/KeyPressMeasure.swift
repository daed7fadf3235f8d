// How long an editor waits after a key press.
import SceneModel

/// Types letters into an open document and times the answers.
package struct KeyPressMeasure: Sendable {
    /// Seconds from a change to the answer of a completion, one a key press.
    package var answers: [Double] = []
    /// Seconds from a change to the diagnostics of the new text.
    package var findings: [Double] = []
    package var lineCount = 0

    /// Types `count` letters at places spread over the text, each undone by the next press. `now` is the clock, in seconds.
    package static func run(disk: any ServerDisk, path: String, text: String, count: Int, now: () -> Double) -> KeyPressMeasure {
        var result = KeyPressMeasure()
        let server = LanguageServer(disk: disk, version: "measure")
        let uri = JSONValue.string(DocumentAddress.uri(path))
        func send(_ message: JSONValue) -> Int { server.handle(.message(message)).reduce(0) { $0 + MessageStream.frame($1).count } }
        _ = send(["jsonrpc": "2.0", "id": 0, "method": "initialize", "params": [:]])
        _ = send(["jsonrpc": "2.0", "method": "textDocument/didOpen", "params": ["textDocument": ["uri": uri, "languageId": "scene", "version": 0, "text": .string(text)]]])
        _ = server.idle()
        let lines = TextLines(Array(text.utf8))
        result.lineCount = lines.lineCount
        for press in 0..<max(count, 1) {
            let line = lines.lineCount * (2 * (press / 2) + 1) / max(count, 2) % max(lines.lineCount, 1)
            let column = lines.position(of: lines.endOfLine(line)).character
            let isUndo = press % 2 == 1
            let start: JSONValue = ["line": .int(line), "character": .int(column)]
            let end: JSONValue = ["line": .int(line), "character": .int(column + (isUndo ? 1 : 0))]
            let change: JSONValue = ["jsonrpc": "2.0", "method": "textDocument/didChange",
                                     "params": ["textDocument": ["uri": uri, "version": .int(press + 1)],
                                                "contentChanges": [["range": ["start": start, "end": end], "text": isUndo ? "" : "x"]]]]
            let question: JSONValue = ["jsonrpc": "2.0", "id": .int(press + 1), "method": "textDocument/completion", "params": ["textDocument": ["uri": uri], "position": start]]
            // The bytes of the messages are read as they come over the wire.
            let frames = MessageStream.frame(change) + MessageStream.frame(question)
            var stream = MessageStream()
            let began = now()
            var size = 0
            for event in stream.feed(frames) { for answer in server.handle(event) { size += MessageStream.frame(answer).count } }
            result.answers.append(now() - began)
            for notice in server.idle() { size += MessageStream.frame(notice).count }
            result.findings.append(now() - began)
        }
        return result
    }

    /// The value below which this share of the times lies.
    package static func quantile(_ times: [Double], _ share: Double) -> Double {
        let sorted = times.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.down)))]
    }
}
