// The shapes of clauses hold for everything that the language accepts.
import Diagnostics
import Foundation
@testable import LanguageServer
import SceneModel
import SceneSyntax
import Testing
import TestSupport

@Suite struct ShapeTests {
    /// Scripts of `grammar/cases` without a finding, and the scenes of the repository.
    static func corpus() throws -> [(name: String, text: String)] {
        var result: [(name: String, text: String)] = []
        let folder = SharedFolder.projectRoot + "/grammar/cases"
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where file.hasSuffix(".cases") {
            let page = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            var name = "", text = ""
            for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("--- "), line.hasSuffix(" ---") {
                    if !name.isEmpty { result.append((file + ": " + name, text)) }
                    (name, text) = (String(line.dropFirst(4).dropLast(4)), "")
                } else { text += line + "\n" }
            }
            if !name.isEmpty { result.append((file + ": " + name, text)) }
        }
        for file in try FileManager.default.contentsOfDirectory(atPath: SharedFolder.projectRoot + "/scenes").sorted() where file.hasSuffix(".scene") {
            result.append((file, try String(contentsOfFile: SharedFolder.projectRoot + "/scenes/" + file, encoding: .utf8)))
        }
        return result
    }

    @Test func everyAcceptedClauseFitsItsShape() throws {
        var count = 0
        for (name, text) in try Self.corpus() where !text.contains("// error ") {
            let tree = Parser.parse(SourceFile(path: "t.scene", text: text))
            let symbols = FileSymbols(tree)
            tree.forEachClause { placed in
                guard let shape = ClauseShapes.shape(placed.clause.word, in: placed.context) else {
                    Issue.record("\(name): no shape for \(placed.context.rawValue) \(placed.clause.word)")
                    return
                }
                count += 1
                let match = shape.match(placed.clause.arguments, isParameter: symbols.isParameter)
                #expect(match.isComplete, "\(name): \(tree.file.text(placed.clause.headRange))")
            }
        }
        #expect(count > 100)
    }

    @Test func whatTheGrammarMakesFitsToo() throws {
        let grammar = try Grammar(String(contentsOfFile: SharedFolder.projectRoot + "/grammar/scene.ebnf", encoding: .utf8))
        var used: Set<String> = []
        for seed in 0..<300 {
            let text = grammar.sentence(seed: UInt64(seed), start: seed % 2 == 0 ? "file" : "shot", avoiding: ["param-use"], used: &used)
            let tree = Parser.parse(SourceFile(path: "t.scene", text: text))
            var misfits: [String] = []
            tree.forEachClause { placed in
                guard let shape = ClauseShapes.shape(placed.clause.word, in: placed.context) else { misfits.append("\(placed.context.rawValue): \(placed.clause.word)"); return }
                if !shape.match(placed.clause.arguments, isParameter: { _ in true }).isComplete { misfits.append(tree.file.text(placed.clause.headRange)) }
            }
            #expect(misfits.isEmpty, "seed \(seed): \(misfits.joined(separator: " | "))")
        }
    }

    @Test func everyReferenceOfACleanSceneIsResolved() throws {
        for (name, text) in try Self.corpus() where !text.contains("// error ") && !text.contains("import ") {
            let table = NameTable { _ in nil }
            let symbols = FileSymbols(Parser.parse(SourceFile(path: "/t.scene", text: text)))
            table.add(symbols)
            for reference in symbols.references where table.resolve(reference.parts, in: "/t.scene") == nil {
                let word = reference.parts.joined(separator: ".")
                // A colour, a built-in style, or a word of the clause may stand where a name may.
                let isWord = ColorNames.color(word) != nil || TextStyle.builtIn[word] != nil || ["original", "recorded", "never", "every", "offset", "speed", "loop", "smooth"].contains(word)
                #expect(isWord, "\(name): \(word)")
            }
        }
    }

    @Test func theServerLivesThroughAnyText() throws {
        let editor = Editor()
        for (index, entry) in try Self.corpus().enumerated() {
            let bytes = Array(entry.text.utf8)
            let cut = bytes.count * (index % 7 + 1) / 8
            editor.open(String(decoding: bytes[..<cut], as: UTF8.self))
            let lines = TextLines(bytes)
            for step in 0..<6 {
                let place = lines.position(of: cut * step / 5)
                let position: JSONValue = ["line": .int(place.line), "character": .int(place.character)]
                for method in ["completion", "hover", "definition", "references", "documentHighlight", "prepareRename"] {
                    #expect(editor.request("textDocument/" + method, editor.at(position))["error"] == nil, "\(entry.name) \(method)")
                }
            }
            for method in ["documentSymbol", "foldingRange", "semanticTokens/full", "inlayHint", "formatting", "codeAction"] {
                #expect(editor.request("textDocument/" + method, ["textDocument": ["uri": .string(Editor.uri)]])["error"] == nil, "\(entry.name) \(method)")
            }
        }
    }

    @Test func aKeyPressInAThousandLinesIsAnsweredSoon() {
        var text = "persona nova = \"nova.persona\"\naudio hello = \"hello.wav\"\n"
        for k in 0..<125 {
            text += "shot s\(k) {\n  background #20303c\n  actor nova {\n    speaks hello from 0.2s\n    pose { at 0s yaw 2deg ; at 1s yaw -2deg }\n  }\n  title \"Line \(k)\" { from 0.5s to hello.end }\n}\n"
        }
        let measure = KeyPressMeasure.run(disk: NamedDisk(), path: "/p/scenes/long.scene", text: text, count: 20) { ProcessInfo.processInfo.systemUptime }
        let median = KeyPressMeasure.quantile(measure.answers, 0.5)
        print("key press to completion on \(measure.lineCount) lines: median \(median * 1000) ms, 95 % \(KeyPressMeasure.quantile(measure.answers, 0.95) * 1000) ms; to findings: median \(KeyPressMeasure.quantile(measure.findings, 0.5) * 1000) ms")
        // The aim is 30 ms in release; this bound only catches a change of order on a busy machine in debug.
        #expect(median < 3)
    }
}
