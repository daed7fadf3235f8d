// Where the fuzzers begin: the corpus of the grammar, scenes, and the examples of all findings.
import Foundation
import SceneLint

enum FuzzSeeds {
    /// Writes a file for each text; `.cases` files hold many. Returns how many.
    static func write(to folder: String, from paths: [String]) throws -> Int {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var texts = RuleRegistry.rules.flatMap { [$0.wrong, $0.right, $0.nearMiss] } + Explanation.entries.flatMap { [$0.right] + ($0.wrong.map { [$0] } ?? []) }
        for path in paths {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            texts += path.hasSuffix(".cases") ? cases(text) : [text]
        }
        for (index, text) in texts.enumerated() { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/seed-\(index)")) }
        return texts.count
    }

    /// Scripts behind lines of the form `--- name ---`.
    private static func cases(_ text: String) -> [String] {
        var scripts: [[Substring]] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("--- "), line.hasSuffix(" ---") { scripts.append([]) } else if !scripts.isEmpty { scripts[scripts.count - 1].append(line) }
        }
        return scripts.map { $0.joined(separator: "\n") }
    }
}
