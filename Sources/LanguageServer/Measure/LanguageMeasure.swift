// What an author waits for on a long scene: findings, layout, and the answers to a key press.
import Base
import Diagnostics
import SceneLint
import SceneModel
import SceneSyntax

/// Processor time of the language's work on one long scene, without media. Times are seconds, the least of several runs.
package struct LanguageMeasure: Sendable {
    package var lineCount: Int
    package var byteCount: Int
    package var ruleCount: Int
    package var findingCount: Int
    /// From the text to the findings of all rules.
    package var lint: Double
    /// From the text to the one layout.
    package var layout: Double
    /// From a key press to the answer of a completion: what half and 95 % of the presses keep within.
    package var answer: (median: Double, most: Double)
    /// From a key press to the findings of the new text, median.
    package var findings: Double

    private static let path = "/p/long.scene"

    /// - Parameters:
    ///   - lines: of the scene, at least.
    ///   - runs: of lint and of layout; the least counts.
    ///   - rounds: of `presses` key presses each; the least counts.
    package static func run(lines: Int = 1000, runs: Int, rounds: Int, presses: Int) -> LanguageMeasure {
        let text = LongScene.text(lines: lines), bytes = Array(text.utf8), disk = EvenDisk()
        func findings() -> [Diagnostic] { SceneLinter.findings(SceneLoader.load(path: path, bytes: bytes, resolver: disk)) }
        let found = findings().count
        let lint = ProcessorTime.least(rounds: runs) { _ = findings() }
        let layout = ProcessorTime.least(rounds: runs) { _ = Formatter.format(Parser.parse(SourceFile(path: path, bytes: bytes))) }
        let measured = (0..<max(rounds, 1)).map { _ in KeyPressMeasure.run(disk: disk, path: path, text: text, count: presses) { ProcessorTime.now } }
        func least(_ share: Double, _ times: KeyPath<KeyPressMeasure, [Double]>) -> Double {
            measured.map { KeyPressMeasure.quantile($0[keyPath: times], share) }.min() ?? 0
        }
        return LanguageMeasure(lineCount: bytes.count { $0 == UInt8(ascii: "\n") }, byteCount: bytes.count, ruleCount: RuleRegistry.rules.count, findingCount: found,
                               lint: lint, layout: layout, answer: (least(0.5, \.answers), least(0.95, \.answers)), findings: least(0.5, \.findings))
    }
}
