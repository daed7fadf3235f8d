// One stretch of a training step: rays through the coarse and the fine network, to their loss and back.
import Base
import Foundation

/// A ray that teaches.
struct AdNerfTeacher: Sendable {
    var direction: SIMD3<Float>
    var length: Float
    /// Address of its random numbers.
    var index: Int
    var target: SIMD3<Float>
    /// What stands behind it for the coarse and the fine pass: the plate, or the head behind a torso.
    var coarseBackground: SIMD3<Float>, fineBackground: SIMD3<Float>
}

/// A pair of networks at work on rays, with its memory.
final class AdNerfBatch: @unchecked Sendable {  // one band at a time
    let coarse: AdNerfNetwork, fine: AdNerfNetwork
    private let counts: (coarse: Int, total: Int)
    private let tape: AdNerfTape
    private let scratch: AdNerfScratch
    private let coarseDepths: Buffer<Float>, depths: Buffer<Float>, weights: Buffer<Float>, bins: Buffer<Float>
    private let codes: Buffer<Float>, viewBiases: Buffer<Float>
    private let dDensity: Buffer<Float>, dColor: Buffer<Float>
    /// Rays that its memory holds at once.
    let rays: Int
    /// Gradients of the layout's block, and of the signal.
    let gradient: Buffer<Float>, signalGradient: Buffer<Float>

    init(coarse: AdNerfNetwork, fine: AdNerfNetwork, samples: Int, draws: Int, total: Int) {
        (self.coarse, self.fine) = (coarse, fine)
        counts = (samples, samples + draws)
        let sizes = coarse.sizes
        rays = max(1, 1536 / counts.total)
        let capacity = rays * counts.total
        tape = AdNerfTape(sizes, capacity: capacity, keeps: true)
        scratch = AdNerfScratch(sizes, capacity: capacity, rays: rays)
        coarseDepths = Buffer(count: rays * samples)
        depths = Buffer(count: capacity)
        weights = Buffer(count: capacity)
        bins = Buffer(count: samples)
        codes = Buffer(count: rays * sizes.directionCode)
        viewBiases = Buffer(count: rays * sizes.viewWidth)
        dDensity = Buffer(count: capacity)
        dColor = Buffer(count: 3 * capacity)
        gradient = Buffer(count: total)
        signalGradient = Buffer(count: coarse.signal)
    }

    /// Random depths of a step.
    struct Jitter: Sendable { var coarse: SeededRandom, fine: SeededRandom }
    struct Result { var coarse: [SIMD3<Float>] = [], fine: [SIMD3<Float>] = [], coarseError = 0.0, fineError = 0.0, isDead = true }

    /// Colours of both passes for rays from one place. With `scale` the gradients of scale · Σ (colour − target)² are added.
    func run(_ teachers: ArraySlice<AdNerfTeacher>, origin: SIMD3<Float>, near: Float, far: Float, parameters p: UnsafePointer<Float>, signal: [Float],
             jitter: Jitter?, scale: Float?) -> Result {
        var result = Result()
        let biases = (coarse.biases(p, signal: signal), fine.biases(p, signal: signal))
        var start = teachers.startIndex
        while start < teachers.endIndex {
            let part = Array(teachers[start..<min(start + rays, teachers.endIndex)])
            start += part.count
            let (n, total) = counts
            for (r, t) in part.enumerated() {
                let random = jitter.map { j in { (i: Int) in j.coarse.uniform(UInt64(t.index) << 12 | UInt64(i)) } }
                RayDepths.even(near: near, far: far, count: n, random: random, into: coarseDepths.pointer + r * n)
            }
            // The fine depths follow from the coarse weights, and no gradient goes that way.
            pass(coarse, p, biases.0, signal, part, origin, coarseDepths.pointer, n, isFine: false, scale, &result)
            for (r, t) in part.enumerated() {
                let random = jitter.map { j in { (i: Int) in j.fine.uniform(UInt64(t.index) << 13 | UInt64(i)) } }
                RayDepths.refined(coarseDepths.pointer + r * n, weights: weights.pointer + r * n, coarse: n, draws: total - n, random: random,
                                  into: depths.pointer + r * total, scratch: bins.pointer)
            }
            pass(fine, p, biases.1, signal, part, origin, depths.pointer, total, isFine: true, scale, &result)
        }
        return result
    }

    private func pass(_ network: AdNerfNetwork, _ p: UnsafePointer<Float>, _ biases: [Float], _ signal: [Float], _ part: [AdNerfTeacher], _ origin: SIMD3<Float>,
                      _ z: UnsafePointer<Float>, _ n: Int, isFine: Bool, _ scale: Float?, _ result: inout Result) {
        let directions = part.map(\.direction)
        network.viewBiases(p, directions: part.map { $0.direction / $0.length }, codes: codes.pointer, into: viewBiases.pointer)
        tape.place(origin, directions, z, each: n)
        biases.withUnsafeBufferPointer { b in
            if let b = b.baseAddress { network.forward(p, biases: b, viewBiases: viewBiases.pointer, tape: tape, count: part.count * n) }
        }
        for (r, t) in part.enumerated() {
            let (at, density, rgb, w) = (z + r * n, tape.density.pointer + r * n, tape.color.pointer + 3 * r * n, weights.pointer + r * n)
            let background = isFine ? t.fineBackground : t.coarseBackground
            let sum = RayIntegral(at, density: density, rgb: rgb, count: n, length: t.length, background: background, weights: w)
            let difference = sum.color - t.target
            let error = Double((difference * difference).sum())
            if isFine { result.fine.append(sum.color); result.fineError += error } else { result.coarse.append(sum.color); result.coarseError += error }
            guard let scale else { continue }
            if result.isDead { result.isDead = !(0..<n).contains { density[$0] > 0 } }
            sum.backward(at, density: density, rgb: rgb, count: n, length: t.length, background: background, weights: w, gradient: difference * (2 * scale),
                         density: dDensity.pointer + r * n, rgb: dColor.pointer + 3 * r * n)
        }
        guard scale != nil else { return }
        network.backward(p, signal: signal, directions: codes.pointer, rays: part.count, tape: tape, count: part.count * n, density: dDensity.pointer, color: dColor.pointer,
                         scratch: scratch, gradient: gradient.pointer, signalGradient: signalGradient.pointer)
    }
}
