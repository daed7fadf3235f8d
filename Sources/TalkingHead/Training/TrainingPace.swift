// How long a recipe takes on this machine, and the recipe that takes as long as one wants.
import Base
import Engines
import Foundation

/// A recipe whose steps can be multiplied.
package protocol ScalableRecipe: Codable, Equatable, Sendable {
    /// The same work with so many times the steps; a stage that had steps keeps at least one.
    func scaled(by factor: Double) -> Self
    /// Its counts of steps in words.
    var steps: String { get }
}

/// Measured times of a training: what happens once, and the steps of each stage.
package struct TrainingPace: Sendable {
    package private(set) var fixed = 0.0
    package private(set) var stages: [(name: String, steps: Int, seconds: Double)] = []

    package init() {}
    package mutating func add(once seconds: Double) { fixed += seconds }
    /// `steps` of the recipe, at so many seconds a step.
    package mutating func add(_ name: String, steps: Int, seconds: Double) { stages.append((name, steps, seconds)) }

    /// The whole recipe.
    package var seconds: Double { stages.reduce(fixed) { $0 + Double($1.steps) * $1.seconds } }

    /// By how much the steps must be multiplied to fill a time; nil where the time is over before the first step.
    package func factor(filling wanted: Double) -> Double? {
        let stepping = seconds - fixed
        guard wanted > fixed, stepping > 0 else { return nil }
        return (wanted - fixed) / stepping
    }
}

/// A clock for parts of a trial.
package struct Stopwatch {
    private var start = ContinuousClock.now
    package init() {}
    /// Seconds since the last lap.
    package var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }
    /// The same, and a new lap begins.
    package mutating func lap() -> Double {
        defer { start = .now }
        return seconds
    }
}

extension TrainingRecipe: ScalableRecipe {
    package func scaled(by factor: Double) -> TrainingRecipe {
        func times(_ steps: Int) -> Int { StepCount.scaled(steps, by: factor) }
        var r = self
        (r.speechSteps, r.audioSteps) = (times(speechSteps), times(audioSteps))
        (r.coarseSteps, r.lipsSteps, r.torsoSteps) = (times(coarseSteps), times(lipsSteps), times(torsoSteps))
        return r
    }

    package var steps: String {
        "speechSteps \(speechSteps), audioSteps \(audioSteps), coarseSteps \(coarseSteps), lipsSteps \(lipsSteps), torsoSteps \(torsoSteps)"
    }
}

extension AdNerfRecipe: ScalableRecipe {
    package func scaled(by factor: Double) -> AdNerfRecipe {
        func times(_ steps: Int) -> Int { StepCount.scaled(steps, by: factor) }
        var r = self
        (r.headSteps, r.torsoSteps, r.smoothFrom, r.decaySteps) = (times(headSteps), times(torsoSteps), times(smoothFrom), times(decaySteps))
        return r
    }

    package var steps: String { "headSteps \(headSteps), torsoSteps \(torsoSteps), smoothFrom \(smoothFrom), decaySteps \(decaySteps)" }
}

enum StepCount {
    /// None stays none; some stay some.
    static func scaled(_ steps: Int, by factor: Double) -> Int {
        steps <= 0 ? 0 : Int(min(max((Double(steps) * factor).rounded(), 1), 10_000_000))
    }
}

/// Some frames of a data set: after a few steps their pictures are in memory, as all are in a long training.
private struct FewFrames: TrainingFootage {
    let whole: any TrainingFootage
    let train: [TrainingFrame]

    init(_ whole: any TrainingFootage, count: Int) {
        self.whole = whole
        let all = whole.train
        train = all.count <= count ? all : (0..<count).map { all[$0 * all.count / count] }
    }
    var name: String { whole.name }
    var width: Int { whole.width }
    var height: Int { whole.height }
    var focal: Float { whole.focal }
    var center: SIMD2<Float> { whole.center }
    var framesPerSecond: Int { whole.framesPerSecond }
    var held: [TrainingFrame] { whole.held }
    var audioKind: String { whole.audioKind }
    var features: SpeechFeatures { whole.features }
    var background: [UInt8] { whole.background }
    var speechOnly: [SpeechLesson] { whole.speechOnly }
    var mouths: [[Float]] { whole.mouths }
    func pixels(of frame: TrainingFrame) throws(EngineError) -> TrainingPixels { try whole.pixels(of: frame) }
}

extension FieldTrainer {
    /// Tries some steps of every stage and throws them away. Speeds are those of the trial's end, when the grid is carved and
    /// the pictures are read; reading them is counted once for every frame.
    package func pace(_ progress: ProgressHandler) throws(EngineError) -> TrainingPace {
        var pace = TrainingPace()
        try headPace(&pace, progress)
        if recipe.torsoSteps > 0 { try torsoPace(&pace, progress) }
        return pace
    }

    private static let trialFrames = 12, trialCoarse = 150, trialLips = 50, trialAudio = 12, trialTorso = 50

    private func headPace(_ pace: inout TrainingPace, _ progress: ProgressHandler) throws(EngineError) {
        let few = FewFrames(footage, count: Self.trialFrames)
        var trial = recipe
        (trial.coarseSteps, trial.lipsSteps) = (Self.trialCoarse, recipe.lipsSteps > 0 ? Self.trialLips : 0)
        trial.audioSteps = min(recipe.audioSteps, Self.trialAudio)
        var watch = Stopwatch()
        for frame in few.train { _ = FrameTargets(frame, try footage.pixels(of: frame), footage) }
        let reading = watch.lap() / Double(few.train.count * budget.threads)
        let trainer = try HeadTrainer(footage: few, recipe: trial, budget: budget, perceptual: perceptual)
        let beginning = watch.lap()
        try trainer.learnSpeech(progress)
        let audio = trial.audioSteps > 0 ? watch.lap() / Double(trial.audioSteps) : 0
        // Seconds of each fifty steps.
        let laps = Laps()
        laps.watch = Stopwatch()
        try trainer.train({ report in
            guard report.phase == "head" || report.phase.hasPrefix("lips") else { return progress(report) }
            laps.seconds.append(laps.watch.lap())
            return progress(ProgressReport(phase: "trial", done: report.done, total: report.total))
        }, keep: {})
        let ending = laps.watch.lap()
        pace.add(once: beginning + ending + reading * Double(min(footage.train.count, recipe.coarseSteps + recipe.lipsSteps)))
        // Taught once before the head and, where the mouths are not known, two thirds of it again before the lips.
        let again = trainer.isTold ? 0 : audio * 2 / 3
        pace.add("audio", steps: recipe.audioSteps, seconds: audio + again)
        guard laps.seconds.count >= 3 else { throw .badInput("a trial of \(footage.name) gave no speed") }
        pace.add("coarse", steps: recipe.coarseSteps, seconds: laps.seconds[2] / 50)
        if laps.seconds.count > 3 { pace.add("lips", steps: recipe.lipsSteps, seconds: max(laps.seconds[3] - again * Double(trial.audioSteps), 0) / Double(Self.trialLips)) }
    }

    /// Written by the one thread that trains.
    private final class Laps: @unchecked Sendable {
        var watch = Stopwatch()
        var seconds: [Double] = []
    }

    private func torsoPace(_ pace: inout TrainingPace, _ progress: ProgressHandler) throws(EngineError) {
        var trial = recipe
        trial.torsoSteps = Self.trialTorso
        var watch = Stopwatch()
        let trainer = try TorsoTrainer(footage: footage, recipe: trial, budget: budget)
        pace.add(once: watch.lap())
        try trainer.train({ progress(ProgressReport(phase: "trial torso", done: $0.done, total: $0.total)) }, keep: {})
        pace.add("torso", steps: recipe.torsoSteps, seconds: watch.lap() / Double(Self.trialTorso))
    }
}

extension AdNerfTrainer {
    private static let trialHead = 24, trialTorso = 12

    /// Tries some steps of both stages and throws them away.
    package static func pace(footage: any TrainingFootage, recipe: AdNerfRecipe, budget: ComputeBudget, _ progress: ProgressHandler) throws(EngineError) -> TrainingPace {
        var pace = TrainingPace()
        var trial = recipe
        trial.headSteps = trialHead
        trial.torsoSteps = recipe.torsoSteps > 0 ? trialTorso : 0
        trial.smoothFrom = trialHead / 2
        let trainer = try AdNerfTrainer(footage: footage, recipe: trial, budget: budget)
        let laps = AdNerfLaps()
        try trainer.run({ report in
            laps.add(report.phase)
            return progress(ProgressReport(phase: "trial \(report.phase)", done: report.done, total: report.total))
        }, keep: {})
        var watch = Stopwatch()
        _ = trainer.result()
        pace.add(once: watch.lap())
        pace.add("head", steps: recipe.headSteps, seconds: laps.median("head"))
        if recipe.torsoSteps > 0 { pace.add("torso", steps: recipe.torsoSteps, seconds: laps.median("torso")) }
        return pace
    }

    /// Seconds of each step; written by the one thread that trains.
    private final class AdNerfLaps: @unchecked Sendable {
        private var watch = Stopwatch()
        private var seconds: [String: [Double]] = [:]
        func add(_ phase: String) { seconds[phase, default: []].append(watch.lap()) }
        func median(_ phase: String) -> Double {
            let all = (seconds[phase] ?? []).sorted()
            return all.isEmpty ? 0 : all[all.count / 2]
        }
    }
}
