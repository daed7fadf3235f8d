// Draws a head or a torso as the original does: a coarse and a fine pass over every ray (engine specification, 4.3).
import Base
import Foundation
import Tensors

/// Premultiplied colour and what is left of the background, of some pixels.
struct AdNerfPicture: Sendable {
    var colors: [SIMD3<Float>]
    var last: [Float]
    init(count: Int) {
        colors = [SIMD3<Float>](repeating: .zero, count: count)
        last = [Float](repeating: 1, count: count)
    }
}

/// A coarse and a fine network of one part of the person, and their parameters.
final class AdNerfRenderer: Sendable {
    let coarse: AdNerfNetwork, fine: AdNerfNetwork
    let frame: AdNerfFrame
    let parameters: [Float]
    /// Rays of a chunk.
    private static let chunk = 8
    private let pool: ScratchPool<Memory>

    init(layout: ParameterLayout, block: [Float], part: String, frame: AdNerfFrame, signal: Int) {
        coarse = AdNerfNetwork(layout: layout, prefix: part + ".coarse", sizes: frame.sizes, signal: signal)
        fine = AdNerfNetwork(layout: layout, prefix: part + ".fine", sizes: frame.sizes, signal: signal)
        parameters = block
        self.frame = frame
        pool = ScratchPool { Memory(frame, rays: Self.chunk) }
    }

    /// Scratch of a chunk.
    private final class Memory: @unchecked Sendable {  // one chunk at a time
        let tape: AdNerfTape
        let coarseDepths: Buffer<Float>, depths: Buffer<Float>, weights: Buffer<Float>, scratch: Buffer<Float>
        let codes: Buffer<Float>, viewBiases: Buffer<Float>
        init(_ frame: AdNerfFrame, rays: Int) {
            let total = frame.coarse + frame.draws
            tape = AdNerfTape(frame.sizes, capacity: rays * total, keeps: false)
            coarseDepths = Buffer(count: rays * frame.coarse)
            depths = Buffer(count: rays * total)
            weights = Buffer(count: total)
            scratch = Buffer(count: frame.coarse)
            codes = Buffer(count: rays * frame.sizes.directionCode)
            viewBiases = Buffer(count: rays * frame.sizes.viewWidth)
        }
    }

    private final class Target: @unchecked Sendable {  // chunks write their own pixels
        let pixels: Buffer<Float>
        init(count: Int) { pixels = Buffer(count: 4 * count) }
    }

    /// Every pixel of a camera's picture, row by row.
    func render(_ camera: AdNerfCamera, signal: [Float], budget: ComputeBudget) -> AdNerfPicture {
        let count = camera.width * camera.height
        let target = Target(count: count)
        let first = parameters.withUnsafeBufferPointer { p in p.baseAddress.map { coarse.biases($0, signal: signal) } ?? [] }
        let second = parameters.withUnsafeBufferPointer { p in p.baseAddress.map { fine.biases($0, signal: signal) } ?? [] }
        budget.forEach((count + Self.chunk - 1) / Self.chunk) { [self] k in
            let range = k * Self.chunk..<min((k + 1) * Self.chunk, count)
            let memory = pool.take()
            defer { pool.put(memory) }
            draw(range, camera, first, second, memory, into: target.pixels.pointer)
        }
        var picture = AdNerfPicture(count: count)
        for i in 0..<count {
            picture.colors[i] = SIMD3(target.pixels.pointer[4 * i], target.pixels.pointer[4 * i + 1], target.pixels.pointer[4 * i + 2])
            picture.last[i] = target.pixels.pointer[4 * i + 3]
        }
        return picture
    }

    private func draw(_ range: Range<Int>, _ camera: AdNerfCamera, _ first: [Float], _ second: [Float], _ m: Memory, into out: UnsafeMutablePointer<Float>) {
        let origin = camera.origin
        let directions = range.map { camera.direction($0 / camera.width, $0 % camera.width) }
        let lengths = directions.map { ($0 * $0).sum().squareRoot() }
        let units = zip(directions, lengths).map { $0 / $1 }
        let (n, total) = (frame.coarse, frame.coarse + frame.draws)
        parameters.withUnsafeBufferPointer { p in
            guard let p = p.baseAddress else { return }
            for r in directions.indices { RayDepths.even(near: frame.near, far: frame.far, count: n, random: nil, into: m.coarseDepths.pointer + r * n) }
            pass(coarse, p, first, origin, directions, units, m.coarseDepths.pointer, n, m)
            for r in directions.indices {
                _ = RayIntegral(m.coarseDepths.pointer + r * n, density: m.tape.density.pointer + r * n, rgb: m.tape.color.pointer + 3 * r * n, count: n, length: lengths[r],
                                background: .zero, weights: m.weights.pointer)
                RayDepths.refined(m.coarseDepths.pointer + r * n, weights: m.weights.pointer, coarse: n, draws: frame.draws, random: nil, into: m.depths.pointer + r * total,
                                  scratch: m.scratch.pointer)
            }
            pass(fine, p, second, origin, directions, units, m.depths.pointer, total, m)
            for (r, pixel) in range.enumerated() {
                let sum = RayIntegral(m.depths.pointer + r * total, density: m.tape.density.pointer + r * total, rgb: m.tape.color.pointer + 3 * r * total, count: total,
                                      length: lengths[r], background: .zero, weights: m.weights.pointer)
                for c in 0..<3 { out[4 * pixel + c] = sum.color[c] }
                out[4 * pixel + 3] = sum.last
            }
        }
    }

    private func pass(_ network: AdNerfNetwork, _ p: UnsafePointer<Float>, _ biases: [Float], _ origin: SIMD3<Float>, _ directions: [SIMD3<Float>], _ units: [SIMD3<Float>],
                      _ depths: UnsafePointer<Float>, _ count: Int, _ m: Memory) {
        network.viewBiases(p, directions: units, codes: m.codes.pointer, into: m.viewBiases.pointer)
        m.tape.place(origin, directions, depths, each: count)
        biases.withUnsafeBufferPointer { b in
            guard let b = b.baseAddress else { return }
            network.forward(p, biases: b, viewBiases: m.viewBiases.pointer, tape: m.tape, count: directions.count * count)
        }
    }
}

extension AdNerfTape {
    /// Puts `each` samples of every ray at its depths, ray after ray.
    func place(_ origin: SIMD3<Float>, _ directions: [SIMD3<Float>], _ depths: UnsafePointer<Float>, each: Int) {
        for (r, d) in directions.enumerated() {
            for i in r * each..<(r + 1) * each {
                let q = origin + d * depths[i]
                (x.pointer[i], y.pointer[i], z.pointer[i]) = (q.x, q.y, q.z)
                rays.pointer[i] = Int32(r)
            }
        }
    }
}
