// The pages of docs/reference: two are made from the registries, and every scene in the docs is tested.
import Diagnostics
import Foundation
import SceneLint
import SceneModel
import SceneSyntax
import Testing
import TestSupport

/// The pages that are made. `STUDIO_WRITE_REFERENCE=1 swift test --filter ReferenceTests` writes them anew.
enum ReferencePages {
    static var rules: String {
        var text = """
        # Findings

        Made from the rules themselves: `STUDIO_WRITE_REFERENCE=1 swift test --filter ReferenceTests`. `studio explain ID` shows
        one of them. The files of the examples are what they are called: `quiet.wav` is quiet, `variable-rate.mp4` has a variable rate.

        Lint has \(RuleRegistry.rules.count) rules in three kinds, and the language itself reports \(Explanation.entries.count) more mistakes. A fix is
        *safe* where it leaves the film as it is (`--fix`), else a guess (`--unsafe-fixes`).


        """
        for (kind, title) in [(RuleKind.file, "What the text shows"), (.time, "What the times show"), (.media, "What media and personas show")] {
            text += "## \(title)\n\n| id | level | fix |\n|---|---|---|\n"
            let rules = RuleRegistry.rules.filter { $0.kind == kind }.sorted { $0.id < $1.id }
            for rule in rules {
                let finding = SceneLinter.findings(load(rule.wrong)).first
                let fix = finding?.fix.map { $0.applicability.rawValue + (rule.fixChangesFilm ? ", changes the film" : "") } ?? "–"
                text += "| [\(rule.id)](#\(rule.id)) | \(finding?.severity.rawValue ?? "") | \(fix) |\n"
            }
            text += "\n"
            for rule in rules {
                text += "### \(rule.id)\n\n\(rule.explanation)\n\n"
                text += block("wrong", rule.wrong) + block("right", rule.right) + block("close, and right too", rule.nearMiss)
            }
        }
        text += "## Mistakes that the language reports\n\nAll of them are errors, save those that speak of an allow or of ducking.\n\n"
        for entry in Explanation.entries.sorted(by: { $0.id < $1.id }) {
            text += "### \(entry.id)\n\n\(entry.text)\n\n"
            if let wrong = entry.wrong { text += block("wrong", wrong) + block("right", entry.right) }
        }
        return text.trimmingCharacters(in: .newlines) + "\n"
    }
    private static func block(_ name: String, _ text: String) -> String { "\(name):\n\n```\n\(text)\n```\n\n" }

    static var clauses: String {
        var text = """
        # Clauses

        Made from the table that the program reads by: `STUDIO_WRITE_REFERENCE=1 swift test --filter ReferenceTests`. In capitals
        stand values: TIME (`2s`), LENGTH (`40px`, `55%`), LEVEL (`-18dB`), NUMBER, STRING, COLOR; `[ ]` may be left away, `|` is or.


        """
        for context in ClauseContext.allCases {
            let list = ClauseRegistry.all.filter { $0.contexts.contains(context) }
            guard !list.isEmpty else { continue }
            text += "## \(context == .file ? "At the top of a file" : "In `\(context.rawValue)`")\n\n| clause | default | |\n|---|---|---|\n"
            for clause in list {
                let usage = ([clause.keyword, clause.arguments].filter { !$0.isEmpty }.joined(separator: " ") + (clause.block == .required ? " { … }" : clause.block == .optional ? " [{ … }]" : "")).replacingOccurrences(of: "|", with: "\\|")
                text += "| `\(usage)` | \(clause.defaultText ?? "") | \(clause.text)\(clause.repeats && context != .file ? "; may be repeated" : "") |\n"
            }
            text += "\n"
        }
        return text.trimmingCharacters(in: .newlines) + "\n"
    }
}

@Suite struct ReferenceTests {
    @Test(arguments: ["rules.md", "clauses.md"]) func madePagesAreUpToDate(name: String) throws {
        let path = SharedFolder.projectRoot + "/docs/reference/" + name
        let made = name == "rules.md" ? ReferencePages.rules : ReferencePages.clauses
        if ProcessInfo.processInfo.environment["STUDIO_WRITE_REFERENCE"] != nil { try made.write(toFile: path, atomically: true, encoding: .utf8) }
        let page = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        #expect(page == made, "run STUDIO_WRITE_REFERENCE=1 swift test --filter ReferenceTests\n\(UnifiedDiff.text(page, made, path: name).prefix(2000))")
    }

    /// Blocks that begin with ```scene.
    private func scenes(_ path: String) throws -> [(line: Int, text: String)] {
        var result: [(Int, String)] = []
        var open: (line: Int, lines: [String])?
        for (index, line) in try String(contentsOfFile: SharedFolder.projectRoot + "/" + path, encoding: .utf8).components(separatedBy: "\n").enumerated() {
            if let inside = open {
                if line == "```" { result.append((inside.line, inside.lines.joined(separator: "\n") + "\n")); open = nil } else { open = (inside.line, inside.lines + [line]) }
            } else if line == "```scene" { open = (index + 2, []) }
        }
        #expect(open == nil, "\(path): a block has no end")
        return result
    }

    /// Every page that shows a scene.
    static let pages: [String] = {
        let root = SharedFolder.projectRoot
        let docs = FileManager.default.enumerator(atPath: root + "/docs")?.compactMap { ($0 as? String).map { "docs/" + $0 } } ?? []
        return (docs + ["README.md", "grammar/README.md", "grammar/vscode/README.md"]).filter { $0.hasSuffix(".md") }.sorted().filter {
            ((try? String(contentsOfFile: root + "/" + $0, encoding: .utf8)) ?? "").contains("```scene")
        }
    }()

    @Test func thePagesWithScenesAreFound() { #expect(Self.pages.contains("docs/language.md") && Self.pages.contains("docs/reference/language.md"), "\(Self.pages)") }

    @Test(arguments: pages) func scenesOfTheDocsAreRight(path: String) throws {
        let grammar = try Grammar(String(contentsOfFile: SharedFolder.projectRoot + "/grammar/scene.ebnf", encoding: .utf8))
        let scenes = try scenes(path)
        #expect(scenes.count >= (path.contains("reference") ? 17 : path == "docs/language.md" ? 2 : 1))
        var resolver = FakeResolver()
        resolver.project = "."
        for (line, text) in scenes {
            let place = "\(path):\(line)"
            let file = SourceFile(path: "docs.scene", text: text)
            var used: Set<String> = []
            #expect(grammar.accepts(file, used: &used), "\(place)")
            var standing = resolver
            standing.allowsOutsideProject = true
            let result = SceneLoader.load(path: "docs.scene", text: text, resolver: standing)
            let findings = SceneLinter.findings(result)
            #expect(findings.isEmpty, "\(place)\n\(PrettyReporter(useColor: false).report(findings))")
            let layout = Formatter.format(Parser.parse(file))
            #expect(layout == text, "\(place)\n\(layout.map { UnifiedDiff.text(text, $0, path: place) } ?? "")")
        }
    }

    /// The reference shows each clause that a scene may hold.
    @Test func everyClauseStandsInTheReference() throws {
        let page = try String(contentsOfFile: SharedFolder.projectRoot + "/docs/reference/clauses.md", encoding: .utf8)
        for clause in ClauseRegistry.all { #expect(page.contains("`\(clause.keyword)") , "\(clause.keyword)") }
    }
}
