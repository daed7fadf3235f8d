// Trains the torso on pictures of the torso alone, over grounds that change with every step.
import Base
import Engines
import Foundation
import Kernels
import Tensors

/// The torso stage (engine specification, 2.4, stage 3). The data set's torso pictures carry alpha, so the colour is
/// compared over a random ground as well: the alpha becomes right, not only the sum over one plate.
final class TorsoTrainer: @unchecked Sendable {  // one thread drives it; bands read only
    private let footage: any TrainingFootage
    private let recipe: TrainingRecipe
    private let budget: ComputeBudget
    private let layout: ParameterLayout
    private let network: TorsoNetwork
    private let parameters: Buffer<Float>
    private let gradient: Buffer<Float>
    private let occupancy: TorsoOccupancy
    private let random: SeededRandom
    private let optimizer: AdamOptimizer
    private var step = 0
    private var recent = 0.02
    private static let bandCount = 16, perBand = 6 * tileWidth

    init(footage: any TrainingFootage, recipe: TrainingRecipe, budget: ComputeBudget) throws(EngineError) {
        self.footage = footage
        self.recipe = recipe
        self.budget = budget
        let configuration = FieldConfiguration(audioChannels: 1, identityCount: 1, hasTorso: true, torsoIdentityCount: 1)
        layout = ParameterLayout(configuration.torsoShapes)
        network = TorsoNetwork(layout: layout)
        let initial = FieldInitialisation.block(layout, seed: recipe.seed &+ 1)
        parameters = Buffer(count: layout.total)
        parameters.pointer.update(from: initial, count: layout.total)
        gradient = Buffer(count: layout.total)
        random = SeededRandom(seed: recipe.seed, stream: 60)
        optimizer = AdamOptimizer(count: layout.total, groups: layout.slots.map { slot in
            ParameterGroup(range: slot.offset..<(slot.offset + slot.count), rate: slot.key == "anchor_points" ? 0 : slot.key.hasSuffix("embeddings") ? 1e-2 : 2e-3, decay: 0)
        }, beta1: 0.9, epsilon: 1e-10)
        occupancy = try Self.covered(footage)
    }

    /// Cells where any of some frames has torso, one cell wider.
    private static func covered(_ footage: any TrainingFootage) throws(EngineError) -> TorsoOccupancy {
        var values = [Float](repeating: 0, count: 128 * 128)
        let count = min(footage.train.count, 60)
        for k in 0..<count {
            let pixels = try footage.pixels(of: footage.train[k * footage.train.count / count])
            for y in stride(from: 0, to: footage.height, by: 2) {
                for x in stride(from: 0, to: footage.width, by: 2) where pixels.torso[4 * (y * footage.width + x) + 3] > 4 {
                    let (r, c) = (y * 127 / max(footage.height - 1, 1), x * 127 / max(footage.width - 1, 1))
                    for dc in -1...2 { for dr in -1...2 where r + dr >= 0 && c + dc >= 0 && r + dr < 128 && c + dc < 128 { values[(c + dc) * 128 + r + dr] = 1 } }
                }
            }
        }
        return TorsoOccupancy(values: values, threshold: 0.01)
    }

    private final class Band: @unchecked Sendable {  // one band, one thread at a time
        let tile = Buffer<Float>(count: TorsoNetwork.tileFloats)
        let tileGradient = Buffer<Float>(count: TorsoNetwork.gradientFloats)
        let x = Buffer<Float>(count: perBand), y = Buffer<Float>(count: perBand)
        let grid = Buffer<Float>(count: 32 * perBand)
        let pixel = Buffer<Float>(count: 2 * tileWidth)
        let out = Buffer<Float>(count: 8 * tileWidth)
        let weights: Buffer<Float>
        var error = 0.0
        init(_ count: Int) { weights = Buffer(count: count) }
    }
    private struct Shared: @unchecked Sendable {  // bands read the parameters; the scatter is split by level
        let parameters: UnsafePointer<Float>
        let gradient: UnsafeMutablePointer<Float>
    }

    /// - Parameters:
    ///   - keep: called now and then, and before an interrupt is thrown.
    ///   - look: called every fifty steps.
    func train(_ progress: ProgressHandler, keep: () throws(EngineError) -> Void, look: () throws(EngineError) -> Void = {}) throws(EngineError) {
        let bands = (0..<Self.bandCount).map { _ in Band(network.gradientCount) }
        let reader = FrameReader(footage: footage, budget: budget) { [random, footage] in random.integer(UInt64($0) * 2, below: footage.train.count) }
        while step < recipe.torsoSteps {
            let (frame, pixels) = try reader.frame(step)
            network.pack(parameters.pointer, training: true)
            let constants = self.constants(frame)
            let shared = Shared(parameters: parameters.pointer, gradient: gradient.pointer)
            let draw = SeededRandom(seed: recipe.seed, stream: 3_000_000 &+ UInt64(step))
            budget.forEach(Self.bandCount) { [self] b in runBand(bands[b], b, pixels, constants, draw, shared) }
            budget.forEach(16) { [self] level in
                for band in bands {
                    network.encoder.scatter(level: level, band.x.pointer, band.y.pointer, count: Self.perBand, band.grid.pointer + 2 * level * Self.perBand,
                                            dyStride: Self.perBand, into: shared.gradient + network.table)
                }
            }
            var error = 0.0
            for band in bands {
                error += band.error
                network.unpack(band.weights.pointer, into: gradient.pointer)
            }
            optimizer.step(parameters.pointer, gradient.pointer, factor: Foundation.pow(0.03, Float(step) / Float(recipe.torsoSteps)), budget: budget)
            recent = recent * 0.98 + 0.02 * error / Double(Self.bandCount * Self.perBand)
            step += 1
            if step % 50 == 0 || step == recipe.torsoSteps {
                let report = ProgressReport(phase: "torso", done: step, total: recipe.torsoSteps, detail: String(format: "%.1f dB", -10 * Foundation.log10(recent)))
                guard progress(report) else {
                    try keep()
                    throw .interrupted
                }
                try look()
            }
            if step % 1000 == 0 { try keep() }
        }
    }

    private func constants(_ frame: TrainingFrame) -> [Float] {
        let anchors = parameters.pointer + layout.offset("anchor_points"), code = parameters.pointer + layout.offset("individual_codes_torso")
        let points = TorsoNetwork.keyPoints(anchors, HeadTrainer.camera(frame, footage))
        return TorsoNetwork.frequencyCode(points, 3) + (0..<8).map { code[$0] }
    }

    private func runBand(_ m: Band, _ index: Int, _ pixels: TrainingPixels, _ constants: [Float], _ draw: SeededRandom, _ shared: Shared) {
        let (width, height) = (footage.width, footage.height)
        m.weights.pointer.update(repeating: 0, count: network.gradientCount)
        m.error = 0
        let scale = 1 / Float(Self.bandCount * Self.perBand)
        let out = m.out.pointer, g = out + 4 * tileWidth
        for t in 0..<(Self.perBand / tileWidth) {
            var places: [Int] = []
            for i in 0..<tileWidth {
                var address = UInt64((index * Self.perBand + t * tileWidth + i) * 8)
                var (y, x) = (0, 0)
                // Pixels outside the torso's cells are never drawn, so they are not learned either.
                for _ in 0..<4 {
                    (y, x) = (draw.integer(address, below: height), draw.integer(address + 1, below: width))
                    if occupancy.isOccupied(coordinate(y, height), coordinate(x, width)) { break }
                    address += 2
                }
                m.pixel.pointer[i] = coordinate(y, height)
                m.pixel.pointer[tileWidth + i] = coordinate(x, width)
                places.append(y * width + x)
            }
            let tile = m.tile.pointer
            network.forward(shared.parameters, constants: constants, row: m.pixel.pointer, column: m.pixel.pointer + tileWidth, count: tileWidth, tile: tile, out: out)
            for i in 0..<tileWidth {
                let p = places[i]
                let alpha = Float(pixels.torso[4 * p + 3]) / 255
                let color = SIMD3(Float(pixels.torso[4 * p]), Float(pixels.torso[4 * p + 1]), Float(pixels.torso[4 * p + 2])) / 255
                let ground = SIMD3(draw.uniform(UInt64(p) &+ 7_000_000), draw.uniform(UInt64(p) &+ 8_000_000), draw.uniform(UInt64(p) &+ 9_000_000))
                let a = out[i], c = SIMD3(out[tileWidth + i], out[2 * tileWidth + i], out[3 * tileWidth + i])
                let error = c * a + ground * (1 - a) - (color * alpha + ground * (1 - alpha))
                m.error += Double((error * error).sum() / 3)
                let d = error * (2 * scale / 3)
                g[i] = (d * (c - ground)).sum()
                for k in 0..<3 { g[(1 + k) * tileWidth + i] = d[k] * a }
            }
            network.backward(shared.parameters, count: tileWidth, tile: tile, out: out, outGradient: g, gradient: m.tileGradient.pointer, weights: m.weights.pointer)
            (m.x.pointer + t * tileWidth).update(from: tile + (TorsoRow.shift + 2) * tileWidth, count: tileWidth)
            (m.y.pointer + t * tileWidth).update(from: tile + (TorsoRow.shift + 3) * tileWidth, count: tileWidth)
            for r in 0..<32 {
                (m.grid.pointer + r * Self.perBand + t * tileWidth).update(from: m.tileGradient.pointer + (TorsoRow.grid + r) * tileWidth, count: tileWidth)
            }
        }
    }

    private func coordinate(_ index: Int, _ count: Int) -> Float { 2 * Float(index) / Float(count - 1) - 1 }

    func state() -> [String: Tensor] {
        func tensor(_ buffer: borrowing Buffer<Float>) -> Tensor { Tensor(shape: [buffer.count], values: Array(buffer.elements)) }
        return ["parameters": tensor(parameters), "momentum": tensor(optimizer.momentum), "variance": tensor(optimizer.variance),
                "counters": Tensor(shape: [3], values: [Float(step), Float(recent), Float(optimizer.steps)])]
    }

    func restore(_ state: [String: Tensor]) throws(EngineError) {
        func fill(_ buffer: borrowing Buffer<Float>, _ key: String) throws(EngineError) {
            guard let values = state[key]?.values, values.count == buffer.count else { throw .badInput("the kept state of the torso has no \(key) of \(buffer.count) numbers") }
            buffer.pointer.update(from: values, count: buffer.count)
        }
        guard let counters = state["counters"]?.values, counters.count == 3, counters.allSatisfy({ $0 >= 0 && $0 < 1e7 }) else {
            throw .badInput("the kept state of the torso has no counters")
        }
        try fill(parameters, "parameters")
        try fill(optimizer.momentum, "momentum")
        try fill(optimizer.variance, "variance")
        (step, recent, optimizer.steps) = (Int(counters[0]), Double(counters[1]), Int(counters[2]))
    }

    /// Adds the torso's tensors to a field.
    func add(to weights: inout FieldWeights) {
        for (key, tensor) in layout.tensors(from: Array(parameters.elements)) { weights.tensors[key] = tensor }
        weights.tensors["density_grid_torso"] = Tensor(shape: [128 * 128], values: occupancy.values)
        weights.meanDensityTorso = occupancy.values.reduce(0, +) / Float(occupancy.values.count)
    }
}
