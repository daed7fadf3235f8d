// Twice the text costs about twice the work: no shape of scene costs its square.
import Base
import Diagnostics
import Foundation
import SceneLint
import SceneModel
import SceneSyntax
import Testing

@Suite(.serialized) struct LinearTimeTests {
    /// Seconds of this thread's own work, so that other programs do not count.
    private func work(_ body: () -> Void) -> Double {
        var start = timespec(), end = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        body()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) * 1e-9
    }

    /// Shapes that were or could be quadratic; each takes a number of repetitions.
    static let shapes: [(name: String, text: @Sendable (Int) -> String)] = [
        ("declared names", { n in (0..<n).map { "image i\($0) = \"a\($0).png\"\n" }.joined() + "shot for 1s { background black }" }),
        ("unknown names", { n in (0..<n).map { "image i\($0) = \"a\($0).png\"\n" }.joined() + "shot for 1s {\n" + (0..<n).map { "picture j\($0)\n" }.joined() + "}" }),
        ("shots that hang on shots", { n in "shot s0 for 1s { background black }\n" + (1..<n).map { "shot s\($0) for s\($0 / 2).duration { background black }\n" }.joined() }),
        ("styles in a row", { n in "style s0 { weight 400 }\n" + (1..<n).map { "style s\($0) { like s\($0 - 1) }\n" }.joined() + "shot for 1s { background black ; title \"x\" { style s\(n - 1) } }" }),
        ("a circle of styles", { n in (0..<n).map { "style s\($0) { like s\(($0 + 1) % n) }\n" }.joined() + "shot for 1s { background black }" }),
        ("lines of one actor", { n in "persona p = \"p.persona\"\naudio a = \"a.wav\" { to 0.5s }\nshot { actor p {\n" + (0..<n).map { "speaks a from \($0)s\n" }.joined() + "} }" }),
        ("ducked sounds", { n in "audio a = \"a.wav\"\naudio b = \"b.wav\"\nshot for 9s { background black\n" + (0..<n).map { _ in "sound a { duck 3dB under b }\nsound b\n" }.joined() + "}" }),
        ("layers with events", { n in "audio a = \"a.wav\"\nshot for 9s { background black ; sound a\n" + (0..<n).map { "title \"t\($0)\" { from a.end - 1s ; place top \($0 % 99)% 5% }\n" }.joined() + "}" }),
        ("uses of one long path", { n in "persona p = \"p.persona\"\npath w {\n" + (0..<n).map { "at \($0)s yaw \($0 % 3)deg\n" }.joined() + "}\n" + (0..<n).map { _ in "shot for 1s { actor p { pose w } }\n" }.joined() }),
        ("suppressions", { n in (0..<n).map { "// studio:allow unused-name for later\nimage i\($0) = \"a\($0).png\"\n" }.joined() + "shot for 1s { background black }" }),
        ("mistakes on one line", { n in "shot for 1s { background black ; " + (0..<n).map { "titel \"\($0)\" ; " }.joined() + "}" }),
        ("keys in disorder", { n in "curve c {\n" + (0..<n).map { "at \(n - $0)s 0.5\n" }.joined() + "}\nshot for 1s { background black { opacity c } }" }),
        ("broken tokens", { n in String(repeating: "$ ", count: n) }),
        ("open braces", { n in String(repeating: "shot {\n title \"a\n", count: n) }),
    ]

    private func lint(_ text: String) {
        let findings = SceneLinter.findings(load(text))
        _ = PrettyReporter(useColor: false).report(Array(findings.prefix(2000))).count
    }

    /// Four times the text may take eight times the work, and what takes next to no work anyway may take more: a square would be sixteen.
    @Test(arguments: 0..<shapes.count) func fourTimesTheSceneCostsAboutFourTimesTheWork(index: Int) {
        let shape = Self.shapes[index]
        let (small, large) = (shape.text(150), shape.text(600))
        var ratio = Double.infinity
        for _ in 0..<4 where ratio > 8 {
            let a = (0..<1).map { _ in work { lint(small) } }.min() ?? 0, b = (0..<1).map { _ in work { lint(large) } }.min() ?? 0
            ratio = min(ratio, b / max(a, 0.002))
        }
        #expect(ratio <= 8, "\(shape.name): \(ratio)")
    }

    /// Counted, so that no other program is in it: tokens looked at by lexer and parser, for each byte.
    @Test(arguments: 0..<shapes.count) func lexerAndParserLookAtEachTokenAFewTimes(index: Int) {
        let shape = Self.shapes[index]
        func steps(_ n: Int) -> (steps: Int, tokens: Int) {
            let tree = Parser.parse(SourceFile(path: "t", text: shape.text(n)))
            return (tree.steps, tree.tokens.count)
        }
        let small = steps(500), large = steps(1000)
        #expect(large.steps <= 8 * large.tokens, "\(shape.name): \(large)")
        // Twice the tokens, at most twice the steps, and a little for what stands once.
        #expect(large.steps * small.tokens <= small.steps * large.tokens + small.steps * small.tokens / 50, "\(shape.name): \(small), \(large)")
    }

    @Test(arguments: 0..<shapes.count) func fourTimesTheTextTakesFourTimesTheTokens(index: Int) {
        let shape = Self.shapes[index]
        let (small, large) = (SourceFile(path: "t", text: shape.text(1500)), SourceFile(path: "t", text: shape.text(6000)))
        var ratio = Double.infinity
        for _ in 0..<4 where ratio > 8 { ratio = min(ratio, work { _ = Lexer.tokens(of: large.bytes).count } / max(work { _ = Lexer.tokens(of: small.bytes).count }, 0.001)) }
        #expect(ratio <= 8, "\(shape.name): \(ratio)")
    }

    /// Scenes in which each line has a fix. A round looks at the whole scene, and the number of rounds does not grow with it.
    static let mendable: [(name: String, text: @Sendable (Int) -> String)] = [
        ("empty blocks", { n in "shot for 1s {\n" + (0..<n).map { _ in "background black { }\n" }.joined() + "}" }),
        ("unused names", { n in (0..<n).map { "curve c\($0) { at 0s 0 ; at 1s 1 }\n" }.joined() + "shot for 1s { background black }" }),
        ("settings without effect", { n in "shot for 1s {\n" + (0..<n).map { _ in "background black { opacity 1 }\n" }.joined() + "}" }),
        ("words that nobody knows", { n in "shot for 1s { background black\n" + (0..<n).map { _ in "titel \"x\"\n" }.joined() + "}" }),
    ]

    @Test(arguments: 0..<mendable.count) func fourTimesTheSceneTakesFourTimesTheMending(index: Int) {
        let shape = Self.mendable[index]
        func mend(_ text: String) { _ = FixLaw.mend(text, unsafe: true).text.utf8.count }
        let (small, large) = (shape.text(60), shape.text(240))
        var ratio = Double.infinity
        for _ in 0..<4 where ratio > 8 { ratio = min(ratio, work { mend(large) } / max(work { mend(small) }, 0.002)) }
        #expect(ratio <= 8, "\(shape.name): \(ratio)")
    }

    @Test(arguments: 0..<shapes.count) func fourTimesTheTextTakesFourTimesTheLayout(index: Int) {
        let shape = Self.shapes[index]
        let (small, large) = (Parser.parse(SourceFile(path: "t", text: shape.text(400))), Parser.parse(SourceFile(path: "t", text: shape.text(1600))))
        var ratio = Double.infinity
        for _ in 0..<4 where ratio > 8 {
            let a = (0..<1).map { _ in work { _ = Formatter.format(small) } }.min() ?? 0, b = (0..<1).map { _ in work { _ = Formatter.format(large) } }.min() ?? 0
            ratio = min(ratio, b / max(a, 0.002))
        }
        #expect(ratio <= 8, "\(shape.name): \(ratio)")
    }
}

@Suite struct LimitTests {
    private func ids(_ text: String, _ resolver: FakeResolver = FakeResolver()) -> [String] { load(text, resolver: resolver).diagnostics.filter { $0.severity == .error }.map(\.id) }
    private let body = "shot for 1s { background black }"

    @Test func importsAreCounted() {
        let many = (0...SceneLimits.imports).map { "import \"cast.scene\" as c\($0)\n" }.joined()
        #expect(ids(many + body) == ["too-many-imports"])
        #expect(ids((1...SceneLimits.imports).map { "import \"cast.scene\" as c\($0)\n" }.joined() + body).isEmpty)
    }

    @Test func importsOfImportsAreCounted() {
        var resolver = FakeResolver()
        for depth in 0..<40 { resolver.texts["d\(depth).scene"] = "import \"d\(depth + 1).scene\"\nimage i\(depth) = \"a.png\"\n" }
        resolver.texts["d40.scene"] = ""
        #expect(ids("import \"d0.scene\"\n" + body, resolver).contains("imports-too-deep"))
        // Each file doubles the names of the next one.
        for depth in 0..<16 { resolver.texts["e\(depth).scene"] = "import \"e\(depth + 1).scene\" as a\nimport \"e\(depth + 1).scene\" as b\n" }
        resolver.texts["e16.scene"] = (0..<10).map { "image i\($0) = \"a.png\"\n" }.joined()
        #expect(ids("import \"e1.scene\"\n" + body, resolver).contains("too-many-names"))
    }

    @Test func importedBytesAreCounted() {
        var resolver = FakeResolver()
        for index in 0..<5 { resolver.texts["big\(index).scene"] = "// " + String(repeating: "x", count: 4_000_000) + "\n" }
        #expect(ids((0..<5).map { "import \"big\($0).scene\"\n" }.joined() + body, resolver) == ["imports-too-large"])
    }

    @Test func namesAreCounted() {
        let text = (0...SceneLimits.names).map { "curve c\($0) {hold 1}\n" }.joined()
        #expect(ids(text + body) == ["too-many-names"])
    }

    @Test func timesThatHangOnEachOtherAreCounted() {
        let shots = (0..<(SceneLimits.timeDepth + 5)).map { "shot s\($0) for s\($0 + 1).duration { background black }\n" }.joined()
        #expect(ids(shots + "shot s\(SceneLimits.timeDepth + 5) for 1s { background black }").contains("time-too-deep"))
    }

    @Test func keysThatHangOnEventsAreCounted() {
        let keys = (0..<1200).map { "at shot.end - \(1200 - $0)ms yaw 1deg\n" }.joined()
        let shots = (0..<900).map { _ in "shot for 2s { actor p { pose w } }\n" }.joined()
        #expect(ids("persona p = \"p.persona\"\npath w {\n\(keys)}\n\(shots)").contains("too-many-keys"))
    }

    @Test func everyLimitIsExplained() {
        for id in ["file-too-large", "nested-too-deep", "too-many-imports", "imports-too-deep", "imports-too-large", "too-many-names", "time-too-deep", "too-many-keys"] {
            #expect(Explanation.text(id) != nil, "\(id)")
        }
    }
}
