// How the verb `train` teaches an ER-NeRF persona.
import Base
import Capture
import Engines
import Foundation
import Speech
import TalkingHead

/// Speech encoder, audio net, head, lips, torso.
struct ErnerfTraining: PersonaTraining {
    let budget: ComputeBudget
    private let perceptual: PerceptualDistance?
    private let lpipsPath: String
    private let teacher: SpeechHearing.Teacher?
    var lipsLoss: String? { perceptual == nil ? "filters" : "lpips" }
    var hearing: String? { teacher.map { "\($0.name) \($0.key)" } }

    init(_ request: PersonaWork.Training, budget: ComputeBudget) throws {
        self.budget = budget
        lpipsPath = request.lpips
        perceptual = try PerceptualDistance(path: request.lpips)
        teacher = try request.hearing.map { try SpeechHearing.teacher($0, advice: "name another persona with --hearing") }
    }

    func recipe(_ path: String?) throws -> TrainingRecipe { try path.map(RecipeFile.read) ?? TrainingRecipe() }

    private static let trialSpeech = 4

    func pace(_ recipe: TrainingRecipe, on ground: TrainingGround, _ progress: @escaping ProgressHandler) throws(EngineError) -> TrainingPace {
        var ground = ground
        var hearing: (step: Double, opening: Double)?
        if let teacher {
            var watch = Stopwatch()
            ground = try ground.heard(by: teacher.encoder)
            hearing = (0, watch.lap())
        } else if recipe.speechSteps > 0, let lessons = ground.dataset.lessons {
            let trainer = try SpeechEncoderTrainer(steps: lessons.steps, loudness: lessons.loudness, mouths: lessons.mouths)
            var watch = Stopwatch()
            let encoder = try trainer.train(steps: Self.trialSpeech, seed: recipe.seed, budget: budget, progress: progress)
            let step = watch.lap() / Double(Self.trialSpeech)
            ground = try ground.heard(by: encoder)
            hearing = (step, watch.lap())
        }
        var pace = try FieldTrainer(footage: ground.pictures, recipe: recipe, budget: budget, perceptual: perceptual).pace(progress)
        if let hearing {
            pace.add("speech encoder", steps: recipe.speechSteps, seconds: hearing.step)
            pace.add(once: hearing.opening)
        }
        return pace
    }

    /// What the lips stage looks with, in words.
    private func lips(_ recipe: TrainingRecipe) -> String {
        switch recipe.lipsLook {
        case .lpips: "LPIPS"
        case .filters: "drawn filters"
        case .rays: "single rays"
        case nil: perceptual == nil ? "drawn filters (no \(lpipsPath))" : "LPIPS"
        }
    }

    func train(_ recipe: TrainingRecipe, on ground: TrainingGround, output: String, work: TrainingWork, preview: (any TrainingFootage) -> TrainingPreview?,
               _ progress: @escaping ProgressHandler) throws -> (package: PersonaPackage, note: String) {
        let encoder = try teacher?.encoder ?? SpeechHearing.encoder(for: ground.dataset, recipe: recipe, keptIn: work.folder, budget: budget, progress: progress)
        let ground = try encoder.map { try ground.heard(by: $0) } ?? ground
        let lips = lips(recipe)
        let from = PersonaWork.origin(ground.dataset, output: output, recipe: "studio train, seed \(recipe.seed), lips stage with \(lips), \(recipe.steps)" + (teacher.map { ", hears with the encoder of \($0.name)" } ?? ""))
        func package(_ weights: FieldWeights) throws(EngineError) -> PersonaPackage {
            var package = try PersonaAssembler.assemble(weights, footage: ground.pictures, origin: from)
            package.speechEncoder = encoder?.tensors ?? [:]
            return package
        }
        let preview = preview(ground.pictures)
        let field = try FieldTrainer(footage: ground.pictures, recipe: recipe, budget: budget, perceptual: perceptual, work: work) { field throws(EngineError) in
            try preview?.look { () throws(EngineError) in try package(field()) }
        }.run(progress)
        let result = try package(field.weights)
        try preview?.show(result)
        return (result, "lips stage with \(lips)")
    }
}
