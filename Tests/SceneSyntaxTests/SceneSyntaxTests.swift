// Laws of lexer and parser, and the grammar page that both are held to.
import Base
import Diagnostics
import Foundation
import SceneSyntax
import Testing
import TestSupport

let sample = """
scene "Welcome" { size 1280x720 ; rate 25fps ; seed 7 } // note
persona nova = "../personas/nova.persona"
path glance { at 0s yaw 0deg ; at 1.8s yaw 14deg pitch -4deg ease bezier(0.2,
   0, 1, 1) }
shot greeting for 00:00:04:12 { /* a /* nested */ comment */
    actor nova { speaks hello from 0.2s ; blinks every 3.5s ± 1s }
    footage ceo { reference at 1s,
        3.2s, 4s }
    title "N\\u{1F600} \\(name)" { from hello.end - 0.5s to 4s }
}
"""

func tree(_ text: String) -> SyntaxTree { Parser.parse(SourceFile(path: "t.scene", text: text)) }

@Suite struct ParserLaws {
    private func holds(_ bytes: [UInt8]) -> Bool { Parser.parse(SourceFile(path: "t.scene", bytes: bytes)).bytes == bytes }

    @Test func anyBytesComeBack() {
        for seed in 0..<300 {
            let random = SeededRandom(seed: UInt64(seed), stream: 1)
            let bytes = (0..<random.integer(0, below: 400)).map { UInt8(truncatingIfNeeded: random.bits(UInt64($0) + 1)) }
            let same = holds(bytes)
            #expect(same, "seed \(seed)")
        }
    }

    @Test func brokenScenesComeBack() {
        let alphabet = Array("{}()\"\\;,:=.+-±#/*\n 0x1s%deg\u{e9}".utf8)
        for seed in 0..<600 {
            let random = SeededRandom(seed: UInt64(seed), stream: 2)
            var bytes = Array(sample.utf8)
            for k in 0..<UInt64(1 + seed % 9) {
                let at = random.integer(k * 4, below: bytes.count)
                switch random.integer(k * 4 + 1, below: 3) {
                case 0: bytes.remove(at: at)
                case 1: bytes.insert(alphabet[random.integer(k * 4 + 2, below: alphabet.count)], at: at)
                default: bytes[at] = alphabet[random.integer(k * 4 + 2, below: alphabet.count)]
                }
            }
            let same = holds(bytes)
            #expect(same, "seed \(seed)")
        }
    }

    @Test func twiceTheTextTakesTwiceTheSteps() {
        let seeds = [sample, "a {\n", "} ", "(", "\"\\(", "\"\\u{", "/*", "a (b ", "x = - ", "shot {\n title \"a\n", "a,\n", "1:2:3:4:5 "]
        for text in seeds {
            let once = tree(String(repeating: text, count: 500)).steps
            let twice = tree(String(repeating: text, count: 1000)).steps
            #expect(Double(twice) < Double(once) * 2.3 + 100, "\(text)")
        }
    }

    @Test func nestingIsBounded() {
        let deep = tree(String(repeating: "a {", count: 100_000))
        #expect(deep.diagnostics.contains { $0.id == "nested-too-deep" })
        #expect(tree(String(repeating: "a(", count: 100_000)).diagnostics.count == 1)
        let large = Parser.parse(SourceFile(path: "t", bytes: Array(repeating: 0x20, count: (4 << 20) + 1)))
        #expect(large.diagnostics.map(\.id) == ["file-too-large"])
    }

    @Test func oneMistakeIsOneFinding() {
        let good = "shot a for 2s {\n  background black\n  title \"x\" { from 1s to 2s }\n}\nshot b for 1s { background white }\n"
        #expect(tree(good).diagnostics.isEmpty)
        for (text, id) in [
            (good.replacingOccurrences(of: "to 2s }\n}", with: "to 2s }\n"), "unclosed-block"),
            (good.replacingOccurrences(of: "for 2s {", with: "for 2s"), "unmatched-brace"),
            (good.replacingOccurrences(of: "\"x\"", with: "\"x"), "unclosed-string"),
            (good.replacingOccurrences(of: "for 2s {", with: "for 2s\n{"), "stray-brace"),
            (good.replacingOccurrences(of: "from 1s", with: "from 1 +s"), "missing-space"),
            (good.replacingOccurrences(of: "for 2s", with: "for 2parsec"), "unknown-unit"),
            (good.replacingOccurrences(of: "black", with: "$"), "unexpected-character"),
        ] {
            let found = tree(text).diagnostics.map(\.id)
            #expect(found == [id], "\(text)")
        }
    }
}

@Suite struct LiteralTests {
    private func value(_ text: String) -> Argument.Value? { tree("a " + text).clauses.first?.arguments.first?.value }
    private func seconds(_ text: String, _ rate: Int = 25) -> Rational? {
        if case .duration(let literal)? = value(text) { return literal.seconds(at: FrameRate(rate)) }
        return nil
    }

    @Test func timesAreExact() {
        #expect(seconds("0.1s") == Rational(1, 10))
        #expect(seconds("250ms") == Rational(1, 4))
        #expect(seconds("12f") == Rational(12, 25))
        #expect(seconds("1:02.5") == Rational(125, 2))
        #expect(seconds("1:02:03.25") == Rational(14893, 4))
        #expect(seconds("00:00:02:12") == Rational(62, 25))
        #expect(seconds("-1.5s") == Rational(-3, 2))
        #expect(seconds("1e-3s") == Rational(1, 1000))
        #expect(seconds("1:75") == nil)
        #expect(seconds("99999999999999999999999999s") != nil)
    }

    @Test func colorsAndSizes() {
        if case .color(let c)? = value("#000a") { #expect(c == [0, 0, 0, 170]) } else { Issue.record("#000a is a colour") }
        if case .size(let w, let h)? = value("1280x720") { #expect(w == 1280 && h == 720) } else { Issue.record("a size") }
        if case .quantity(let rate, .framesPerSecond)? = value("24000/1001fps") { #expect(rate == Rational(24000, 1001)) } else { Issue.record("a rate") }
    }

    @Test func stringsKeepTheirParams() {
        if case .string(let parts)? = value("\"a\\n\\(name)\\u{41}\"") {
            #expect(parts.count == 3 && parts[0] == .text("a\n") && parts[2] == .text("A"))
        } else { Issue.record("a string") }
    }
}

@Suite struct GrammarTests {
    static func grammar() throws -> Grammar {
        try Grammar(String(contentsOfFile: SharedFolder.projectRoot + "/grammar/scene.ebnf", encoding: .utf8))
    }

    @Test func everyProductionMakesSentencesThatParse() throws {
        let grammar = try Self.grammar()
        var made: Set<String> = []
        for seed in 0..<500 {
            let text = grammar.sentence(seed: UInt64(seed), start: seed % 2 == 0 ? "file" : "shot", used: &made)
            let file = SourceFile(path: "t.scene", text: text)
            let findings = Parser.parse(file).diagnostics
            #expect(findings.isEmpty, "seed \(seed): \(ShortReporter().report(findings))\n\(text)")
            var used: Set<String> = []
            #expect(grammar.accepts(file, start: "file", used: &used), "seed \(seed): \(text)")
            if !findings.isEmpty { return }
        }
        #expect(made == Set(grammar.order), "\(Set(grammar.order).subtracting(made))")
    }

    @Test func theGrammarRefusesWhatIsWrong() throws {
        let grammar = try Self.grammar()
        var used: Set<String> = []
        for text in ["shot for 2px { }", "scene { size 25fps }", "shto { }", "shot { actor { } }", "path p { at 1s ease in }", "output"] {
            #expect(!grammar.accepts(SourceFile(path: "t", text: text), used: &used), "\(text)")
        }
    }
}
