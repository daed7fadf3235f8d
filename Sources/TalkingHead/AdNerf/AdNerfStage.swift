// The networks of one part of a person and their optimiser: what the stages of a training have in common.
import Base
import Engines
import Foundation
import Tensors

/// Parameters of a stage, changed step by step. Bytes do not depend on the number of threads.
final class AdNerfStage: @unchecked Sendable {  // stepped by one thread; its bands have their own memory
    let layout: ParameterLayout
    let parameters: Buffer<Float>
    let coarse: AdNerfNetwork, fine: AdNerfNetwork
    /// Gradient of everything, after `gather`.
    let gradient: Buffer<Float>
    let signalGradient: Buffer<Float>
    private let optimizer: AdamOptimizer
    /// The attention net has an optimiser of its own, which begins later.
    private let attention: AdamOptimizer?
    private let rate: Float, decaySteps: Int
    private let batches: [AdNerfBatch]
    private let shapes: [(key: String, shape: [Int])]
    let part: String
    var step = 0
    /// A step is cut into so many stretches of rays, whatever the number of threads.
    static let stretches = 8

    init(_ shapes: [(key: String, shape: [Int])], part: String, signal: Int, recipe: AdNerfRecipe) {
        self.part = part
        self.shapes = shapes
        layout = ParameterLayout(shapes)
        parameters = Buffer(count: layout.total)
        gradient = Buffer(count: layout.total)
        signalGradient = Buffer(count: signal)
        coarse = AdNerfNetwork(layout: layout, prefix: part + ".coarse", sizes: recipe.sizes, signal: signal)
        fine = AdNerfNetwork(layout: layout, prefix: part + ".fine", sizes: recipe.sizes, signal: signal)
        (rate, decaySteps) = (recipe.rate, recipe.decaySteps)
        let slots = layout.slots
        func groups(_ mine: (String) -> Bool) -> [ParameterGroup] {
            slots.filter { mine($0.key) }.map { ParameterGroup(range: $0.offset..<($0.offset + $0.count), rate: 1, decay: 0) }
        }
        let heard = groups { $0.hasPrefix("audio_att_net") }
        optimizer = AdamOptimizer(count: layout.total, groups: groups { !$0.hasPrefix("audio_att_net") }, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
        attention = heard.isEmpty ? nil : AdamOptimizer(count: layout.total, groups: heard, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
        let (coarse, fine, total) = (self.coarse, self.fine, layout.total)
        batches = (0..<Self.stretches).map { _ in AdNerfBatch(coarse: coarse, fine: fine, samples: recipe.coarse, draws: recipe.draws, total: total) }
        begin(seed: recipe.seed)
    }

    /// Fresh parameters. Densities begin a little above nothing: a network that is empty everywhere would never learn.
    func begin(seed: UInt64) {
        var values = FieldInitialisation.block(layout, seed: seed)
        for net in ["coarse", "fine"] { values[layout.offset("\(part).\(net).alpha_linear.bias")] = 0.1 }
        parameters.pointer.update(from: values, count: layout.total)
    }

    /// Runs rays on all threads; with `learns` their mean squared error's gradients are gathered.
    func run(_ teachers: [AdNerfTeacher], origin: SIMD3<Float>, frame: (near: Float, far: Float), signal: [Float], jitter: AdNerfBatch.Jitter, learns: Bool,
             budget: ComputeBudget) -> AdNerfBatch.Result {
        let results = Results(Self.stretches)
        let each = (teachers.count + Self.stretches - 1) / Self.stretches
        let scale = learns ? 1 / (3 * Float(teachers.count)) : nil
        budget.forEach(Self.stretches) { [self] k in
            let range = min(k * each, teachers.count)..<min((k + 1) * each, teachers.count)
            results.entries[k] = batches[k].run(teachers[range], origin: origin, near: frame.near, far: frame.far, parameters: parameters.pointer, signal: signal,
                                                jitter: jitter, scale: scale)
        }
        if learns { gather() }
        return (0..<Self.stretches).map { results.entries[$0] }.reduce(into: AdNerfBatch.Result()) { sum, part in
            sum.coarse += part.coarse
            sum.fine += part.fine
            sum.coarseError += part.coarseError
            sum.fineError += part.fineError
            sum.isDead = sum.isDead && part.isDead
        }
    }

    private final class Results: @unchecked Sendable {  // stretches write their own entry
        let entries: UnsafeMutableBufferPointer<AdNerfBatch.Result>
        init(_ count: Int) {
            entries = .allocate(capacity: count)
            entries.initialize(repeating: AdNerfBatch.Result())
        }
        deinit {
            entries.deinitialize()
            entries.deallocate()
        }
    }

    /// Adds the stretches' gradients in their order and clears them.
    private func gather() {
        for batch in batches {
            for i in 0..<layout.total { gradient.pointer[i] += batch.gradient.pointer[i] }
            for i in 0..<signalGradient.count { signalGradient.pointer[i] += batch.signalGradient.pointer[i] }
            batch.gradient.pointer.update(repeating: 0, count: layout.total)
            batch.signalGradient.pointer.update(repeating: 0, count: signalGradient.count)
        }
    }

    /// One update from the gathered gradients; clears them.
    func update(attends: Bool, budget: ComputeBudget) {
        let factor = rate * Foundation.pow(0.1, Float(step) / Float(decaySteps))
        optimizer.step(parameters.pointer, gradient.pointer, factor: factor, budget: budget)
        if attends { attention?.step(parameters.pointer, gradient.pointer, factor: 5 * factor, budget: budget) }
        gradient.pointer.update(repeating: 0, count: layout.total)
        signalGradient.pointer.update(repeating: 0, count: signalGradient.count)
        step += 1
    }

    var block: [Float] { Array(UnsafeBufferPointer(start: parameters.pointer, count: layout.total)) }

    /// Everything that going on needs.
    func state() -> [String: Tensor] {
        func all(_ buffer: borrowing Buffer<Float>) -> Tensor { Tensor(shape: [buffer.count], values: Array(buffer.elements)) }
        var tensors = [part + ".parameters": all(parameters), part + ".momentum": all(optimizer.momentum), part + ".variance": all(optimizer.variance)]
        if let attention { (tensors[part + ".attention.momentum"], tensors[part + ".attention.variance"]) = (all(attention.momentum), all(attention.variance)) }
        tensors[part + ".counters"] = Tensor(shape: [3], values: [Float(step), Float(optimizer.steps), Float(attention?.steps ?? 0)])
        return tensors
    }

    /// Takes a kept state; false where it is none of this stage.
    func restore(_ tensors: [String: Tensor]) -> Bool {
        func take(_ name: String, _ buffer: borrowing Buffer<Float>) -> Bool {
            guard let tensor = tensors[name], tensor.count == buffer.count else { return false }
            buffer.pointer.update(from: tensor.values, count: buffer.count)
            return true
        }
        guard let counters = tensors[part + ".counters"], counters.count == 3, take(part + ".parameters", parameters), take(part + ".momentum", optimizer.momentum),
              take(part + ".variance", optimizer.variance) else { return false }
        if let attention {
            guard take(part + ".attention.momentum", attention.momentum), take(part + ".attention.variance", attention.variance) else { return false }
            attention.steps = Int(counters.values[2])
        }
        (step, optimizer.steps) = (Int(counters.values[0]), Int(counters.values[1]))
        return true
    }
}
