// Whole sessions with the server in this process.
import Foundation
import LanguageServer
import Testing
import TestSupport

@Suite struct SessionTests {
    @Test func aSessionBeginsAndEndsAsTheProtocolSays() {
        let server = LanguageServer(disk: NamedDisk(), version: "1")
        func send(_ message: JSONValue) -> JSONValue { server.handle(.message(message)).first ?? .null }
        #expect(send(["id": 1, "method": "textDocument/hover"])["error"]?["code"] == -32002)
        #expect(send(["id": "a", "method": "initialize", "params": [:]])["result"]?["capabilities"]?["hoverProvider"] == true)
        #expect(send(["id": 2, "method": "no/such"])["error"]?["code"] == -32601)
        #expect(send(["id": 3, "method": "textDocument/hover", "params": ["textDocument": ["uri": "file:///x"]]])["error"]?["code"] == -32602)
        #expect(server.handle(.malformed).first?["error"]?["code"] == -32700)
        #expect(server.handle(.message(["id": 9, "method": "textDocument/hover"]), isCancelled: true).first?["error"]?["code"] == -32800)
        #expect(send(["id": 4, "method": "shutdown"])["result"] == .null)
        #expect(send(["id": 5, "method": "textDocument/hover"])["error"]?["code"] == -32600)
        #expect(server.exitCode == nil)
        _ = server.handle(.message(["method": "exit"]))
        #expect(server.exitCode == 0)
    }

    @Test func findingsFollowTheTyping() {
        let editor = Editor()
        editor.open(intro)
        #expect(editor.findings().isEmpty, "\(editor.published)")
        // `actor nova` becomes `actor novo`: the change is one letter in line 14.
        func type(_ text: String, _ from: Int, _ to: Int) {
            editor.notify("textDocument/didChange", ["textDocument": ["uri": .string(Editor.uri), "version": 2],
                                                     "contentChanges": [["range": ["start": ["line": 14, "character": .int(from)], "end": ["line": 14, "character": .int(to)]], "text": .string(text)]]])
        }
        type("o", 13, 14)
        #expect(editor.findings().first == "unknown-name")
        let finding = editor.published[Editor.uri]?.first
        #expect(finding?["range"]?["start"]?["character"] == 10 && finding?["range"]?["end"]?["character"] == 14)
        #expect(finding?["message"]?.string?.contains("nova") == true)
        type("a", 13, 14)
        #expect(editor.findings().isEmpty)
        editor.notify("textDocument/didClose", ["textDocument": ["uri": .string(Editor.uri)]])
    }

    @Test func columnsBehindWideLettersAreRight() {
        let editor = Editor()
        editor.open("shot for 2s { background black ; title \"😀ä\" { sise 4% } }\n")
        #expect(editor.findings() == ["unknown-clause"])
        #expect(editor.published[Editor.uri]?.first?["range"]?["start"]?["character"] == 47)
    }

    @Test func aQuickFixMendsWhatItSays() {
        let editor = Editor()
        let text = "shot for 2s { backgruond black }\n"
        editor.open(text)
        let actions = editor.result("textDocument/codeAction", ["textDocument": ["uri": .string(Editor.uri)], "context": ["diagnostics": []],
                                                                "range": ["start": ["line": 0, "character": 16], "end": ["line": 0, "character": 16]]])
        let edit = actions.array?.first?["edit"]?["changes"]?[Editor.uri]?.array?.first
        #expect(edit?["newText"] == "background" && edit?["range"]?["start"]?["character"] == 14)
    }

    @Test func completionKnowsItsPlace() {
        let editor = Editor()
        let top = editor.offers("sho|")
        #expect(top.contains("shot") && top.contains("persona") && !top.contains("speaks"))
        let inActor = editor.offers(intro.replacing("        pose glance", with: "        |\n        pose glance"))
        #expect(inActor.contains("speaks") && inActor.contains("torso") && !inActor.contains("gain"))
        #expect(editor.offers(intro.replacing("speaks hello", with: "speaks |")) == ["hello"])
        #expect(editor.offers(intro.replacing("actor nova {", with: "actor n| {")) == ["nova"])
        #expect(Set(editor.offers(intro.replacing("pose glance", with: "pose |"))).isSuperset(of: ["glance", "recorded", "loop"]))
        #expect(editor.offers(intro.replacing("place center 50%", with: "place |")).contains("bottom-left"))
        #expect(editor.offers(intro.replacing("place center 50%", with: "place center 50|")) == ["50px", "50%"])
        #expect(editor.offers(intro.replacing("from 0.5s to", with: "from 3| to")) == ["3s", "3ms", "3f"])
        #expect(editor.offers(intro.replacing("hello.end - 0.5s", with: "hello.|")).contains("hello.end"))
        #expect(editor.offers(intro.replacing("style lower-third", with: "style |")).contains("caption"))
        #expect(editor.offers(intro.replacing("background loft", with: "background |")).contains("loft"))
        #expect(editor.offers(intro.replacing("ease in-out", with: "ease |")).contains("bezier(…)"))
        #expect(editor.offers("// nothing |").isEmpty)
        #expect(editor.offers("scene \"a |\" { }").isEmpty)
        #expect(editor.offers("param name: text = \"A\"\nshot for 1s { background black ; title \"Hi \\(|\" }") == ["name"])
        #expect(editor.offers("param x: |").contains("duration"))
    }

    @Test func filesAreOfferedByTheirEndings() {
        let disk = NamedDisk(folders: ["/p/scenes": [.init(name: "audio", isFolder: true), .init(name: "a.wav", isFolder: false), .init(name: "b.png", isFolder: false)],
                                       "/p/scenes/audio": [.init(name: "hello.wav", isFolder: false), .init(name: ".hidden.wav", isFolder: false)]])
        let editor = Editor(disk)
        #expect(editor.offers("audio x = \"|\"") == ["audio/", "a.wav"])
        #expect(editor.offers("audio x = \"audio/|\"") == ["hello.wav"])
        #expect(editor.offers("image x = \"|") == ["audio/", "b.png"])
        // Nothing outside the project is listed.
        #expect(editor.offers("audio x = \"../../|\"").isEmpty)
    }

    @Test func hoverTellsValuesTimesAndFiles() {
        let editor = Editor()
        #expect(editor.hover(intro.replacing("actor nova {", with: "actor no|va {")).contains("er-nerf"))
        #expect(editor.hover(intro.replacing("speaks hello", with: "speaks hel|lo")).contains("5 s"))
        #expect(editor.hover(intro.replacing("hello.end - 0.5s", with: "hello.end - 0|.5s")).contains("4.5 s"))
        #expect(editor.hover(intro.replacing("blinks every", with: "bli|nks every")).contains("moves the lids"))
        #expect(editor.hover(intro.replacing("blur 8px", with: "bl|ur 8px")).contains("out of focus"))
        #expect(editor.hover("shot for 1s { background tea|l }").contains("#008080"))
        #expect(editor.hover("shot x|y for 1s { background teal }").contains("frames 0–24"))
    }

    @Test func linesAndShotsShowTheirTimes() {
        let editor = Editor()
        editor.open(intro)
        let hints = editor.result("textDocument/inlayHint", ["textDocument": ["uri": .string(Editor.uri)],
                                                             "range": ["start": ["line": 0, "character": 0], "end": ["line": 99, "character": 0]]])
        let labels = (hints.array ?? []).compactMap { $0["label"]?.string }
        #expect(labels == ["0 s – 5 s", "0 s – 5 s", "= 4.5 s"])
    }

    @Test func theOutlineHoldsShotsAndLayers() {
        let editor = Editor()
        editor.open(intro)
        let symbols = editor.result("textDocument/documentSymbol", ["textDocument": ["uri": .string(Editor.uri)]]).array ?? []
        #expect(symbols.compactMap { $0["name"]?.string } == ["Welcome", "nova", "hello", "loft", "glance", "greeting", "../renders/intro.mp4"])
        #expect(symbols[5]["children"]?.array?.compactMap { $0["name"]?.string } == ["loft", "nova", "Nova"])
    }

    @Test func semanticTokensCoverTheTextInOrder() {
        let editor = Editor()
        editor.open("param who: text = \"a\"\naudio hello = \"h.wav\"\n/* two\nlines */\nshot for hello.end { background red ; title \"Hi \\(who)!\" }\n")
        let data = (editor.result("textDocument/semanticTokens/full", ["textDocument": ["uri": .string(Editor.uri)]])["data"]?.array ?? []).compactMap(\.int)
        #expect(data.count % 5 == 0 && !data.isEmpty)
        var rows: [[Int]] = []
        var line = 0, column = 0
        for index in stride(from: 0, to: data.count, by: 5) {
            column = data[index] == 0 ? column + data[index + 1] : data[index + 1]
            line += data[index]
            rows.append([line, column, data[index + 2], data[index + 3], data[index + 4]])
        }
        // `param` is a keyword, `who` a parameter that is declared, and a parameter again inside the string.
        #expect(rows[0] == [0, 0, 5, 0, 0] && rows[1] == [0, 6, 3, 6, 1])
        #expect(rows.contains([4, 50, 3, 6, 0]), "\(rows)")
        // The comment of two lines is two tokens.
        #expect(rows.filter { $0[3] == 3 }.map { $0[0] } == [2, 3])
    }
}
