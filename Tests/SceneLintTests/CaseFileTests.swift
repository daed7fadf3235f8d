// The scripts of `grammar/cases`: each says in comments what is to be found in it.
import Diagnostics
import Foundation
import SceneLint
import SceneModel
import SceneSyntax
import Testing
import TestSupport

struct ScriptCase: CustomTestStringConvertible, Sendable {
    var name: String
    var script: String
    /// `severity line:from-to id`
    var expected: [String]
    var texts: [String]
    var testDescription: String { name }

    static func all() -> [ScriptCase] {
        let folder = SharedFolder.projectRoot + "/grammar/cases"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.filter { $0.hasSuffix(".cases") }.sorted() ?? []
        return files.flatMap { file in
            read((try? String(contentsOfFile: folder + "/" + file, encoding: .utf8)) ?? "", file)
        }
    }

    private static func read(_ text: String, _ file: String) -> [ScriptCase] {
        var result: [ScriptCase] = []
        var lines: [String] = []
        var name: String?
        func flush() {
            if let name { result.append(make(file + ": " + name, lines)) }
            lines = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("--- "), line.hasSuffix(" ---") { flush(); name = String(line.dropFirst(4).dropLast(4)) } else { lines.append(line) }
        }
        flush()
        return result
    }

    private static func make(_ name: String, _ lines: [String]) -> ScriptCase {
        var result = ScriptCase(name: name, script: lines.joined(separator: "\n"), expected: [], texts: [])
        for (index, line) in lines.enumerated() {
            let words = line.trimmingCharacters(in: .whitespaces).split(separator: " ", maxSplits: 4).map(String.init)
            guard words.count >= 4, words[0] == "//", ["error", "warning"].contains(words[1]) else { continue }
            result.expected.append("\(words[1]) \(index + 2):\(words[2]) \(words[3].replacingOccurrences(of: ":", with: ""))")
            result.texts.append(words.count > 4 ? words[4] : "")
        }
        return result
    }
}

@Suite struct CaseFileTests {
    @Test(arguments: ScriptCase.all()) func findsWhatTheCommentsSay(example: ScriptCase) {
        let findings = SceneLinter.findings(load(example.script))
        let found = findings.map { finding in
            let from = finding.primary.file.position(of: finding.primary.range.start), to = finding.primary.file.position(of: finding.primary.range.end)
            return "\(finding.severity.rawValue) \(from.line):\(from.column)-\(to.column - 1) \(finding.id)"
        }
        #expect(found == example.expected, "\(PrettyReporter(useColor: false).report(findings))")
        for (finding, text) in zip(findings, example.texts) { #expect(text.isEmpty || finding.message.contains(text), "\(finding.message)") }
    }

    @Test func rightCasesAreSentences() throws {
        let grammar = try Grammar(String(contentsOfFile: SharedFolder.projectRoot + "/grammar/scene.ebnf", encoding: .utf8))
        let cases = ScriptCase.all()
        #expect(cases.count >= 25)
        var used: Set<String> = []
        for example in cases where example.expected.isEmpty {
            #expect(grammar.accepts(SourceFile(path: "t", text: example.script), used: &used), "\(example.name)")
        }
    }
}
