// The verb `train`: what the trainings of all engines have in common.
import Base
import Capture
import Engines
import Foundation
import Speech
import TalkingHead

extension PersonaWork {
    /// Engines that `train` knows.
    package static let engines = ["er-nerf", "ad-nerf"]

    /// What `train` is asked for.
    package struct Training: Sendable {
        package var dataset: String
        package var output: String
        package var recipe: String?
        /// LPIPS weights for the lips stage; without the file the stage uses drawn filters.
        package var lpips: String
        /// A persona whose speech encoder hears for the new one, instead of one that is taught for it.
        package var hearing: String?
        /// `er-nerf` or `ad-nerf`.
        package var engine = "er-nerf"
        /// Fit the recipe's steps to so much time on this machine.
        package var minutes: Double?
        /// Train on pictures of this width.
        package var size: Int?
        /// Refuse to begin anew; forget what was kept; write a picture now and then.
        package var mustResume = false, fresh = false, preview = false
        /// Told what was decided before the work begins.
        package var talk: @Sendable (String) -> Void = { _ in }
        package init(dataset: String, output: String, recipe: String?, lpips: String) {
            self.dataset = dataset
            self.output = output
            self.recipe = recipe
            self.lpips = lpips
        }
    }

    /// Trains a persona on a data set; an interrupted training goes on where it stopped. Gives what the run log should say.
    package static func train(_ request: Training, threads: Int, progress: @escaping ProgressHandler) throws -> String {
        do {
            let budget = ComputeBudget(threads: threads)
            switch request.engine {
            case "er-nerf": return try run(ErnerfTraining(request, budget: budget), request, progress)
            case "ad-nerf" where request.hearing != nil: throw StudioFailure(2, "--hearing \(request.hearing ?? ""): ad-nerf has no speech encoder; it hears the features of its data set")
            case "ad-nerf": return try run(AdNerfTraining(budget: budget), request, progress)
            default: throw StudioFailure(2, "--engine \(request.engine): expected \(engines.joined(separator: " or "))")
            }
        } catch {
            var failure = StudioFailure.of(error)
            if failure.exitCode == 130 { failure.advice = "the same command goes on where it stopped" }
            throw failure
        }
    }

    private static func run<T: PersonaTraining>(_ training: T, _ request: Training, _ progress: @escaping ProgressHandler) throws -> String {
        let watch = Stopwatch()
        if let minutes = request.minutes, !(minutes > 0 && minutes <= 100_000) { throw StudioFailure(2, "--minutes \(minutes): expected more than 0, at most 100000") }
        let target = try PersonaFolder.target(request.output)
        let asked = try training.recipe(request.recipe)
        let ground = try TrainingGround(path: request.dataset, size: request.size)
        let folder = target + ".training"
        if request.fresh { try? FileManager.default.removeItem(atPath: folder) }
        let run = TrainingRun(engine: request.engine, recipe: asked, minutes: request.minutes, footage: ground.pictures, lipsLoss: training.lipsLoss, hearing: training.hearing)
        let work = try TrainingWork(folder: folder, run: run)
        if request.mustResume, !work.isStarted { throw StudioFailure(2, "--resume: \(folder) holds no training of this data set and recipe") }
        let recipe = try request.minutes.map { try fit(training, asked, to: $0, ground, work, watch, progress) } ?? asked
        if let minutes = request.minutes { request.talk("fitted to \(words(minutes)) min: \(recipe.steps)") }
        let preview = { (pictures: any TrainingFootage) in request.preview ? TrainingPreview(persona: target, footage: pictures, budget: training.budget) : nil }
        let persona = try training.train(recipe, on: ground, output: target, work: work, preview: preview, progress)
        try persona.package.write(to: target)
        work.remove()
        return persona.note
    }

    /// The recipe with as many steps as fill the time; the one that was found before, where the training goes on.
    private static func fit<T: PersonaTraining>(_ training: T, _ recipe: T.Recipe, to minutes: Double, _ ground: TrainingGround, _ work: TrainingWork,
                                                _ watch: Stopwatch, _ progress: @escaping ProgressHandler) throws -> T.Recipe {
        if let known = work.fitted(T.Recipe.self) { return known }
        let pace = try training.pace(recipe, on: ground, progress)
        guard let factor = pace.factor(filling: minutes * 60 - watch.seconds) else {
            work.remove()
            throw StudioFailure(2, "--minutes \(words(minutes)): on this machine the time is over before the first step", advice: "give more minutes, a smaller --size, or leave --minutes out")
        }
        let fitted = recipe.scaled(by: factor)
        try work.keep(fitted: fitted)
        return fitted
    }

    private static func words(_ minutes: Double) -> String { minutes == minutes.rounded() ? "\(Int(minutes))" : "\(minutes)" }
}

/// How an engine learns a persona.
protocol PersonaTraining {
    associatedtype Recipe: ScalableRecipe
    var budget: ComputeBudget { get }
    /// What the lips stage looks with; nil where there is no such stage.
    var lipsLoss: String? { get }
    /// Whose speech encoder hears, and which one it is; nil where no other persona's was asked for.
    var hearing: String? { get }
    /// Reads a recipe, or gives the engine's own. - Throws: `StudioFailure` that names the entry.
    func recipe(_ path: String?) throws -> Recipe
    /// Tries some steps of every stage.
    func pace(_ recipe: Recipe, on ground: TrainingGround, _ progress: @escaping ProgressHandler) throws(EngineError) -> TrainingPace
    /// Learns, from nothing or from what is kept; gives the persona and what the run log should say.
    func train(_ recipe: Recipe, on ground: TrainingGround, output: String, work: TrainingWork, preview: (any TrainingFootage) -> TrainingPreview?,
               _ progress: @escaping ProgressHandler) throws -> (package: PersonaPackage, note: String)
}

/// The data set of a training, with its pictures at the size that was asked for.
struct TrainingGround {
    let path: String
    let size: Int?
    let dataset: DatasetFootage
    let pictures: any TrainingFootage

    /// - Throws: `StudioFailure` where the size makes no sense for the data set.
    init(path: String, size: Int?) throws {
        if let size, !(64...2048).contains(size) || size % 8 != 0 { throw StudioFailure(2, "--size \(size): expected 64…2048, a multiple of 8") }
        let dataset = try NamedInput.footage(path)
        if let size, size > dataset.width {
            throw StudioFailure(2, "--size \(size): the pictures of \(path) are \(dataset.width)x\(dataset.height); enlarged ones teach nothing more", advice: "leave --size out")
        }
        self.init(path: path, size: size, dataset: dataset)
    }

    private init(path: String, size: Int?, dataset: DatasetFootage) {
        (self.path, self.size, self.dataset) = (path, size, dataset)
        if let size, size < dataset.width {
            pictures = ScaledFootage(dataset, width: size)
        } else {
            pictures = dataset
        }
    }

    /// The same pictures, heard by an encoder.
    func heard(by encoder: SpeechEncoder) throws(EngineError) -> TrainingGround {
        TrainingGround(path: path, size: size, dataset: try DatasetFootage(dataset, encoder: encoder))
    }
}
