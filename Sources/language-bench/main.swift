// What an author waits for, against its aims: lint of a long scene, its layout, and the answer after a key press.
// Processor time of this process, the least of several runs: other programs on the machine do not count.
import Base
import Diagnostics
import Foundation
import LanguageServer
import SceneLint
import SceneModel
import SceneSyntax

/// Seconds of processor time that this process has had.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The least of some runs, in seconds.
func least(of runs: Int, _ body: () -> Void) -> Double {
    (0..<runs).map { _ in
        let began = processorTime()
        body()
        return processorTime() - began
    }.min() ?? 0
}

/// One line of the report; true where the aim is met.
func report(_ what: String, _ seconds: Double, aim: Double) -> Bool {
    print(String(format: "%@: %.1f ms (aim %.0f ms)%@", what, seconds * 1000, aim * 1000, seconds <= aim ? "" : ", over its aim"))
    return seconds <= aim
}

let text = LongScene.text(lines: 1000)
let bytes = Array(text.utf8)
let lineCount = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
let disk = EvenDisk()
let findings = SceneLinter.findings(SceneLoader.load(path: "/p/long.scene", bytes: bytes, resolver: disk))
print("\(lineCount) lines, \(bytes.count) bytes, \(RuleRegistry.rules.count) rules, \(findings.count) findings")

let lint = least(of: 30) { _ = SceneLinter.findings(SceneLoader.load(path: "/p/long.scene", bytes: bytes, resolver: disk)) }
let layout = least(of: 30) { _ = Formatter.format(Parser.parse(SourceFile(path: "/p/long.scene", bytes: bytes))) }
let presses = (0..<3).map { _ in KeyPressMeasure.run(disk: disk, path: "/p/long.scene", text: text, count: 40, now: processorTime) }
/// The least of the three rounds of what a share of the presses keeps within.
@MainActor func press(_ share: Double, _ times: KeyPath<KeyPressMeasure, [Double]>) -> Double {
    presses.map { KeyPressMeasure.quantile($0[keyPath: times], share) }.min() ?? 0
}

let met = [
    report("lint, from the text to the findings", lint, aim: 0.05),
    report("layout", layout, aim: 0.05),
    report("key press to the completion, median", press(0.5, \.answers), aim: 0.03),
    report("key press to the completion, 95 %", press(0.95, \.answers), aim: 0.03),
    report("key press to the findings, median", press(0.5, \.findings), aim: 0.03),
]
exit(met.allSatisfy { $0 } ? 0 : 1)
