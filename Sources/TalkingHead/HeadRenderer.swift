// Draws the head of one frame: as the original's rounds would, but no ray goes on behind what it cannot see through (engine specification, 1.10, 8.3).
import Base
import Foundation
import Kernels
import Tensors

/// Premultiplied colour and opacity of every pixel of a head.
final class HeadPicture: @unchecked Sendable {  // bands write their own rays
    let width: Int
    let height: Int
    /// Four floats a pixel: premultiplied colour, opacity.
    let pixels: Buffer<Float>
    var sampleCounts: [Int32]
    /// Alive rays, steps a ray and samples of each round.
    var rounds: [(alive: Int, steps: Int, samples: Int)] = []
    /// Densities and colours that were computed.
    var densities = 0, colors = 0

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = Buffer(count: 4 * width * height)
        sampleCounts = []
    }
}

/// Marching, network and compositing of whole frames.
final class HeadRenderer: @unchecked Sendable {  // immutable after init
    private let network: HeadNetwork
    private let parameters: Buffer<Float>
    private let bits: [UInt8]
    private let blocks: [SIMD3<Float>]
    private let maxSteps = 16
    private let opaque: Float = 1e-4
    /// Rays of a chunk: their samples stay in the second cache.
    private static let chunk = 512
    /// Samples that a ray takes before it is asked whether it goes on.
    private let stride = 2
    /// Colours of samples that weigh less are not computed: a ray of 16 of them is wrong by less than 2·10⁻⁴.
    private let negligible: Float = 1e-5

    init(layout: ParameterLayout, block: [Float], bits: [UInt8]) {
        self.bits = bits
        blocks = OccupancyBlocks.centers(bits)
        network = HeadNetwork(layout: layout)
        parameters = Buffer(count: block.count)
        parameters.pointer.update(from: block, count: block.count)
    }

    /// State of the rays of a frame, in arrays.
    private final class Rays: @unchecked Sendable {  // chunks write their own rays
        let t: Buffer<Float>, far: Buffer<Float>, directions: Buffer<Float>
        /// Samples that the original would have taken.
        let taken: Buffer<Int32>
        init(count: Int) {
            t = Buffer(count: count)
            far = Buffer(count: count)
            directions = Buffer(count: 3 * count)
            taken = Buffer(count: count)
        }
    }

    /// What a round leaves of a chunk.
    private struct Survivors {
        var rays: [Int32] = []
        var marched = 0, densities = 0, colors = 0
    }
    private final class Round: @unchecked Sendable {  // chunks write their own entry
        let entries: UnsafeMutableBufferPointer<Survivors>
        init(count: Int) {
            entries = .allocate(capacity: count)
            entries.initialize(repeating: Survivors())
        }
        deinit {
            entries.deinitialize()
            entries.deallocate()
        }
    }

    /// Scratch of the chunks; with the most samples of a round where all of them are counted.
    private let pool = ScratchPool { SampleMemory(capacity: HeadRenderer.chunk * 8) }

    /// Draws the head. `counts`: keep how many samples each ray takes in the original's rounds (slower: no ray stops within a round).
    func render(camera: RayCamera, conditions: HeadConditions, budget: ComputeBudget, counts: Bool = false) -> HeadPicture {
        let picture = HeadPicture(width: camera.width, height: camera.height)
        let total = camera.width * camera.height
        let rays = Rays(count: total)
        let folded = FoldedHead(network, parameters.pointer, conditions)
        var alive = Self.start(rays, camera, DepthTiles(blocks, camera: camera), budget)
        var step = 0
        // Rays that miss the box leave after the first round, as all rays without a sample do.
        var aliveCount = total
        while step < maxSteps, !alive.isEmpty {
            let k = max(1, min(8, total / max(aliveCount, 1)))
            let chunks = (alive.count + Self.chunk - 1) / Self.chunk
            let round = Round(count: chunks)
            let now = alive
            budget.forEach(chunks) { [self] c in
                let slice = now[(c * Self.chunk)..<min((c + 1) * Self.chunk, now.count)]
                round.entries[c] = march(slice, steps: k, rays, camera, folded, picture, stride: counts ? k : stride)
            }
            picture.rounds.append((aliveCount, k, round.entries.reduce(0) { $0 + $1.marched }))
            picture.densities += round.entries.reduce(0) { $0 + $1.densities }
            picture.colors += round.entries.reduce(0) { $0 + $1.colors }
            alive = round.entries.flatMap(\.rays)
            aliveCount = alive.count
            step += k
        }
        if counts { picture.sampleCounts = Array(rays.taken.elements) }
        return picture
    }

    /// Rays that may meet something, at the last step of their lattice before they can.
    private static func start(_ rays: Rays, _ camera: RayCamera, _ depths: DepthTiles, _ budget: ComputeBudget) -> [Int32] {
        budget.forEach(camera.height) { j in
            for i in 0..<camera.width {
                let n = j * camera.width + i
                let d = camera.direction(j, i)
                let (near, far) = camera.nearFar(d)
                rays.far.pointer[n] = 0
                rays.t.pointer[n] = 0
                guard near < far, let bounds = depths.range(j, i) else { continue }
                // Step by step, as the march itself would: the sum of its rounded steps is part of the result.
                var t = near
                while t + marchStep < bounds.near { t += marchStep }
                rays.t.pointer[n] = t
                rays.far.pointer[n] = min(far, bounds.far)
                for k in 0..<3 { rays.directions.pointer[3 * n + k] = d[k] }
            }
        }
        // Blocks of 16 × 16 pixels: what a chunk looks at lies close together in the planes.
        var order: [Int32] = []
        order.reserveCapacity(camera.width * camera.height)
        for top in Swift.stride(from: 0, to: camera.height, by: 16) {
            for left in Swift.stride(from: 0, to: camera.width, by: 16) {
                for j in top..<min(top + 16, camera.height) {
                    for n in (j * camera.width + left)..<(j * camera.width + min(left + 16, camera.width)) where rays.t.pointer[n] < rays.far.pointer[n] {
                        order.append(Int32(n))
                    }
                }
            }
        }
        return order
    }

    /// One round of a chunk of rays.
    private func march(_ list: ArraySlice<Int32>, steps: Int, _ rays: Rays, _ camera: RayCamera, _ folded: FoldedHead, _ picture: HeadPicture,
                       stride: Int) -> Survivors {
        var result = Survivors()
        let memory = pool.take()
        defer { pool.put(memory) }
        var running = Array(list)
        var left = steps
        while left > 0, !running.isEmpty {
            let k = min(stride, left)
            left -= k
            gather(running, steps: k, rays, camera, memory)
            result.marched += memory.count
            result.densities += memory.count
            densities(memory, folded)
            let going = weigh(running, steps: k, rays, picture, memory)
            result.colors += memory.significant.count
            colors(memory, folded, rays, picture)
            running = going
        }
        result.rays = running
        return result
    }

    /// Samples of a chunk between two questions. What an earlier chunk left in it is overwritten or finite.
    private final class SampleMemory: @unchecked Sendable {  // one chunk at a time
        let x: Buffer<Float>, y: Buffer<Float>, z: Buffer<Float>, end: Buffer<Float>, alpha: Buffer<Float>
        let hidden: Buffer<Float>
        let tile = Buffer<Float>(count: FoldedHead.densityFloats + FoldedHead.colorFloats)
        /// Where the samples of each ray end.
        var ends: [Int32] = []
        /// Samples whose colour matters: sample, pixel, weight.
        var significant: [(sample: Int32, ray: Int32, weight: Float)] = []
        var count = 0
        init(capacity wanted: Int) {
            let capacity = (wanted + tileWidth) / tileWidth * tileWidth + tileWidth
            x = Buffer(count: capacity)
            y = Buffer(count: capacity)
            z = Buffer(count: capacity)
            end = Buffer(count: capacity)
            alpha = Buffer(count: capacity)
            hidden = Buffer(count: capacity * 64)
        }
    }

    private func gather(_ list: [Int32], steps: Int, _ rays: Rays, _ camera: RayCamera, _ m: SampleMemory) {
        var n = 0
        m.ends.removeAll(keepingCapacity: true)
        let (x, y, z, end) = (m.x.pointer, m.y.pointer, m.z.pointer, m.end.pointer)
        bits.withUnsafeBufferPointer { bits in
            guard let base = bits.baseAddress else { return }
            for ray in list {
                let r = Int(ray)
                let q = rays.directions.pointer + 3 * r
                let before = n
                TalkingHead.march(base, origin: camera.origin, direction: SIMD3(q[0], q[1], q[2]), from: rays.t.pointer[r], far: rays.far.pointer[r], limit: steps) { p, t in
                    x[n] = p.x; y[n] = p.y; z[n] = p.z
                    end[n] = t
                    n += 1
                }
                rays.taken.pointer[r] += Int32(n - before)
                m.ends.append(Int32(n))
            }
        }
        m.count = n
    }

    private func densities(_ m: SampleMemory, _ folded: FoldedHead) {
        for start in Swift.stride(from: 0, to: m.count, by: tileWidth) {
            folded.density(x: m.x.pointer + start, y: m.y.pointer + start, z: m.z.pointer + start, count: min(tileWidth, m.count - start), tile: m.tile.pointer,
                           hidden: m.hidden.pointer + start * 64, out: m.alpha.pointer + start)
        }
        for i in Swift.stride(from: 0, to: m.count, by: 8) {
            let sigma = exp(minimum(get(m.alpha.pointer + i), Float8(repeating: 60)))
            put(1 - exp(-sigma * marchStep), m.alpha.pointer + i)
        }
    }

    /// Opacity of each ray and the samples that its colour needs; gives the rays that go on.
    private func weigh(_ list: [Int32], steps: Int, _ rays: Rays, _ picture: HeadPicture, _ m: SampleMemory) -> [Int32] {
        m.significant.removeAll(keepingCapacity: true)
        var going: [Int32] = []
        going.reserveCapacity(list.count)
        var first = 0
        for (ray, end) in zip(list, m.ends) {
            let r = Int(ray)
            let p = picture.pixels.pointer + 4 * r + 3
            var finished = Int(end) - first < steps
            for i in first..<Int(end) {
                let transmittance = 1 - p.pointee
                let weight = m.alpha.pointer[i] * transmittance
                p.pointee += weight
                if weight > negligible { m.significant.append((Int32(i), ray, weight)) }
                if transmittance < opaque { finished = true; break }
                rays.t.pointer[r] = m.end.pointer[i]
            }
            if !finished { going.append(ray) }
            first = Int(end)
        }
        return going
    }

    private func colors(_ m: SampleMemory, _ folded: FoldedHead, _ rays: Rays, _ picture: HeadPicture) {
        let tile = m.tile.pointer + FoldedHead.densityFloats
        for start in Swift.stride(from: 0, to: m.significant.count, by: tileWidth) {
            let n = min(tileWidth, m.significant.count - start)
            for i in 0..<n {
                let (sample, ray, _) = m.significant[start + i]
                let source = m.hidden.pointer + Int(sample) / tileWidth * (64 * tileWidth) + Int(sample) % tileWidth
                for r in 0..<64 { tile[r * tileWidth + i] = source[r * tileWidth] }
                let d = rays.directions.pointer + 3 * Int(ray)
                for k in 0..<3 { tile[(64 + k) * tileWidth + i] = d[k] }
            }
            for r in 0..<67 { for i in n..<((n + 15) / 16 * 16) { tile[r * tileWidth + i] = 0 } }
            let rgb = folded.color(tile, count: n)
            for i in 0..<n {
                let (_, ray, weight) = m.significant[start + i]
                let p = picture.pixels.pointer + 4 * Int(ray)
                for c in 0..<3 { p[c] += weight * rgb[c * tileWidth + i] }
            }
        }
    }
}
