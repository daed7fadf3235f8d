// The grammar page and the clause table say the same.
import Diagnostics
import Foundation
import SceneModel
import SceneSyntax
import Testing
import TestSupport

@Suite struct GrammarAndModelTests {
    private func grammar() throws -> Grammar {
        try Grammar(String(contentsOfFile: SharedFolder.projectRoot + "/grammar/scene.ebnf", encoding: .utf8))
    }

    @Test func whatTheGrammarMakesHasTheRightClauses() throws {
        let grammar = try grammar()
        // Names are made up, so much cannot be resolved; but no word stands where it may not.
        let shape: Set<String> = ["unknown-clause", "misplaced-clause", "unexpected-argument", "unexpected-block", "missing-block", "missing-argument", "wrong-kind", "missing-unit"]
        var used: Set<String> = []
        for seed in 0..<500 {
            let text = grammar.sentence(seed: UInt64(seed), start: seed % 2 == 0 ? "file" : "shot", avoiding: ["param-use"], used: &used)
            let wrong = load(text).diagnostics.filter { shape.contains($0.id) }
            #expect(wrong.isEmpty, "seed \(seed): \(PrettyReporter(useColor: false).report(wrong))")
            if !wrong.isEmpty { return }
        }
    }

    @Test func theScenesOfTheLanguagePageAreSentences() throws {
        let grammar = try grammar()
        var used: Set<String> = []
        for text in [SpecScenes.intro, SpecScenes.dub, SpecScenes.conversation, SpecScenes.batch, SpecScenes.cast] {
            #expect(grammar.accepts(SourceFile(path: "t", text: text), used: &used))
        }
    }

    @Test func everyWordOfTheTableStandsInTheGrammar() throws {
        let page = try String(contentsOfFile: SharedFolder.projectRoot + "/grammar/scene.ebnf", encoding: .utf8)
        for schema in ClauseRegistry.all { #expect(page.contains("\"\(schema.keyword)\""), "\(schema.keyword)") }
    }
}
