// The grammars of editors say the same words as the table of clauses, and hold for the corpus.
import Foundation
import SceneModel
import Testing
import TestSupport

@Suite struct GrammarFileTests {
    private func text(_ path: String) throws -> String { try String(contentsOfFile: SharedFolder.projectRoot + "/grammar/" + path, encoding: .utf8) }

    @Test func everyClauseIsColoured() throws {
        let highlights = try text("tree-sitter/queries/highlights.scm"), textmate = try text("textmate/scene.tmLanguage.json")
        let start = try #require(textmate.range(of: "(?:^|(?<=[;{]))\\\\s*("))
        let words = Set(textmate[start.upperBound...].prefix { $0 != ")" }.split(separator: "|").map(String.init))
        #expect(words == Set(ClauseRegistry.all.map(\.keyword)))
        let opening = try #require(highlights.range(of: "; Words that open a clause."))
        for schema in ClauseRegistry.all { #expect(highlights[opening.upperBound...].contains("\"\(schema.keyword)\""), "\(schema.keyword)") }
    }

    @Test func theExpressionsOfTheTextMateGrammarAreExpressions() throws {
        let json = try JSONSerialization.jsonObject(with: Data(text("textmate/scene.tmLanguage.json").utf8))
        var count = 0
        func walk(_ value: Any) throws {
            if let object = value as? [String: Any] {
                for (key, inner) in object {
                    if ["match", "begin", "end"].contains(key), let pattern = inner as? String {
                        count += 1
                        #expect(throws: Never.self, "\(pattern)") { try NSRegularExpression(pattern: pattern) }
                    } else { try walk(inner) }
                }
            } else if let list = value as? [Any] { for inner in list { try walk(inner) } }
        }
        try walk(json)
        #expect(count > 15)
    }

    /// Runs a program in the grammar folder; nil where the machine lacks it.
    private func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, words: String)? {
        let own = program == "python3" ? ProcessInfo.processInfo.environment["STUDIO_PYTHON"] : nil
        let path = own ?? (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let path else { return nil }
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: SharedFolder.projectRoot + "/grammar")
        (process.standardOutput, process.standardError) = (pipe, pipe)
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test func theTreeSitterGrammarHoldsForTheCorpus() throws {
        guard let result = try run("node", ["tree-sitter/check.mjs"]) else {
            print("skipped: Node is not installed")
            return
        }
        #expect(result.code == 0, "\(result.words)")
    }

    /// Needs `tree-sitter` on the path, a C compiler, and the Python package: without one of them it says so.
    @Test func theGeneratedTreeSitterParserHoldsForTheCorpus() throws {
        guard let result = try run("python3", ["tree-sitter/check-generated.py"]) else {
            print("skipped: Python is not installed")
            return
        }
        if result.words.hasPrefix("skipped") { print(result.words) }
        #expect(result.code == 0, "\(result.words)")
    }

    @Test func theExtensionStartsTheServer() throws {
        guard let result = try run("node", ["vscode/check.mjs"]) else {
            print("skipped: Node is not installed")
            return
        }
        #expect(result.code == 0, "\(result.words)")
    }

    @Test func theExtensionIsPackaged() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("extension-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let result = try run("python3", ["vscode/package.py", "-o", folder.path]) else {
            print("skipped: Python is not installed")
            return
        }
        #expect(result.code == 0, "\(result.words)")
        let package = try #require(try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first { $0.pathExtension == "vsix" })
        let bytes = try Data(contentsOf: package)
        #expect(bytes.starts(with: [0x50, 0x4B]) && bytes.count > 4096)
    }

    @Test func theTextMateGrammarHoldsForTheCorpus() throws {
        guard let result = try run("python3", ["textmate/check.py"]) else {
            print("skipped: Python is not installed")
            return
        }
        if result.words.hasPrefix("skipped") { print(result.words) }
        #expect(result.code == 0, "\(result.words)")
    }
}
