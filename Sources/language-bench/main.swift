// What an author waits for, against its aims: lint of a long scene, its layout, and the answer after a key press.
// Processor time of this process, the least of several runs: other programs on the machine do not count.
import Foundation
import LanguageServer

/// One line of the report with the share of the aim that was needed; true where the aim is met.
func report(_ what: String, _ seconds: Double, aim: Double) -> Bool {
    print(String(format: "%@: %.1f ms, %.2f of the aim of %.0f ms%@", what, seconds * 1000, seconds / aim, aim * 1000, seconds <= aim ? "" : ": OVER"))
    return seconds <= aim
}

let measure = LanguageMeasure.run(runs: 30, rounds: 3, presses: 40)
print("\(measure.lineCount) lines, \(measure.byteCount) bytes, \(measure.ruleCount) rules, \(measure.findingCount) findings")
let met = [
    report("lint, from the text to the findings", measure.lint, aim: 0.05),
    report("layout", measure.layout, aim: 0.05),
    report("key press to the completion, median", measure.answer.median, aim: 0.03),
    report("key press to the completion, 95 %", measure.answer.most, aim: 0.03),
    report("key press to the findings, median", measure.findings, aim: 0.03),
]
exit(met.allSatisfy { $0 } ? 0 : 1)
