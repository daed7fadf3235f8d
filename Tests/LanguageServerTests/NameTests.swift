// Definition, references and rename, over files.
import LanguageServer
import Testing

@Suite struct NameTests {
    private let cast = "persona nova = \"nova.persona\"\npersona milo = \"milo.persona\"\nstyle big { size 9% }\n"
    private let main = "import \"cast.scene\" as cast\naudio a = \"a.wav\"\nshot talk {\n    actor cast.nova { speaks a }\n    actor cast.milo { opacity 0.9 }\n    title \"x\" { style cast.big ; from a.end - 1s }\n}\n"

    private func editor() -> Editor {
        Editor(NamedDisk(texts: ["/p/scenes/cast.scene": cast, "/p/scenes/test.scene": main],
                         folders: ["/p": [.init(name: "scenes", isFolder: true)],
                                   "/p/scenes": [.init(name: "cast.scene", isFolder: false), .init(name: "test.scene", isFolder: false)]]))
    }

    @Test func definitionGoesThroughImports() {
        let editor = editor()
        let position = editor.open(main.replacing("actor cast.nova", with: "actor cast.no|va"))
        #expect(editor.findings().isEmpty, "\(editor.published)")
        let place = editor.result("textDocument/definition", editor.at(position))
        #expect(place["uri"] == "file:///p/scenes/cast.scene")
        #expect(place["range"]?["start"] == ["line": 0, "character": 8])
        let file = editor.result("textDocument/definition", editor.at(["line": 0, "character": 10]))
        #expect(file["uri"] == "file:///p/scenes/cast.scene")
        let event = editor.result("textDocument/definition", editor.at(["line": 5, "character": 38]))
        #expect(event["range"]?["start"] == ["line": 1, "character": 6])
    }

    @Test func renameReachesEveryFile() {
        let editor = editor()
        editor.open(cast, uri: "file:///p/scenes/cast.scene")
        let answer = editor.result("textDocument/rename", editor.at(["line": 0, "character": 9], uri: "file:///p/scenes/cast.scene", ["newName": "nora"]))
        let changes = answer["changes"]
        #expect(changes?["file:///p/scenes/cast.scene"]?.array?.count == 1)
        let other = changes?["file:///p/scenes/test.scene"]?.array
        #expect(other?.count == 1)
        #expect(other?.first?["range"] == ["start": ["line": 3, "character": 15], "end": ["line": 3, "character": 19]])
    }

    @Test func aPrefixIsRenamedInItsFile() {
        let editor = editor()
        editor.open(main)
        let answer = editor.result("textDocument/rename", editor.at(["line": 0, "character": 24], ["newName": "crew"]))
        #expect(answer["changes"]?[Editor.uri]?.array?.count == 4)
    }

    @Test func aTakenOrImpossibleNameIsRefused() {
        let editor = editor()
        editor.open(cast, uri: "file:///p/scenes/cast.scene")
        for name in ["milo", "9x", "a b", "", "for"] {
            let answer = editor.request("textDocument/rename", editor.at(["line": 0, "character": 9], uri: "file:///p/scenes/cast.scene", ["newName": .string(name)]))
            #expect(answer["error"]?["code"] == -32803, "\(name)")
        }
    }

    @Test func referencesHoldTheEvents() {
        let editor = editor()
        editor.open(main)
        let uses = editor.result("textDocument/references", editor.at(["line": 1, "character": 6], ["context": ["includeDeclaration": true]])).array ?? []
        #expect(uses.count == 3)
        let others = editor.result("textDocument/references", editor.at(["line": 1, "character": 6], ["context": ["includeDeclaration": false]])).array ?? []
        #expect(others.count == 2)
    }

    @Test func aMistakeInAnImportShowsAtTheImport() {
        let editor = Editor(NamedDisk(texts: ["/p/scenes/cast.scene": "persona nova = \n"]))
        editor.open("import \"cast.scene\" as cast\nshot for 1s { background black }\n")
        let finding = editor.published[Editor.uri]?.first
        #expect(finding?["range"]?["start"] == ["line": 0, "character": 7])
        #expect(finding?["message"]?.string?.hasPrefix("in cast.scene") == true)
        // Mended in another window: gone here too.
        editor.open("persona nova = \"nova.persona\"\n", uri: "file:///p/scenes/cast.scene")
        #expect(!editor.findings().contains { $0 != "unused-name" && $0 != "unused-import" }, "\(editor.findings())")
    }

    @Test func anImportThatComesLaterIsTakenUp() {
        let editor = Editor()
        editor.open("import \"cast.scene\" as cast\npersona x = \"x.persona\"\nshot for 1s { background black ; actor cast.nova }\n")
        #expect(editor.findings().contains("missing-file"))
        editor.open("persona nova = \"nova.persona\"\n", uri: "file:///p/scenes/cast.scene")
        #expect(!editor.findings().contains("missing-file"), "\(editor.findings())")
    }

    @Test func aFileOfAssetsIsNoFilmWithoutShots() {
        let editor = editor()
        editor.open(cast, uri: "file:///p/scenes/cast.scene")
        #expect(editor.findings("file:///p/scenes/cast.scene").isEmpty)
    }

    @Test func formattingIsOneSmallEdit() {
        let editor = editor()
        editor.open("shot   for 1s { background black }\n")
        let edits = editor.result("textDocument/formatting", ["textDocument": ["uri": .string(Editor.uri)], "options": ["tabSize": 4, "insertSpaces": true]]).array ?? []
        #expect(edits.count == 1)
        #expect(edits.first?["newText"] == "")
        editor.open("shot for 1s { background black\n")
        #expect(editor.result("textDocument/formatting", ["textDocument": ["uri": .string(Editor.uri)]]) == [])
    }
}
