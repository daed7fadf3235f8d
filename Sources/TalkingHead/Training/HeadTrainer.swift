// Trains the head: coarse stage, then the stage of lips and eyes.
import Base
import Engines
import Foundation
import Kernels
import Tensors

/// State and steps of head training. One thread drives it; each step spreads over the budget in fixed bands.
final class HeadTrainer {
    let footage: any TrainingFootage
    let recipe: TrainingRecipe
    let budget: ComputeBudget
    let layout: ParameterLayout
    let configuration: FieldConfiguration
    let network: HeadNetwork
    let audio: AudioNetwork
    let grid: DensityGrid
    let parameters: Buffer<Float>
    private let gradient: Buffer<Float>
    private let batch: HeadBatch
    private let random: SeededRandom
    private let optimizer: AdamOptimizer
    private let store: TargetStore
    private let look: LipsLook
    /// What looks at patches in the lips stage, and the weight of what it says; nil: single rays.
    private let eye: (net: PerceptualDistance, weight: Float)?
    /// Running mean of the parameters over the last part of the run: what is kept in the end.
    private let average: Buffer<Float>
    private var averaged = 0
    private var errors = ErrorMap()
    /// Where the set knows how its mouths stood, the field is told that while it learns, and not what can be heard of it: its
    /// pictures are of one mouth each, and not of the mean of all that sound alike. The audio net learns apart to say the same codes.
    private let meaning: MouthCode?
    private let lessons: AudioLessons?
    /// The audio net learns once, before the field; else again before the lips stage.
    var isTold: Bool { meaning != nil }
    /// The audio net has been taught again; it is not trained on the film any more.
    private var hasRelearned = false, isSpeechFixed = false
    private var recentError = 0.05
    private var upcoming: (step: Int, targets: [FrameTargets]) = (0, [])
    /// The next step.
    private(set) var step = 0
    var total: Int { recipe.coarseSteps + recipe.lipsSteps }

    /// - Parameter perceptual: LPIPS for the lips stage; without it the stage uses a network that was drawn.
    init(footage: any TrainingFootage, recipe: TrainingRecipe, budget: ComputeBudget, perceptual: PerceptualDistance?) throws(EngineError) {
        self.footage = footage
        self.recipe = recipe
        self.budget = budget
        look = recipe.lipsLook ?? (perceptual == nil ? .filters : .lpips)
        eye = Self.eye(look, perceptual)
        guard eye != nil || look == .rays else { throw .badInput("the recipe's lipsLook is lpips, and there are no weights of LPIPS") }
        store = TargetStore(footage, limit: 3 << 30)
        guard footage.train.count >= 8 else { throw .badInput("\(footage.name) has \(footage.train.count) training frames; at least 8 are needed") }
        configuration = FieldConfiguration(audioChannels: footage.features.channels, identityCount: footage.train.count, hasTorso: false)
        layout = ParameterLayout(configuration.headShapes)
        network = HeadNetwork(layout: layout)
        audio = AudioNetwork(layout: layout, channels: footage.features.channels)
        lessons = recipe.audioSteps > 0 ? AudioLessons(footage.speechOnly, network: audio, layout: layout, variation: FeatureVariation(kind: footage.audioKind)) : nil
        let mouths = footage.mouths.count > (footage.train.map(\.audioID).max() ?? 0) ? footage.mouths : []
        meaning = lessons?.hasMouths(like: mouths) == true ? MouthCode(seed: recipe.seed, around: mouths) : nil
        let initial = FieldInitialisation.block(layout, seed: recipe.seed)
        parameters = Buffer(count: layout.total)
        parameters.pointer.update(from: initial, count: layout.total)
        gradient = Buffer(count: layout.total)
        batch = HeadBatch(network: network)
        average = Buffer(count: layout.total)
        random = SeededRandom(seed: recipe.seed, stream: 40)
        optimizer = AdamOptimizer(count: layout.total, groups: Self.groups(layout, recipe), beta1: 0.9, epsilon: 1e-10)
        grid = try Self.carvedGrid(footage)
    }

    /// Cells that lie before the plate in any of some frames can hold nothing: the head is cut from the block before training.
    /// The frames are of those with the widest mouths: where the chin is low now and then, a shut mouth shows the plate.
    private static func carvedGrid(_ footage: any TrainingFootage) throws(EngineError) -> DensityGrid {
        let widest = footage.train.indices.sorted { (opening(footage.train[$0]), $1) > (opening(footage.train[$1]), $0) }
        let pool = widest.prefix(max(footage.train.count / 8, min(footage.train.count, 48))).sorted()
        let count = min(pool.count, 48)
        let (width, height) = (footage.width, footage.height)
        var views: [(camera: RayCamera, parsing: [UInt8], window: PixelWindow)] = []
        for k in 0..<count {
            let frame = footage.train[pool[k * pool.count / count]]
            let pixels = try footage.pixels(of: frame)
            views.append((camera(frame, footage), pixels.parsing, FrameTargets.headWindow(pixels, width, height)))
        }
        return DensityGrid { center in
            for (camera, parsing, window) in views {
                // Into the camera: transposed rotation.
                let v = center - camera.origin
                let x = camera.rows[0].x * v.x + camera.rows[1].x * v.y + camera.rows[2].x * v.z
                let y = camera.rows[0].y * v.x + camera.rows[1].y * v.y + camera.rows[2].y * v.z
                let z = camera.rows[0].z * v.x + camera.rows[1].z * v.y + camera.rows[2].z * v.z
                guard z > 0.01 else { return false }
                let column = Int((camera.focal.x * x / z + camera.center.x).rounded(.down)), row = Int((camera.focal.y * y / z + camera.center.y).rounded(.down))
                guard column >= 0, row >= 0, column < width, row < height else { continue }
                // Beyond the head's window no ray is ever drawn.
                guard window.contains(row, column) else { return false }
                // A cell is about four pixels wide: its neighbourhood must be background as well.
                let clear = [(-5, -5), (5, -5), (-5, 5), (5, 5), (0, 0)].allSatisfy { dy, dx in
                    let (r, c) = (min(max(row + dy, 0), height - 1), min(max(column + dx, 0), width - 1))
                    return parsing[r * width + c] == ParsingClass.background.rawValue
                }
                if clear { return false }
            }
            return true
        }
    }

    static func camera(_ frame: TrainingFrame, _ footage: any TrainingFootage) -> RayCamera {
        RayCamera(cameraToWorld: frame.cameraToWorld.rows, focal: SIMD2(repeating: footage.focal), center: footage.center, width: footage.width, height: footage.height)
    }

    /// Teaches the audio net where the footage brings lessons.
    func learnSpeech(_ progress: ProgressHandler) throws(EngineError) {
        guard let lessons else { return }
        if let meaning {
            _ = try lessons.learn(meaning, parameters.pointer, steps: recipe.audioSteps, seed: recipe.seed, budget: budget, progress: progress)
            (hasRelearned, isSpeechFixed) = (true, true)
            return
        }
        _ = try lessons.run(parameters.pointer, steps: recipe.audioSteps, seed: recipe.seed, budget: budget, progress: progress)
    }

    /// How far the lips are apart, in pixels.
    private static func opening(_ frame: TrainingFrame) -> Float { frame.landmarks.count == 68 ? frame.landmarks[66].y - frame.landmarks[62].y : 0 }

    private static func groups(_ layout: ParameterLayout, _ recipe: TrainingRecipe) -> [ParameterGroup] {
        layout.slots.map { slot in
            let range = slot.offset..<(slot.offset + slot.count)
            if slot.key.hasPrefix("encoder_") { return ParameterGroup(range: range, rate: recipe.planeRate, decay: 0) }
            if slot.key.hasPrefix("audio_") { return ParameterGroup(range: range, rate: recipe.audioRate, decay: 0) }
            return ParameterGroup(range: range, rate: recipe.networkRate, decay: 0)
        }
    }

    /// Before the lips stage, where there are lessons: the audio net learns in many voices to say what the field understands by
    /// now. It stands still afterwards, so that the film's few voices do not win it back.
    private func relearnSpeech(_ progress: ProgressHandler) throws(EngineError) {
        hasRelearned = true
        guard let lessons else { return }
        _ = try lessons.relearn(parameters.pointer, steps: max(recipe.audioSteps * 2 / 3, 1), seed: recipe.seed, budget: budget, progress: progress)
        for slot in layout.slots where slot.key.hasPrefix("audio_") { for i in slot.offset..<(slot.offset + slot.count) { optimizer.momentum.pointer[i] = 0 } }
        isSpeechFixed = true
    }

    /// What the lips stage looks with.
    var lipsLoss: String {
        switch look {
        case .lpips: "LPIPS"
        case .filters: "drawn filters"
        case .rays: "single rays"
        }
    }

    /// Both stages in one run of rates, from the next step on.
    ///
    /// - Parameters:
    ///   - keep: called now and then, and before an interrupt is thrown: the time to write the state.
    ///   - look: called every fifty steps: the time to show how far it is.
    func train(_ progress: ProgressHandler, keep: () throws(EngineError) -> Void, look: () throws(EngineError) -> Void = {}) throws(EngineError) {
        while step < total {
            if step == recipe.coarseSteps, !hasRelearned { try relearnSpeech(progress) }
            if step % 16 == 0 { try refreshGrid(step, whole: step < 640 && step % 64 == 0) }
            let result = try self.run(step)
            guard result.loss.isFinite else { throw .notFinite("the loss at step \(step)") }
            optimizer.step(parameters.pointer, gradient.pointer, factor: Foundation.pow(recipe.lastRate, Float(step) / Float(total)), budget: budget)
            recentError = recentError * 0.99 + result.squaredError / Double(max(result.rayCount, 1)) * 0.01
            step += 1
            if step % 64 == 0 { errors.refresh() }
            if step % 8 == 0, step >= max(total * 8 / 10, recipe.coarseSteps) { takeAverage() }
            if step % 50 == 0 || step == total {
                let phase = step <= recipe.coarseSteps ? "head" : "lips (\(lipsLoss))"
                let detail = String(format: "%.1f dB, %d samples", -10 * Foundation.log10(recentError), result.sampleCount)
                guard progress(ProgressReport(phase: phase, done: step, total: total, detail: detail)) else {
                    try keep()
                    throw .interrupted
                }
                try look()
            }
            if step % 1024 == 0 { try keep() }
        }
        if averaged > 0 { parameters.pointer.update(from: average.pointer, count: layout.total) }
        for look in 0..<16 { try refreshGrid(total + 128 * look, whole: true) }
    }

    /// Exponential mean with a window that grows to fifty looks.
    private func takeAverage() {
        averaged += 1
        let share = max(1 / Float(averaged), 0.02)
        for i in 0..<layout.total { average.pointer[i] += (parameters.pointer[i] - average.pointer[i]) * share }
    }

    /// Conditions of a training frame and what the backward pass through the audio net needs.
    private func conditions(_ frame: TrainingFrame, index: Int, step: Int) -> (HeadConditions, AudioNetwork.Trace?) {
        let noise = random.uniform(UInt64(step) * 3 + 2, -0.02, 0.02)
        let block = parameters.pointer + layout.offset("individual_codes") + 4 * index
        let identity = (0..<4).map { block[$0] }
        if let meaning {
            let grain = SeededRandom(seed: recipe.seed, stream: 3_000_000 &+ UInt64(step))
            let mouth = footage.mouths[frame.audioID].enumerated().map { $0.element + Self.mouthGrain * grain.normal(UInt64($0.offset)) }
            return (HeadConditions(audio: meaning.code(of: mouth), eye: frame.eyeClosure + noise, identity: identity), nil)
        }
        let features = footage.features
        var rows = audioWindow(features.rows, at: frame.audioID, width: features.channels * features.steps)
        rows = FeatureVariation(kind: footage.audioKind).applied(to: rows, channels: features.channels, seed: UInt64(step), amount: 0.4)
        let trace = audio.forward(parameters.pointer, rows, steps: features.steps)
        return (HeadConditions(audio: trace.code, eye: frame.eyeClosure + noise, identity: identity), trace)
    }
    private static let mouthGrain: Float = 0.015

    /// Frames of the steps are drawn four at a time, so that their pictures are read side by side.
    private func frameIndex(_ step: Int) -> Int { random.integer(UInt64(step) * 3, below: footage.train.count) }

    private func targets(_ step: Int) throws(EngineError) -> FrameTargets {
        if upcoming.step / 4 != step / 4 || upcoming.targets.isEmpty {
            let first = step / 4 * 4
            upcoming = (first, try store.targets((first..<first + 4).map(frameIndex), budget))
        }
        return upcoming.targets[step - upcoming.step]
    }

    /// Rays, forward, losses and gradients of a step.
    private func run(_ step: Int) throws(EngineError) -> HeadBatch.Result {
        let index = frameIndex(step)
        let frame = footage.train[index]
        let targets = try targets(step)
        let draw = SeededRandom(seed: recipe.seed, stream: 1_000_000 &+ UInt64(step))
        let isLips = step >= recipe.coarseSteps
        let s = min(Float(step + 1) / Float(max(recipe.coarseSteps, 1)), 1)
        // The appearance code is one for all frames: the stage's light does not change, and a frame asked for later has no code of its own.
        let (conditions, trace) = conditions(frame, index: 0, step: step)
        network.pack(parameters.pointer, training: true)
        let camera = Self.camera(frame, footage)
        let result = try grid.withBits { bits throws(EngineError) -> HeadBatch.Result in
            var rays: [TrainingRay]
            // Every second step of the lips stage looks at a whole patch, as the original's alternates (specification, 2.4).
            if isLips, let eye, step % 2 == 0, let patch = targets.lipsPatch(side: Self.patchSide, random: draw) {
                rays = patch
                push(&rays, eye, batch.colors(rays, camera: camera, conditions: conditions, bits: bits, parameters: parameters.pointer, budget: budget))
            } else {
                rays = targets.rays(recipe.raysPerStep, mix: isLips ? .init(lips: 0.30, eyes: 0.10, errors: 0.35) : .init(lips: 0.12, eyes: 0.08, errors: 0.45),
                                    errors: errors, random: draw)
            }
            defer { errors.learn(rays, batch.rayErrors.pointer, window: targets.head) }
            return batch.run(rays, camera: camera, conditions: conditions, bits: bits, parameters: parameters.pointer, gradient: gradient.pointer, schedule: s, budget: budget)
        }
        batch.report(to: grid)
        if !isSpeechFixed, let trace { audio.backward(parameters.pointer, trace, result.audioGradient, gradient.pointer) }
        let codes = gradient.pointer + layout.offset("individual_codes")
        for k in 0..<4 { codes[k] += result.identityGradient[k] }
        return result
    }

    private static let patchSide = 64

    /// Nil for single rays, and where LPIPS is asked for and not there.
    private static func eye(_ look: LipsLook, _ perceptual: PerceptualDistance?) -> (net: PerceptualDistance, weight: Float)? {
        switch look {
        case .lpips: perceptual.map { (net: $0, weight: 0.01) }
        case .filters: (net: .drawn, weight: 0.004)
        case .rays: nil
        }
    }

    /// Adds the gradient of the patch loss to the rays of a square patch.
    private func push(_ rays: inout [TrainingRay], _ eye: (net: PerceptualDistance, weight: Float), _ colors: [SIMD3<Float>]) {
        let side = Self.patchSide, plane = side * side
        var own = [Float](repeating: 0, count: 3 * plane), target = own
        for i in 0..<plane {
            for c in 0..<3 {
                own[c * plane + i] = colors[i][c]
                target[c * plane + i] = rays[i].target[c]
            }
        }
        let gradient = eye.net.distance(own, target, height: side, width: side).gradient
        for i in 0..<plane { for c in 0..<3 { rays[i].push[c] = eye.weight * gradient[c * plane + i] } }
    }

    /// Whose conditions the grid is looked at with: every second round the widest mouth of a few frames, else any frame.
    /// A chin that is low in one frame of twenty would else fade out of the grid between two looks.
    private func lookFrame(_ step: Int) -> TrainingFrame {
        let candidates = (0..<10).map { footage.train[random.integer(UInt64(step) * 31 + 17 + UInt64($0), below: footage.train.count)] }
        guard (step / 128) % 2 == 0 else { return candidates[0] }
        return candidates.max { Self.opening($0) < Self.opening($1) } ?? candidates[0]
    }

    /// Looks again at an eighth of the cells (or all), under the conditions of a random frame.
    private func refreshGrid(_ step: Int, whole: Bool) throws(EngineError) {
        let part = (step / 16) % 8
        let cells = whole ? grid.live : grid.live.enumerated().filter { $0.offset % 8 == part }.map(\.element)
        guard !cells.isEmpty else { throw .badInput("no part of the picture is head in every frame: the poses do not fit the pictures") }
        network.pack(parameters.pointer, training: false)
        let (conditions, _) = conditions(lookFrame(step), index: 0, step: step)
        let values = Buffer<Float>(count: cells.count)
        let shared = HeadBatch.SharedPointers(bits: UnsafePointer(UnsafeMutableRawPointer(values.pointer).assumingMemoryBound(to: UInt8.self)),
                                              parameters: parameters.pointer, gradient: values.pointer)
        let noise = SeededRandom(seed: recipe.seed, stream: 2_000_000 &+ UInt64(step))
        let chunks = (cells.count + 2047) / 2048
        let network = self.network
        budget.forEach(chunks) { chunk in
            let memory = Buffer<Float>(count: HeadNetwork.tileFloats + 3 * tileWidth)
            let p = memory.pointer + HeadNetwork.tileFloats
            for start in stride(from: chunk * 2048, to: min((chunk + 1) * 2048, cells.count), by: tileWidth) {
                let n = min(tileWidth, min((chunk + 1) * 2048, cells.count) - start)
                for i in 0..<n {
                    let (x, y, z) = OccupancyGrid.compact(Int(cells[start + i]))
                    let c = DensityGrid.center(x, y, z)
                    for k in 0..<3 { p[k * tileWidth + i] = min(max(c[k] + noise.uniform(UInt64((start + i) * 3 + k), -1, 1) / 128, -1), 1) }
                }
                network.density(shared.parameters, conditions, x: p, y: p + tileWidth, z: p + 2 * tileWidth, count: n, tile: memory.pointer)
                for i in 0..<n { shared.gradient[start + i] = Foundation.exp(min(memory.pointer[HeadRow.sigmaOut * tileWidth + i], 15)) }
            }
        }
        grid.update(cells, Array(values.elements.prefix(cells.count)), keep: whole && step < 640 ? 0.4 : 0.94)
    }

    /// Everything that the rest of the run depends on.
    func state() -> [String: Tensor] {
        func tensor(_ buffer: borrowing Buffer<Float>) -> Tensor { Tensor(shape: [buffer.count], values: Array(buffer.elements)) }
        return ["parameters": tensor(parameters), "momentum": tensor(optimizer.momentum), "variance": tensor(optimizer.variance), "average": tensor(average),
                "errors": Tensor(shape: [errors.state.count], values: errors.state),
                "density": Tensor(shape: [grid.density.count], values: grid.density), "light": Tensor(shape: [grid.light.count], values: grid.light),
                "counters": Tensor(shape: [6], values: [Float(step), Float(averaged), Float(recentError), Float(optimizer.steps), hasRelearned ? 1 : 0, isSpeechFixed ? 1 : 0])]
    }

    /// Goes on from a state of the same recipe and footage.
    func restore(_ state: [String: Tensor]) throws(EngineError) {
        func fill(_ buffer: borrowing Buffer<Float>, _ key: String) throws(EngineError) {
            guard let values = state[key]?.values, values.count == buffer.count else { throw .badInput("the kept state has no \(key) of \(buffer.count) numbers") }
            buffer.pointer.update(from: values, count: buffer.count)
        }
        guard let counters = state["counters"]?.values, counters.count == 6, counters.allSatisfy({ $0 >= 0 && $0 < 1e7 }) else { throw .badInput("the kept state has no counters") }
        guard let density = state["density"]?.values, let light = state["light"]?.values, grid.restore(density: density, light: light) else {
            throw .badInput("the kept state has no density grid")
        }
        guard let errors = state["errors"]?.values, self.errors.restore(errors) else { throw .badInput("the kept state has no error map") }
        try fill(parameters, "parameters")
        try fill(optimizer.momentum, "momentum")
        try fill(optimizer.variance, "variance")
        try fill(average, "average")
        (hasRelearned, isSpeechFixed) = (counters[4] != 0, counters[5] != 0)
        guard meaning == nil || isSpeechFixed else { throw .badInput("the kept state is of a version that did not know the mouths of \(footage.name); `--fresh` begins anew") }
        (step, averaged, recentError, optimizer.steps) = (Int(counters[0]), Int(counters[1]), Double(counters[2]), Int(counters[3]))
    }

    /// The trained tensors. Every appearance code is the one that was trained.
    func weights() -> FieldWeights {
        FieldWeights(tensors: layout.tensors(from: Array(parameters.elements)), occupancy: OccupancyBody.cleaned(grid.bits))
    }
}
