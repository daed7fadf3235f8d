// Verbs that make and look at personas.
import Base
import Capture
import Engines
import Foundation
import Imaging
import Media
import Motion
import TalkingHead

package enum PersonaWork {
    package static func stage(_ folder: String, seconds: Int, size: Int, seed: UInt64, heldOut: Bool, threads: Int, progress: @escaping ProgressHandler) throws -> Int {
        let plan = StagePlan(seconds: seconds, size: size, seed: seed, heldOut: heldOut)
        do { return try StageProducer(plan: plan, folder: folder).run(budget: ComputeBudget(threads: threads), progress: progress) } catch { throw StudioFailure.of(error) }
    }

    package static func train(_ dataset: String, output: String, recipe path: String?, threads: Int, progress: @escaping ProgressHandler) throws {
        do {
            var recipe = TrainingRecipe()
            if let path {
                guard let data = FileManager.default.contents(atPath: path) else { throw StudioFailure(3, "\(path): there is no such recipe") }
                do { recipe = try JSONDecoder().decode(TrainingRecipe.self, from: data) } catch { throw StudioFailure(3, "\(path): is no recipe: \(error)") }
            }
            let footage = try DatasetFootage(path: dataset)
            let field = try FieldTrainer(footage: footage, recipe: recipe, budget: ComputeBudget(threads: threads)).run(progress)
            try assemble(field.weights, footage, output: output, recipe: "studio train, seed \(recipe.seed)").write(to: output)
        } catch { throw StudioFailure.of(error) }
    }

    package static func importCheckpoint(_ checkpoint: String, dataset: String, output: String) throws {
        do {
            let weights = try CheckpointImport.read(checkpoint)
            _ = try FieldConfiguration(checking: weights, path: checkpoint)
            try assemble(weights, DatasetFootage(path: dataset), output: output, recipe: "imported checkpoint").write(to: output)
        } catch { throw StudioFailure.of(error) }
    }

    private static func assemble(_ weights: FieldWeights, _ footage: DatasetFootage, output: String, recipe: String) throws -> PersonaPackage {
        let name = URL(fileURLWithPath: output).deletingPathExtension().lastPathComponent
        let isStage = footage.folder.isStage
        // Of footage of a person nobody knows the scale: a head is taken to be as large as in the original's data sets (about 1/10 of a metre a unit).
        return try PersonaAssembler.assemble(weights, footage: footage, name: name, licence: isStage ? "Apache-2.0" : "unknown",
                                             consent: isStage ? "procedural: no person was recorded" : "not stated", recipe: recipe,
                                             unitsPerCentimetre: isStage ? StageScale.unitsPerCentimetre : 0.01,
                                             pivot: isStage ? StageScale.pivot : SIMD3(0, -0.1, 0))
    }

    package static func info(_ path: String) throws -> String {
        do {
            let facts = try PersonaPackage.read(path).manifest.facts
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(facts), as: UTF8.self)
        } catch { throw StudioFailure.of(error) }
    }

    /// Draws validation frames and compares them with the truth.
    package static func check(_ path: String, dataset: String, sheet: String?, every: Int) throws -> String {
        do {
            let footage = try DatasetFootage(path: dataset)
            let persona = try ErnerfPersona(path: path)
            let report = try PersonaCheck(persona: persona, footage: footage).run(every: every, keeps: sheet == nil ? 0 : 6)
            if let sheet { try ImageFile.write(report.sheet(), to: sheet) }
            return report.text
        } catch { throw StudioFailure.of(error) }
    }
}
