// Whole small trainings: they learn, they go on where they stopped, and threads do not change them.
import Base
import Engines
import Foundation
import Foundation
import Motion
import Synchronization
import Tensors
import Testing
@testable import TalkingHead

/// A ball before a plate, with a mouth that opens with the sound: a data set in memory.
struct BallFootage: TrainingFootage {
    let name = "ball"
    let width = 96, height = 96
    let focal: Float = 480
    let center = SIMD2<Float>(48, 48)
    let framesPerSecond = 25
    let audioKind = "log-mel-32"
    let features: SpeechFeatures
    let train: [TrainingFrame]
    var held: [TrainingFrame] { Array(train.prefix(2)) }
    var background: [UInt8] { (0..<width * height).flatMap { [UInt8(60 + $0 % 96), 80, 120] } }
    var speechOnly: [SpeechLesson] = []
    var mouths: [[Float]] = []

    /// The same ball, whose mouth is known and whose lessons tell what mouths sound like: 200 rows of a wave in four channels.
    static var told: BallFootage {
        var ball = BallFootage()
        func level(_ row: Int, _ channel: Int) -> Float { 0.5 + 0.5 * sin(Float(row * (channel + 1)) * 0.37) }
        let rows = (0..<200).map { row in (0..<64).map { level(row, $0 / 16) } }
        ball.speechOnly = [SpeechLesson(features: SpeechFeatures(rows: rows, channels: 4, steps: 16), mouth: (0..<200).map { [level($0, 0), level($0, 1)] })]
        ball.mouths = (0..<12).map { [Float($0 % 5) / 4, 0.3] }
        return ball
    }

    init() {
        features = SpeechFeatures(rows: (0..<12).map { frame in (0..<64).map { Float((frame * 31 + $0 * 7) % 17) / 17 } }, channels: 4, steps: 16)
        train = (0..<12).map { k in
            let angle = Float(k - 6) * 0.04
            let rows = [SIMD4(cos(angle), 0, sin(angle), 0.9 * sin(angle)), SIMD4(0, 1, 0, 0), SIMD4(-sin(angle), 0, cos(angle), 0.9 * cos(angle)), SIMD4<Float>(0, 0, 0, 1)]
            let points = (0..<68).map { SIMD2<Float>(34 + Float($0 % 9) * 3.4, 34 + Float($0 / 9) * 3.8) }
            return TrainingFrame(imageID: k, audioID: k, cameraToWorld: Matrix4(rows: rows), eyeClosure: Float(k % 3) / 2, landmarks: points)
        }
    }

    func pixels(of frame: TrainingFrame) throws(EngineError) -> TrainingPixels {
        var image: [UInt8] = [], torso: [UInt8] = [], parsing: [UInt8] = []
        let plate = background
        for y in 0..<height {
            for x in 0..<width {
                let (dx, dy) = (Float(x) - 48, Float(y) - 48)
                let inside = dx * dx + dy * dy < 34 * 34
                let mouth = inside && abs(dx) < 10 && abs(dy - 14) < Float(1 + frame.imageID % 5)
                let i = y * width + x
                image += mouth ? [90, 20, 30] : inside ? [200, UInt8(150 + y % 40), 120] : Array(plate[(3 * i)..<(3 * i + 3)])
                torso += [0, 0, 0, 0]
                parsing.append(inside ? ParsingClass.head.rawValue : ParsingClass.background.rawValue)
            }
        }
        return TrainingPixels(image: image, torso: torso, parsing: parsing)
    }
}

@Suite(.serialized) struct TrainingRuns {
    static let recipe: TrainingRecipe = {
        var r = TrainingRecipe()
        (r.audioSteps, r.coarseSteps, r.lipsSteps, r.torsoSteps, r.raysPerStep) = (0, 100, 8, 4, 256)
        return r
    }()

    func trainer(threads: Int) throws -> HeadTrainer {
        try HeadTrainer(footage: BallFootage(), recipe: Self.recipe, budget: ComputeBudget(threads: threads), perceptual: nil)
    }

    @Test func learnsTheBall() throws {
        let trainer = try trainer(threads: 2)
        let log = Mutex<[String]>([])
        try trainer.train({ report in
            log.withLock { $0.append(report.detail) }
            return true
        }, keep: {})
        let details = log.withLock { $0 }
        let decibels = details.compactMap { Double($0.split(separator: " ")[0]) }
        #expect((decibels.last ?? 0) > (decibels.first ?? 100) + 1, "\(details)")
        let weights = trainer.weights()
        #expect(weights.occupancy.contains { $0 != 0 })
        #expect(weights.tensors.values.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    }

    @Test func interruptedEqualsWhole() throws {
        let whole = try trainer(threads: 2)
        try whole.train({ _ in true }, keep: {})
        let first = try trainer(threads: 3)
        var kept: [String: Tensor] = [:]
        #expect(throws: EngineError.self) { try first.train({ $0.done < 100 }, keep: { kept = first.state() }) }
        #expect(!kept.isEmpty && first.step == 100)
        let second = try trainer(threads: 1)
        try second.restore(kept)
        try second.train({ _ in true }, keep: {})
        let a = whole.weights(), b = second.weights()
        #expect(a.occupancy == b.occupancy)
        for (key, tensor) in a.tensors { #expect(b.tensors[key]?.values == tensor.values, "\(key)") }
    }

    @Test func `a field that is told its mouths draws them, and the audio net learns to tell them`() throws {
        var recipe = Self.recipe
        recipe.audioSteps = 150
        let trainer = try HeadTrainer(footage: BallFootage.told, recipe: recipe, budget: ComputeBudget(threads: 2), perceptual: nil)
        #expect(trainer.isTold)
        let heard = Mutex<[String]>([])
        try trainer.learnSpeech { report in
            heard.withLock { $0.append(report.detail) }
            return true
        }
        let errors = heard.withLock { $0 }.compactMap { Double($0.split(separator: " ").last ?? "") }
        #expect((errors.last ?? 1) < 0.85 * (errors.first ?? 0), "\(errors)")
        // What the net has learned stands still while the field learns.
        let range = trainer.layout.offset("audio_net.encoder_conv.0.weight")..<trainer.layout.offset("encoder_xy.embeddings")
        let before = range.map { trainer.parameters.pointer[$0] }
        var kept: [String: Tensor] = [:]
        #expect(throws: EngineError.self) { try trainer.train({ $0.done < 50 }, keep: { kept = trainer.state() }) }
        #expect(range.map { trainer.parameters.pointer[$0] } == before)
        // Interrupted, on another number of threads: the same bits.
        let other = try HeadTrainer(footage: BallFootage.told, recipe: recipe, budget: ComputeBudget(threads: 3), perceptual: nil)
        try other.restore(kept)
        try other.train({ _ in true }, keep: {})
        try trainer.train({ _ in true }, keep: {})
        for (key, tensor) in trainer.weights().tensors { #expect(other.weights().tensors[key]?.values == tensor.values, "\(key)") }
        // Without lessons there is nobody who could tell a new line's mouths.
        var silent = BallFootage.told
        silent.speechOnly = []
        #expect(try !HeadTrainer(footage: silent, recipe: recipe, budget: .single, perceptual: nil).isTold)
    }

    @Test func `a recipe may choose what the lips stage looks with`() throws {
        var results: [[Float]] = []
        for look in [LipsLook.filters, .rays] {
            var recipe = Self.recipe
            (recipe.coarseSteps, recipe.lipsLook) = (40, look)
            let trainer = try HeadTrainer(footage: BallFootage(), recipe: recipe, budget: ComputeBudget(threads: 2), perceptual: nil)
            try trainer.train({ _ in true }, keep: {})
            results.append(trainer.weights().tensors["sigma_net.net.0.weight"]?.values ?? [])
        }
        #expect(!results[0].isEmpty && results[0] != results[1])
        var recipe = Self.recipe
        recipe.lipsLook = .lpips
        #expect(throws: EngineError.self) { try HeadTrainer(footage: BallFootage(), recipe: recipe, budget: .single, perceptual: nil) }
    }

    @Test func `a recipe with the old name of the patch loss is told the new one`() throws {
        #expect(try JSONDecoder().decode([LipsLook].self, from: Data("[\"filters\", \"rays\", \"lpips\"]".utf8)) == [.filters, .rays, .lpips])
        let error = #expect(throws: DecodingError.self) { try JSONDecoder().decode([LipsLook].self, from: Data("[\"gradients\"]".utf8)) }
        guard case .dataCorrupted(let context) = error else { Issue.record("\(String(describing: error))"); return }
        #expect(context.debugDescription == "it is gradients; expected one of lpips, filters, rays (filters took its place)")
    }

    @Test func aTrialTimesEveryStageAndFillsATime() throws {
        let pace = try FieldTrainer(footage: BallFootage(), recipe: Self.recipe, budget: ComputeBudget(threads: 2)).pace { _ in true }
        let names: [String] = pace.stages.map { $0.name }, counts: [Int] = pace.stages.map { $0.steps }
        #expect(names == ["audio", "coarse", "lips", "torso"])
        #expect(counts == [0, 100, 8, 4])
        #expect(pace.fixed > 0)
        for stage in pace.stages.dropFirst() { #expect(stage.seconds > 0, "\(stage.name)") }
        let half = try #require(pace.factor(filling: pace.fixed + (pace.seconds - pace.fixed) / 2))
        #expect(abs(half - 0.5) < 1e-9)
        let recipe = Self.recipe.scaled(by: half)
        let steps: [Int] = [recipe.audioSteps, recipe.coarseSteps, recipe.lipsSteps, recipe.torsoSteps], expected: [Int] = [0, 50, 4, 2]
        #expect(steps == expected)
        #expect(Self.recipe.scaled(by: 0.001).lipsSteps == 1)
        #expect(pace.factor(filling: pace.fixed / 2) == nil)
    }

    @Test func aForeignStateIsRefused() throws {
        let trainer = try trainer(threads: 1)
        var state = trainer.state()
        state["momentum"] = Tensor(shape: [3], values: [1, 2, 3])
        #expect(throws: EngineError.self) { try trainer.restore(state) }
        state = trainer.state()
        state["density"] = nil
        #expect(throws: EngineError.self) { try trainer.restore(state) }
        state = trainer.state()
        state["counters"] = Tensor(shape: [6], values: [.nan, 0, 0, 0, 0, 0])
        #expect(throws: EngineError.self) { try trainer.restore(state) }
    }

    @Test func theRunFolderKeepsAndForgets() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let footage = BallFootage()
        func work(_ recipe: TrainingRecipe) throws -> TrainingWork { try TrainingWork(folder: folder, run: TrainingRun(engine: "er-nerf", recipe: recipe, footage: footage)) }
        let budget = ComputeBudget(threads: 2)
        let run = try work(Self.recipe)
        #expect(!run.isStarted)
        #expect(throws: EngineError.self) { _ = try FieldTrainer(footage: footage, recipe: Self.recipe, budget: budget, work: run).run { $0.phase != "head" || $0.done < 50 } }
        #expect(try work(Self.recipe).isStarted)
        var other = Self.recipe
        other.seed = 8
        #expect(try !work(other).isStarted)
    }
}

@Suite struct ErrorMaps {
    @Test func raysGoWhereTheErrorIs() {
        var map = ErrorMap()
        let window = PixelWindow(rows: 10..<106, columns: 20..<116, width: 128, height: 128)
        let ray = TrainingRay(row: 50, column: 60, target: .zero, ground: .zero, coverage: -1, isFace: false, jitter: 0, weight: 1)
        for _ in 0..<400 { map.learn([ray], [100], window: window) }
        map.refresh()
        let random = SeededRandom(seed: 1, stream: 1)
        var near = 0
        for k in 0..<1000 {
            let (row, column) = map.draw(window, random.uniform(UInt64(3 * k)), random.uniform(UInt64(3 * k + 1)), random.uniform(UInt64(3 * k + 2)))
            #expect(window.contains(row, column))
            if abs(row - 50) <= 2, abs(column - 60) <= 2 { near += 1 }
        }
        // One cell of 2,304 draws by a root that is a hundred times the others'.
        #expect(near > 20)
        var copy = ErrorMap()
        let (taken, refused) = (copy.restore(map.state), !copy.restore([1]))
        #expect(taken && refused && copy.state == map.state)
    }
}

@Suite struct OccupancyBodies {
    @Test func crumbsGoAndTheHeadStays() {
        var bits = [UInt8](repeating: 0, count: OccupancyGrid.cellCount / 8)
        func set(_ x: Int, _ y: Int, _ z: Int) { let c = OccupancyGrid.morton(x, y, z); bits[c >> 3] |= 1 << UInt8(c & 7) }
        for x in 40..<50 { for y in 40..<50 { for z in 40..<50 { set(x, y, z) } } }
        let head = bits
        // A corner that touches the head belongs to it; crumbs do not, though they hold together.
        set(50, 50, 50)
        let touched = bits
        set(100, 60, 20)
        for z in 20..<60 { set(120, 30, z) }
        #expect(OccupancyBody.cleaned(bits) == touched)
        #expect(OccupancyBody.cleaned(head) == head)
        let empty = [UInt8](repeating: 0, count: OccupancyGrid.cellCount / 8)
        #expect(OccupancyBody.cleaned(empty) == empty)
    }
}
