// The machine formats and the difference of texts.
import Base
import Diagnostics
import Foundation
import Testing

@Suite struct MachineFormatTests {
    private let file = SourceFile(path: "a folder/ö,b.scene", text: "shot \u{1F600} x\n    title \"a\"\n")
    private var finding: Diagnostic {
        Diagnostic("odd-thing", .warning, "100% odd:\nreally", at: Label(file, TextRange(10, 11), "here"), labels: [Label(file, TextRange(16, 21), "and here")], help: "mend it",
                   fix: Fix("mend", edits: [TextEdit(TextRange(10, 11), "y")]))
    }
    private var note: Diagnostic { Diagnostic("quiet-thing", .note, "look", at: Label(file, TextRange(0, 26))) }

    @Test func sarifHasWhatItsSchemaAsksFor() throws {
        let text = try SARIFReporter(version: "1.2.3", rules: [.init(id: "odd-thing", text: "An odd thing."), .init(id: "unused", text: "x")]).report([finding, note])
        let log = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(log["version"] as? String == "2.1.0" && (log["$schema"] as? String)?.contains("sarif-2.1.0") == true)
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        #expect(run["columnKind"] as? String == "unicodeCodePoints")
        let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
        #expect(driver["name"] as? String == "studio" && driver["semanticVersion"] as? String == "1.2.3")
        #expect((driver["rules"] as? [[String: Any]])?.map { $0["id"] as? String } == ["odd-thing"])
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(results.map { $0["level"] as? String } == ["warning", "note"])
        #expect(results[0]["ruleIndex"] as? Int == 0 && results[1]["ruleIndex"] == nil)
        let place = try #require((results[0]["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any])
        #expect((place["artifactLocation"] as? [String: Any])?["uri"] as? String == "a%20folder/%C3%B6%2Cb.scene")
        // Code points: the face is one of them, and four bytes.
        let region = try #require(place["region"] as? [String: Int])
        #expect(region == ["startLine": 1, "startColumn": 8, "endLine": 1, "endColumn": 9])
        #expect((results[0]["relatedLocations"] as? [[String: Any]])?.count == 1)
        let change = try #require(((results[0]["fixes"] as? [[String: Any]])?.first?["artifactChanges"] as? [[String: Any]])?.first)
        #expect((change["replacements"] as? [[String: Any]])?.count == 1)
        let endless = try #require(((results[1]["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any])?["region"] as? [String: Int])
        #expect(endless["endLine"] == 3 && endless["endColumn"] == 1)
    }

    @Test func gitHubLinesAreEscaped() {
        #expect(GitHubReporter().report([finding]) == "::warning file=a folder/ö%2Cb.scene,line=1,endLine=1,col=8,endColumn=9,title=odd-thing::100%25 odd:%0Areally%0Amend it\n")
        #expect(GitHubReporter().report([note]).hasPrefix("::notice file=a folder/ö%2Cb.scene,line=1,endLine=3,title=quiet-thing::"))
    }

    @Test func placesInVeryLongLinesAreExactAndCheap() {
        let line = (0..<40_000).map { _ in "äx" }.joined()
        let long = SourceFile(path: "l", text: "first\n" + line + "\nlast")
        for step in [0, 1, 999, 2048, 40_001, 79_999] {
            let offset = 6 + step / 2 * 3 + (step % 2) * 2
            #expect(long.position(of: offset) == LineColumn(line: 2, column: step + 1))
            #expect(long.position(of: offset, in: .scalars) == LineColumn(line: 2, column: step + 1))
        }
        let finding = Diagnostic("x", .error, "m", at: Label(long, TextRange(60_006, 60_009)))
        let report = PrettyReporter(useColor: false).report(finding)
        #expect(report.utf8.count < 3000 && report.contains("l:2:40001"))
        let carets = report.split(separator: "\n").map(String.init)
        #expect(carets.count == 4)
        if carets.count == 4, let at = carets[3].firstIndex(of: "^") {
            let distance = carets[3].distance(from: carets[3].startIndex, to: at)
            #expect(Array(carets[2])[distance] == "ä")
        }
    }
}

@Suite struct UnifiedDiffTests {
    /// Applies a difference as `patch` does.
    private func patched(_ old: String, _ diff: String) -> String? {
        var lines = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let endsLine = lines.last == ""
        if endsLine { lines.removeLast() }
        var result: [String] = []
        var at = 0
        var noEnd = !endsLine
        var last: Character = " "
        for line in diff.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropFirst(2) {
            if line.hasPrefix("@@ -") {
                let numbers = line.dropFirst(4).prefix { $0 != " " }.split(separator: ",").compactMap { Int($0) }
                guard numbers.count == 2 else { return nil }
                let start = numbers[1] == 0 ? numbers[0] : numbers[0] - 1
                while at < start { result.append(lines[at]); at += 1 }
                continue
            }
            guard let sign = line.first else { continue }
            switch sign {
            case " ": guard at < lines.count, lines[at] == line.dropFirst() else { return nil }; result.append(lines[at]); at += 1
            case "-": guard at < lines.count, lines[at] == line.dropFirst() else { return nil }; at += 1; if at == lines.count { noEnd = false }
            case "+": result.append(String(line.dropFirst()))
            case "\\": if last != "-" { noEnd = true }
            default: return nil
            }
            last = sign
        }
        while at < lines.count { result.append(lines[at]); at += 1 }
        return result.isEmpty ? "" : result.joined(separator: "\n") + (noEnd ? "" : "\n")
    }

    @Test func aDifferenceLeadsFromOneTextToTheOther() {
        let words = ["a", "b", "c", "shot", "}", "", "  x"]
        for seed in 0..<300 {
            let random = SeededRandom(seed: UInt64(seed), stream: 80)
            var lines = (0..<random.integer(0, below: 30)).map { words[random.integer(UInt64($0) + 1, below: words.count)] }
            let old = lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
            for k in 0..<UInt64(random.integer(50, below: 8)) where !lines.isEmpty {
                let at = random.integer(100 + k * 3, below: lines.count)
                switch random.integer(101 + k * 3, below: 3) {
                case 0: lines.remove(at: at)
                case 1: lines.insert(words[random.integer(102 + k * 3, below: words.count)], at: at)
                default: lines[at] = words[random.integer(102 + k * 3, below: words.count)]
                }
            }
            let new = lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
            let diff = UnifiedDiff.text(old, new, path: "f")
            #expect(diff.isEmpty == (old == new))
            if !diff.isEmpty { #expect(patched(old, diff) == new, "seed \(seed)\n\(diff)") }
        }
    }

    @Test func aMissingLineEndIsSaid() {
        let diff = UnifiedDiff.text("a\nb", "a\nc\n", path: "f")
        #expect(diff == "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n")
    }

    @Test func largeTextsAreCompared() {
        let old = (0..<30_000).map { "line \($0 % 7)\n" }.joined(), new = (0..<30_000).map { "line \($0 % 5)\n" }.joined()
        #expect(!UnifiedDiff.text(old, new, path: "f").isEmpty)
    }
}
