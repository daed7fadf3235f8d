// Checks for developers, and the stage's direct way.
import Base
import Capture
import Engines
import Foundation
import TalkingHead
import Tensors

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
case "train":
    do {
        let footage = try DatasetFootage(path: value("-d", ""))
        var recipe = TrainingRecipe()
        recipe.coarseSteps = Int(value("--steps", "\(recipe.coarseSteps)")) ?? recipe.coarseSteps
        recipe.lipsSteps = Int(value("--lips", "\(recipe.lipsSteps)")) ?? recipe.lipsSteps
        recipe.audioSteps = Int(value("--audio", "\(recipe.audioSteps)")) ?? recipe.audioSteps
        let start = Date()
        let field = try FieldTrainer(footage: footage, recipe: recipe, budget: ComputeBudget(threads: 2)).trainHead { report in
            if report.done % 100 == 0 { FileHandle.standardError.write(Data("\(report.phase) \(report.done)/\(report.total) \(report.detail) \(Int(Date().timeIntervalSince(start))) s\n".utf8)) }
            return true
        }
        var tensors = field.weights.tensors
        tensors["occupancy"] = Tensor(shape: [field.weights.occupancy.count], values: field.weights.occupancy.map { Float($0) })
        try SafetensorsFile.write(tensors, precision: ["occupancy": .uint8], to: value("-o", "head.safetensors"))
    } catch {
        print(error)
        exit(4)
    }
default:
    print("usage: studio-dev layers | sizes | stage -o FOLDER")
    exit(2)
}
