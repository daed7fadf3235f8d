// Whole frames of a persona and of the presenter, against the machine's own multiply-add peak in the same run.
import Base
import Engines
import Foundation
import Kernels
import Motion
import Presenter
import TalkingHead

/// Billions of multiply-adds a second on one core: the best of five runs of ten independent chains of eight lanes.
func fusedPeak() -> Double { (0..<5).map { _ in fusedRun() }.max() ?? 0 }

func fusedRun() -> Double {
    var chains = [Float8](repeating: Float8(repeating: 1), count: 10)
    let a = Float8(repeating: 0.999_999), b = Float8(repeating: 1e-7)
    let rounds = 6_000_000
    let start = Date()
    var (c0, c1, c2, c3, c4) = (chains[0], chains[1], chains[2], chains[3], chains[4])
    var (c5, c6, c7, c8, c9) = (chains[5], chains[6], chains[7], chains[8], chains[9])
    for _ in 0..<rounds {
        c0 = b.addingProduct(c0, a); c1 = b.addingProduct(c1, a); c2 = b.addingProduct(c2, a); c3 = b.addingProduct(c3, a); c4 = b.addingProduct(c4, a)
        c5 = b.addingProduct(c5, a); c6 = b.addingProduct(c6, a); c7 = b.addingProduct(c7, a); c8 = b.addingProduct(c8, a); c9 = b.addingProduct(c9, a)
    }
    let seconds = Date().timeIntervalSince(start)
    chains[0] = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9
    // The sum is used, so the loop cannot be left out.
    return Double(rounds) * 80 / seconds / 1e9 * (chains[0].sum().isFinite ? 1 : 0)
}

func seconds(_ runs: Int, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let start = Date()
    for _ in 0..<runs { try body() }
    return Date().timeIntervalSince(start) / Double(runs)
}

let threads = ProcessInfo.processInfo.activeProcessorCount
let budget = ComputeBudget(threads: threads)
let peak = fusedPeak()
print(String(format: "multiply-add peak of one core: %.1f G/s (%.0f GFLOP/s)", peak, 2 * peak))

/// Multiply-adds a second of a fully connected layer and of its weight gradient on tiles, one core.
func layerRates(_ inputs: Int, _ outputs: Int) -> (forward: Double, gradient: Double) {
    let memory = Buffer<Float>(count: (inputs + outputs + 16) * tileWidth + 2 * paddedInputs(inputs) * max(outputs, tileWidth) + inputs * outputs)
    let x = memory.pointer, y = x + (inputs + 8) * tileWidth, transposed = y + (outputs + 8) * tileWidth
    let gradient = transposed + paddedInputs(inputs) * tileWidth, weights = gradient + paddedInputs(inputs) * outputs
    let work = Double(inputs * outputs * tileWidth)
    let forward = seconds(20_000) { denseForward(weights, inputs: inputs, outputs: outputs, x, y, count: tileWidth, rectify: true) }
    let backward = seconds(20_000) {
        transposeTile(x, inputs: inputs, count: tileWidth, into: transposed)
        denseWeightGradient(y, outputs: outputs, transposed, stride: paddedInputs(inputs), columns: paddedInputs(inputs), count: tileWidth, into: gradient)
    }
    return (work / forward / 1e9, work / backward / 1e9)
}
for (inputs, outputs) in [(36, 80), (64, 64), (81, 64), (101, 64)] {
    let rate = layerRates(inputs, outputs)
    print(String(format: "layer %d -> %d: %.1f G/s forward (%.0f %% of the peak), %.1f G/s weight gradient (%.0f %%)", inputs, outputs, rate.forward, 100 * rate.forward / peak,
                 rate.gradient, 100 * rate.gradient / peak))
}

let presenter = PresenterRenderer(size: 512, budget: budget)
let drawn = seconds(4) { _ = presenter.render(PresenterRig(), budget: budget) }
print(String(format: "presenter 512x512, %d threads: %.0f ms a frame, %.1f frames/s", threads, drawn * 1000, 1 / drawn))

let path = CommandLine.arguments.dropFirst().first ?? "personas/nova.persona"
do {
    let persona = try ErnerfPersona(path: path)
    let conditions = ActorConditions(pose: .neutral, eyeClosure: 0, audioCode: [Float](repeating: 0, count: 32))
    let frame = try seconds(6) { _ = try persona.render(conditions, budget: budget) }
    let cost = persona.headCost(conditions)
    let rate = Double(cost.multiplyAdds) / frame / 1e9
    print(String(format: "%@ %dx%d, %d threads: %.0f ms a frame, %.1f frames/s, %d densities, %d colours, %.1f G multiply-adds/s in the head alone, %.0f %% of %d cores' peak",
                 persona.facts.name, persona.facts.width, persona.facts.height, threads, frame * 1000, 1 / frame, cost.densities, cost.colors, rate,
                 100 * rate / (peak * Double(threads)), threads))
} catch { print("\(error)") }
