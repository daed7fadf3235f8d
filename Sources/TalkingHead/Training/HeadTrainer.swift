// Trains the head: coarse stage, then the stage of lips and eyes.
import Base
import Engines
import Foundation
import Kernels

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

    init(footage: any TrainingFootage, recipe: TrainingRecipe, budget: ComputeBudget) throws(EngineError) {
        self.footage = footage
        self.recipe = recipe
        self.budget = budget
        guard footage.train.count >= 8 else { throw .badInput("\(footage.name) has \(footage.train.count) training frames; at least 8 are needed") }
        configuration = FieldConfiguration(audioChannels: footage.features.channels, identityCount: footage.train.count, hasTorso: false)
        layout = ParameterLayout(configuration.headShapes)
        network = HeadNetwork(layout: layout)
        audio = AudioNetwork(layout: layout, channels: footage.features.channels)
        let initial = FieldInitialisation.block(layout, seed: recipe.seed)
        parameters = Buffer(count: layout.total)
        parameters.pointer.update(from: initial, count: layout.total)
        gradient = Buffer(count: layout.total)
        batch = HeadBatch(network: network)
        random = SeededRandom(seed: recipe.seed, stream: 40)
        grid = try Self.carvedGrid(footage)
    }

    /// Cells that lie before the plate in any of some frames can hold nothing: the head is cut from the block before training.
    private static func carvedGrid(_ footage: any TrainingFootage) throws(EngineError) -> DensityGrid {
        let count = min(footage.train.count, 48)
        var views: [(RayCamera, [UInt8])] = []
        for k in 0..<count {
            let frame = footage.train[k * footage.train.count / count]
            views.append((camera(frame, footage), try footage.pixels(of: frame).parsing))
        }
        let (width, height) = (footage.width, footage.height)
        return DensityGrid { center in
            for (camera, parsing) in views {
                // Into the camera: transposed rotation.
                let v = center - camera.origin
                let x = camera.rows[0].x * v.x + camera.rows[1].x * v.y + camera.rows[2].x * v.z
                let y = camera.rows[0].y * v.x + camera.rows[1].y * v.y + camera.rows[2].y * v.z
                let z = camera.rows[0].z * v.x + camera.rows[1].z * v.y + camera.rows[2].z * v.z
                guard z > 0.01 else { return false }
                let column = Int((camera.focal.x * x / z + camera.center.x).rounded(.down)), row = Int((camera.focal.y * y / z + camera.center.y).rounded(.down))
                guard column >= 0, row >= 0, column < width, row < height else { continue }
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
        guard recipe.audioSteps > 0, let lessons = AudioLessons(footage.speechOnly, network: audio, layout: layout) else { return }
        _ = try lessons.run(parameters.pointer, steps: recipe.audioSteps, seed: recipe.seed, budget: budget, progress: progress)
    }

    private func groups() -> [ParameterGroup] {
        layout.slots.map { slot in
            let range = slot.offset..<(slot.offset + slot.count)
            if slot.key.hasPrefix("encoder_") { return ParameterGroup(range: range, rate: recipe.planeRate, decay: 0) }
            if slot.key.hasPrefix("audio_") { return ParameterGroup(range: range, rate: recipe.audioRate, decay: 0) }
            return ParameterGroup(range: range, rate: recipe.networkRate, decay: 0)
        }
    }

    /// Both stages in one run of rates.
    func train(_ progress: ProgressHandler) throws(EngineError) {
        let optimizer = AdamOptimizer(count: layout.total, groups: groups(), beta1: 0.9, epsilon: 1e-10)
        let total = recipe.coarseSteps + recipe.lipsSteps
        var recentError = 0.05
        for step in 0..<total {
            if step % 16 == 0 { try refreshGrid(step, whole: step < 640 && step % 64 == 0) }
            let lips = step >= recipe.coarseSteps
            let s = min(Float(step + 1) / Float(max(recipe.coarseSteps, 1)), 1)
            let result = try self.step(step, mix: lips ? .init(head: 0.30, lips: 0.45, eyes: 0.20) : .init(head: 0.62, lips: 0.14, eyes: 0.12), s: s)
            guard result.loss.isFinite else { throw .notFinite("the loss at step \(step)") }
            optimizer.step(parameters.pointer, gradient.pointer, factor: Foundation.pow(recipe.lastRate, Float(step) / Float(total)), budget: budget)
            recentError = recentError * 0.99 + result.squaredError / Double(recipe.raysPerStep) * 0.01
            if step % 50 == 0 {
                let detail = String(format: "%.1f dB, %d samples", -10 * Foundation.log10(recentError), result.sampleCount)
                guard progress(ProgressReport(phase: lips ? "lips" : "head", done: step, total: total, detail: detail)) else { throw .interrupted }
            }
        }
        for look in 0..<12 { try refreshGrid(total + 128 * 2 * look, whole: true) }
    }

    /// Conditions of a training frame and what the backward pass needs.
    private func conditions(_ frame: TrainingFrame, index: Int, step: Int) -> (HeadConditions, AudioNetwork.Trace) {
        let features = footage.features
        var rows = audioWindow(features.rows, at: frame.audioID, width: features.channels * features.steps)
        rows = FeatureAugmentation.varied(rows, channels: features.channels, seed: UInt64(step), amount: 0.4)
        let trace = audio.forward(parameters.pointer, rows, steps: features.steps)
        let noise = random.uniform(UInt64(step) * 3 + 2, -0.02, 0.02)
        let code = parameters.pointer + layout.offset("individual_codes") + 4 * index
        return (HeadConditions(audio: trace.code, eye: frame.eyeClosure + noise, identity: (0..<4).map { code[$0] }), trace)
    }

    private func step(_ step: Int, mix: FrameTargets.Mix, s: Float) throws(EngineError) -> HeadBatch.Result {
        let index = random.integer(UInt64(step) * 3, below: footage.train.count)
        let frame = footage.train[index]
        let targets = FrameTargets(frame, try footage.pixels(of: frame), footage)
        let rays = targets.rays(recipe.raysPerStep, mix: mix, random: SeededRandom(seed: recipe.seed, stream: 1_000_000 &+ UInt64(step)))
        // The appearance code is one for all frames: the stage's light does not change, and a frame asked for later has no code of its own.
        let (conditions, trace) = conditions(frame, index: 0, step: step)
        network.pack(parameters.pointer, training: true)
        let result = grid.bits.withUnsafeBufferPointer { bits -> HeadBatch.Result? in
            guard let base = bits.baseAddress else { return nil }
            return batch.run(rays, camera: Self.camera(frame, footage), conditions: conditions, bits: base, parameters: parameters.pointer,
                             gradient: gradient.pointer, schedule: s, budget: budget)
        }
        guard let result else { throw .badInput("the occupancy grid is empty") }
        batch.report(to: grid)
        audio.backward(parameters.pointer, trace, result.audioGradient, gradient.pointer)
        let codes = gradient.pointer + layout.offset("individual_codes")
        for k in 0..<4 { codes[k] += result.identityGradient[k] }
        return result
    }

    /// Whose conditions the grid is looked at with: every second round the widest mouth of a few frames, else any frame.
    /// A chin that is low in one frame of twenty would else fade out of the grid between two looks.
    private func lookFrame(_ step: Int) -> TrainingFrame {
        let candidates = (0..<10).map { footage.train[random.integer(UInt64(step) * 31 + 17 + UInt64($0), below: footage.train.count)] }
        guard (step / 128) % 2 == 0 else { return candidates[0] }
        func opening(_ frame: TrainingFrame) -> Float { frame.landmarks.count == 68 ? frame.landmarks[66].y - frame.landmarks[62].y : 0 }
        return candidates.max { opening($0) < opening($1) } ?? candidates[0]
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

    /// The trained tensors. Every appearance code is the one that was trained.
    func weights() -> FieldWeights {
        FieldWeights(tensors: layout.tensors(from: Array(parameters.elements)), occupancy: grid.bits)
    }
}
