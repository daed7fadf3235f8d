// The verbs of personas for the AD-NeRF engine.
import Base
import Capture
import Engines
import Foundation
import TalkingHead

extension PersonaWork {
    /// Engines that `train` knows.
    package static let engines = ["er-nerf", "ad-nerf"]

    /// Trains an AD-NeRF persona; an interrupted training goes on where it stopped.
    static func trainAdNerf(_ request: Training, threads: Int, progress: @escaping ProgressHandler) throws -> String {
        do {
            let target = try PersonaFolder.target(request.output)
            let recipe = try request.recipe.map { try RecipeFile.readAdNerf($0) } ?? AdNerfRecipe()
            let footage = try DatasetFootage(path: request.dataset)
            let folder = target + ".training"
            if request.fresh { try? FileManager.default.removeItem(atPath: folder) }
            let work = try AdNerfWork(folder: folder, recipe: recipe, footage: footage)
            if request.mustResume, !work.isStarted { throw StudioFailure(2, "--resume: \(folder) holds no training of this data set and recipe") }
            let trainer = try AdNerfTrainer(footage: footage, recipe: recipe, budget: ComputeBudget(threads: threads))
            if let state = try work.read() { try trainer.restore(state) }
            try trainer.run(progress) { () throws(EngineError) in try work.write(trainer.state()) }
            let (weights, frame) = trainer.result()
            let from = origin(footage, output: target, recipe: "studio train --engine ad-nerf, seed \(recipe.seed)")
            try PersonaAssembler.assemble(weights, frame, hasTorso: recipe.torsoSteps > 0, footage: footage, origin: from).write(to: target)
            work.remove()
            return "AD-NeRF, \(recipe.sizes.depth) layers of \(recipe.sizes.width)"
        } catch {
            var failure = StudioFailure.of(error)
            if failure.exitCode == 130 { failure.advice = "the same command goes on where it stopped" }
            throw failure
        }
    }

    /// Takes in `NNNNNN_head.tar`, and `NNNNNN_body.tar` where there is one, with the grids that drawing fast needs.
    package static func importAdNerf(head: String, body: String?, dataset: String, output: String, threads: Int) throws {
        do {
            let target = try PersonaFolder.target(output)
            let found = try AdNerfImport.read(head: head, body: body)
            let footage = try DatasetFootage(path: dataset)
            guard footage.features.channels == found.configuration.audioChannels else {
                throw EngineError.badInput("\(head) hears \(found.configuration.audioChannels) feature channels, the features of \(dataset) have \(footage.features.channels)")
            }
            guard !footage.train.isEmpty else { throw EngineError.badInput("\(dataset) has no training frames") }
            let bounds = AdNerfFrame.bounds(footage.train.map(\.cameraToWorld))
            let m = footage.train[0].cameraToWorld
            var frame = AdNerfFrame(sizes: found.configuration.sizes, audioChannels: found.configuration.audioChannels, near: bounds.near, far: bounds.far,
                                    torsoPose: (0..<4).flatMap { r in (0..<4).map { m[r, $0] } })
            let weights = AdNerfCulling.add(to: FieldWeights(tensors: found.tensors, occupancy: []), &frame, hasTorso: body != nil, footage: footage,
                                            budget: ComputeBudget(threads: threads))
            let from = origin(footage, output: target, recipe: "imported checkpoint")
            try PersonaAssembler.assemble(weights, frame, hasTorso: body != nil, footage: footage, origin: from).write(to: target)
        } catch { throw StudioFailure.of(error) }
    }
}

extension RecipeFile {
    /// Reads a recipe of AD-NeRF. - Throws: `StudioFailure` that names the entry.
    static func readAdNerf(_ path: String) throws -> AdNerfRecipe {
        guard let data = FileManager.default.contents(atPath: path) else { throw StudioFailure(3, "\(path): there is no such recipe") }
        let recipe: AdNerfRecipe
        do { recipe = try JSONDecoder().decode(AdNerfRecipe.self, from: data) } catch {
            throw StudioFailure(3, "\(path): is no recipe of ad-nerf: \(JSONReason.words(error))", advice: "training/ad-nerf.json shows every entry")
        }
        if let bad = recipe.complaint { throw StudioFailure(3, "\(path): \(bad.name) is \(bad.value); expected \(bad.expected)", advice: "training/ad-nerf.json shows every entry") }
        return recipe
    }
}
