// Checks for developers, and the stage's direct way.
import Base
import Capture
import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())
let root = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)

func value(_ flag: String, _ fallback: String) -> String {
    guard let index = arguments.firstIndex(of: flag), index + 1 < arguments.count else { return fallback }
    return arguments[index + 1]
}

switch arguments.first {
case "layers":
    let found = try LayerCheck(root: root).violations()
    found.forEach { print($0) }
    exit(found.isEmpty ? 0 : 1)
case "sizes":
    try SizeReport(root: root, limit: 400).lines().forEach { print($0) }
case "stage":
    let plan = StagePlan(seconds: Int(value("--seconds", "100")) ?? 100, size: Int(value("--size", "512")) ?? 512,
                         seed: UInt64(value("--seed", "7")) ?? 7, heldOut: arguments.contains("--held-out"))
    let start = Date()
    do {
        try StageProducer(plan: plan, folder: value("-o", "stage")).run(budget: ComputeBudget(threads: Int(value("--threads", "2")) ?? 2)) { report in
            if report.done % 50 == 0 { print(report.phase, report.done, report.total, Int(Date().timeIntervalSince(start)), "s") }
            return true
        }
    } catch {
        print(error)
        exit(4)
    }
default:
    print("usage: studio-dev layers | sizes | stage -o FOLDER")
    exit(2)
}
