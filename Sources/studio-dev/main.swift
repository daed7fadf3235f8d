// Checks for developers, and the stage's direct way.
import Base
import Capture
import Engines
import Imaging
import Media
import Motion
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
case "props":
    do {
        try SceneProps.write(to: value("-o", "scenes"), budget: ComputeBudget(threads: 2))
        try PresenterClip.write(to: value("-o", "scenes") + "/footage/presenter.mp4", budget: ComputeBudget(threads: 2))
    } catch {
        print(error)
        exit(4)
    }
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
        let field = try FieldTrainer(footage: footage, recipe: recipe, budget: ComputeBudget(threads: 2), perceptual: try PerceptualDistance(path: "models/lpips_alexnet.safetensors")).trainHead { report in
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
case "torso":
    do {
        let footage = try DatasetFootage(path: value("-d", ""))
        var tensors = try SafetensorsFile.read(value("--head", ""))
        let occupancy = tensors.removeValue(forKey: "occupancy")?.values.map { UInt8($0) } ?? []
        var field = TrainedField(weights: FieldWeights(tensors: tensors, occupancy: occupancy))
        var recipe = TrainingRecipe()
        recipe.torsoSteps = Int(value("--steps", "\(recipe.torsoSteps)")) ?? recipe.torsoSteps
        let start = Date()
        try FieldTrainer(footage: footage, recipe: recipe, budget: ComputeBudget(threads: 2)).trainTorso(&field) { report in
            if report.done % 100 == 0 { FileHandle.standardError.write(Data("\(report.phase) \(report.done)/\(report.total) \(report.detail) \(Int(Date().timeIntervalSince(start))) s\n".utf8)) }
            return true
        }
        let package = try PersonaAssembler.assemble(field.weights, footage: footage, name: value("--name", "nova"), licence: "Apache-2.0",
                                                    consent: "procedural: no person was recorded", recipe: "studio stage --seed 7, studio train",
                                                    unitsPerCentimetre: 0.12 / 9, pivot: SIMD3(0, -1.05, -0.40) * 0.12)
        try package.write(to: value("-o", "x.persona"))
    } catch {
        print(error)
        exit(4)
    }
case "check":
    do {
        let footage = try DatasetFootage(path: value("-d", ""))
        let persona = try ErnerfPersona(path: value("-p", ""))
        let codes = try persona.audioCodes(for: footage.features)
        let every = Int(value("--every", "10")) ?? 10
        var whole = 0.0, head = 0.0, pixels = 0.0, headPixels = 0.0
        let start = Date()
        var count = 0
        for (index, frame) in (arguments.contains("--train") ? footage.train : footage.held).enumerated() where index % every == 0 {
            let truth = try footage.pixels(of: frame)
            let conditions = ActorConditions(pose: .neutral, eyeClosure: frame.eyeClosure, audioCode: codes[frame.audioID])
            let drawn = try persona.render(cameraToWorld: frame.cameraToWorld, conditions, budget: ComputeBudget(threads: 2))
            count += 1
            var bytes = [UInt8](repeating: 0, count: footage.width * footage.height * 3)
            for i in 0..<(footage.width * footage.height) {
                let p = drawn.pixels + 4 * i
                var error = 0.0
                for c in 0..<3 {
                    let v = p[c] + (1 - p[3]) * Float(footage.background[3 * i + c]) / 255
                    bytes[3 * i + c] = UInt8(min(max(v, 0), 1) * 255 + 0.5)
                    let d = Double(Float(bytes[3 * i + c]) - Float(truth.image[3 * i + c])) / 255
                    error += d * d
                }
                whole += error
                pixels += 3
                if truth.parsing[i] == 1 || truth.parsing[i] == 4 { head += error; headPixels += 3 }
            }
            if let folder = arguments.firstIndex(of: "--out").map({ arguments[$0 + 1] }) {
                try ImageFile.write(RawImage(width: footage.width, height: footage.height, channels: 3, bytes: bytes), to: folder + "/\(frame.imageID)-ours.png")
                try ImageFile.write(RawImage(width: footage.width, height: footage.height, channels: 3, bytes: truth.image), to: folder + "/\(frame.imageID)-true.png")
            }
        }
        let seconds = Date().timeIntervalSince(start)
        print(String(format: "head %.2f dB, whole %.2f dB, %d frames, %.2f s a frame", -10 * log10(head / headPixels), -10 * log10(whole / pixels), count, seconds / Double(max(count, 1))))
    } catch {
        print(error)
        exit(4)
    }
default:
    print("usage: studio-dev layers | sizes | stage -o FOLDER")
    exit(2)
}
