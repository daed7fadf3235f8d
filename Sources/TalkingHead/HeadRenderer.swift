// Draws the head of one frame with the original's rounds (engine specification, 1.10).
import Base
import Foundation
import Kernels

/// Premultiplied colour and opacity of every pixel of a head.
final class HeadPicture: @unchecked Sendable {  // bands write their own rays
    let width: Int
    let height: Int
    /// Four floats a pixel: premultiplied colour, opacity.
    let pixels: Buffer<Float>
    var sampleCounts: [Int32]
    /// Alive rays, steps a ray and samples of each round.
    var rounds: [(alive: Int, steps: Int, samples: Int)] = []

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = Buffer(count: 4 * width * height)
        sampleCounts = []
    }
}

/// Marching, network and compositing of whole frames.
final class HeadRenderer: @unchecked Sendable {  // immutable after init
    private let layout: ParameterLayout
    private let network: HeadNetwork
    private let parameters: Buffer<Float>
    private let bits: [UInt8]
    private let maxSteps = 16
    private let opaque: Float = 1e-4
    private let chunk = 1024

    init(layout: ParameterLayout, block: [Float], bits: [UInt8]) {
        self.layout = layout
        self.bits = bits
        network = HeadNetwork(layout: layout)
        parameters = Buffer(count: block.count)
        parameters.pointer.update(from: block, count: block.count)
        network.pack(parameters.pointer, training: false)
    }

    /// State of the rays of a frame, in arrays.
    private final class Rays: @unchecked Sendable {  // chunks write their own rays
        let t: Buffer<Float>, far: Buffer<Float>, directions: Buffer<Float>
        init(count: Int) {
            t = Buffer(count: count)
            far = Buffer(count: count)
            directions = Buffer(count: 3 * count)
        }
    }

    /// Draws the head. `counts`: keep how many samples each ray took.
    func render(camera: RayCamera, conditions: HeadConditions, budget: ComputeBudget, counts: Bool = false) -> HeadPicture {
        let picture = HeadPicture(width: camera.width, height: camera.height)
        let total = camera.width * camera.height
        let rays = Rays(count: total)
        var alive = Self.start(rays, camera, budget)
        let taken = Counters(count: total)
        var step = 0
        // Rays that miss the box leave after the first round, as all rays without a sample do.
        var aliveCount = total
        while step < maxSteps, !alive.isEmpty {
            let k = max(1, min(8, total / max(aliveCount, 1)))
            let chunks = (alive.count + chunk - 1) / chunk
            let survivors = Survivors(count: chunks)
            let now = alive
            budget.forEach(chunks) { [self] c in
                let slice = now[(c * chunk)..<min((c + 1) * chunk, now.count)]
                survivors.lists[c] = march(slice, steps: k, rays, camera, conditions, picture, taken)
            }
            picture.rounds.append((aliveCount, k, survivors.lists.reduce(0) { $0 + $1.samples }))
            alive = survivors.lists.flatMap(\.rays)
            aliveCount = alive.count
            step += k
        }
        if counts { picture.sampleCounts = Array(taken.values.elements) }
        return picture
    }

    private final class Counters: @unchecked Sendable {  // chunks write their own rays
        let values: Buffer<Int32>
        init(count: Int) { values = Buffer(count: count) }
    }
    private final class Survivors: @unchecked Sendable {  // chunks write their own entry
        private let storage: UnsafeMutableBufferPointer<(rays: [Int32], samples: Int)>
        init(count: Int) {
            storage = .allocate(capacity: count)
            storage.initialize(repeating: ([], 0))
        }
        deinit {
            storage.deinitialize()
            storage.deallocate()
        }
        var lists: UnsafeMutableBufferPointer<(rays: [Int32], samples: Int)> { storage }
    }

    private static func start(_ rays: Rays, _ camera: RayCamera, _ budget: ComputeBudget) -> [Int32] {
        budget.forEach(camera.height) { j in
            for i in 0..<camera.width {
                let n = j * camera.width + i
                let d = camera.direction(j, i)
                let (near, far) = camera.nearFar(d)
                rays.t.pointer[n] = near
                rays.far.pointer[n] = far
                for k in 0..<3 { rays.directions.pointer[3 * n + k] = d[k] }
            }
        }
        return (0..<(camera.width * camera.height)).filter { rays.t.pointer[$0] < rays.far.pointer[$0] }.map { Int32($0) }
    }

    /// One round of a chunk of rays; gives the rays that go on.
    private func march(_ list: ArraySlice<Int32>, steps: Int, _ rays: Rays, _ camera: RayCamera, _ conditions: HeadConditions, _ picture: HeadPicture,
                       _ taken: Counters) -> (rays: [Int32], samples: Int) {
        let capacity = list.count * steps + 16
        let memory = Buffer<Float>(count: capacity * 12 + HeadNetwork.tileFloats + 7 * tileWidth)
        func row(_ k: Int) -> UnsafeMutablePointer<Float> { memory.pointer + k * capacity }
        var n = 0
        var ends: [Int32] = []
        ends.reserveCapacity(list.count)
        bits.withUnsafeBufferPointer { bits in
            guard let base = bits.baseAddress else { return }
            for ray in list {
                let r = Int(ray)
                let q = rays.directions.pointer + 3 * r
                let d = SIMD3(q[0], q[1], q[2])
                TalkingHead.march(base, origin: camera.origin, direction: d, from: rays.t.pointer[r], far: rays.far.pointer[r], limit: steps) { p, end in
                    row(0)[n] = p.x; row(1)[n] = p.y; row(2)[n] = p.z
                    row(3)[n] = d.x; row(4)[n] = d.y; row(5)[n] = d.z
                    row(6)[n] = end
                    n += 1
                }
                ends.append(Int32(n))
            }
        }
        let tile = memory.pointer + capacity * 12
        let o = tile + HeadNetwork.tileFloats
        let out = HeadOutputs(sigma: o, color: o + tileWidth, ambientAudio: o + 4 * tileWidth, ambientEye: o + 5 * tileWidth, uncertainty: o + 6 * tileWidth)
        for start in stride(from: 0, to: n, by: tileWidth) {
            let count = min(tileWidth, n - start)
            network.forward(parameters.pointer, conditions, x: row(0) + start, y: row(1) + start, z: row(2) + start, dx: row(3) + start, dy: row(4) + start,
                            dz: row(5) + start, count: count, tile: tile, out: out, uncertainty: false)
            (row(7) + start).update(from: out.sigma, count: count)
            for c in 0..<3 { (row(8 + c) + start).update(from: out.color + c * tileWidth, count: count) }
        }
        var survivors: [Int32] = []
        var first = 0
        for (ray, end) in zip(list, ends) {
            let r = Int(ray)
            let p = picture.pixels.pointer + 4 * r
            var finished = Int(end) - first < steps
            taken.values.pointer[r] += end - Int32(first)
            for i in first..<Int(end) {
                let alpha = 1 - Foundation.exp(-row(7)[i] * marchStep)
                let transmittance = 1 - p[3]
                let weight = alpha * transmittance
                p[0] += weight * row(8)[i]
                p[1] += weight * row(9)[i]
                p[2] += weight * row(10)[i]
                p[3] += weight
                if transmittance < opaque { finished = true; break }
                rays.t.pointer[r] = row(6)[i]
            }
            if !finished { survivors.append(ray) }
            first = Int(end)
        }
        return (survivors, n)
    }
}
