// How the verb `train` teaches an AD-NeRF persona.
import Base
import Capture
import Engines
import Foundation
import TalkingHead

/// Head, then torso.
struct AdNerfTraining: PersonaTraining {
    let budget: ComputeBudget
    var lipsLoss: String? { nil }
    var hearing: String? { nil }

    func recipe(_ path: String?) throws -> AdNerfRecipe { try path.map(RecipeFile.readAdNerf) ?? AdNerfRecipe() }

    func pace(_ recipe: AdNerfRecipe, on ground: TrainingGround, _ progress: @escaping ProgressHandler) throws(EngineError) -> TrainingPace {
        try AdNerfTrainer.pace(footage: ground.pictures, recipe: recipe, budget: budget, progress)
    }

    private static let part = "state"

    func train(_ recipe: AdNerfRecipe, on ground: TrainingGround, output: String, work: TrainingWork, preview: (any TrainingFootage) -> TrainingPreview?,
               _ progress: @escaping ProgressHandler) throws -> (package: PersonaPackage, note: String) {
        let trainer = try AdNerfTrainer(footage: ground.pictures, recipe: recipe, budget: budget)
        if let state = try work.read(Self.part) { try trainer.restore(state) }
        let from = PersonaWork.origin(ground.dataset, output: output, recipe: "studio train --engine ad-nerf, seed \(recipe.seed), \(recipe.steps)")
        func package() throws(EngineError) -> PersonaPackage {
            let (weights, frame) = trainer.result()
            return try PersonaAssembler.assemble(weights, frame, hasTorso: recipe.torsoSteps > 0, footage: ground.pictures, origin: from)
        }
        let preview = preview(ground.pictures)
        try trainer.run(progress) { () throws(EngineError) in try work.write(Self.part, trainer.state()) } look: { () throws(EngineError) in try preview?.look(package) }
        let result = try package()
        try preview?.show(result)
        return (result, "AD-NeRF, \(recipe.sizes.depth) layers of \(recipe.sizes.width)")
    }
}
