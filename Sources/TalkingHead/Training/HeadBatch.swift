// One step of head training: rays of one frame, forward, loss and backward, in fixed bands.
import Base
import Engines
import Foundation
import Kernels

/// A ray of a step with its target.
struct TrainingRay: Sendable {
    var row: Int
    var column: Int
    var target: SIMD3<Float>
    var ground: SIMD3<Float>
    /// 1: surely head; 0: surely none; negative: an edge, let it be.
    var coverage: Float
    var isFace: Bool
    /// Where on its first step the ray starts, 0…1.
    var jitter: Float
    /// Importance of its error.
    var weight: Float
    /// A further gradient of its colour, from a loss that looks at whole patches.
    var push = SIMD3<Float>.zero
}

/// What one band of rays keeps between the phases of a step. Samples stand in two orders: as they lie along the rays, one ray
/// behind the other, and in the order in which the network looked at them.
final class BandMemory: @unchecked Sendable {  // one band, one thread at a time
    static let capacity = 32 * tileWidth
    /// Samples that the rays met, and those of them that the network looked at.
    var met = 0, count = 0
    /// Along the rays: positions, values of the network, their gradients; and where each ray's samples end, met and looked at.
    let along = Buffer<Float>(count: 3 * capacity)
    let values = Buffer<Float>(count: 7 * capacity)
    let gradients = Buffer<Float>(count: 7 * capacity)
    var spans: [(direction: SIMD3<Float>, start: Int, end: Int, seen: Int, transmittance: Float)] = []
    /// As looked at: positions, directions, the place along the rays; and where the tiles begin.
    let positions = Buffer<Float>(count: 3 * capacity)
    let directions = Buffer<Float>(count: 3 * capacity)
    let places = Buffer<Int32>(count: capacity)
    var tiles: [Range<Int>] = []
    /// Gradient of the position code, 36 rows of `capacity`.
    let code = Buffer<Float>(count: 36 * capacity)
    /// Packed gradients of the matrices.
    let weights: Buffer<Float>
    let audio = Buffer<Float>(count: 32)
    let identity = Buffer<Float>(count: 4)
    /// How far each sample lies along its ray.
    let depths = Buffer<Float>(count: capacity)
    /// Gradient of each sample's weight.
    let towardsWeight = Buffer<Float>(count: capacity)
    /// Cell of each sample, and how much light reached it.
    let cells = Buffer<Int32>(count: capacity)
    let light = Buffer<Float>(count: capacity)
    var loss: Double = 0
    var squaredError: Double = 0

    init(weightCount: Int) { weights = Buffer(count: weightCount) }

    /// Row k of an array of `capacity` columns.
    func row(_ buffer: borrowing Buffer<Float>, _ k: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + k * Self.capacity }
    func samples(_ buffer: borrowing Buffer<Float>) -> RaySamples {
        RaySamples(sigma: row(buffer, 0), red: row(buffer, 1), green: row(buffer, 2), blue: row(buffer, 3), ambientAudio: row(buffer, 4),
                   ambientEye: row(buffer, 5), uncertainty: row(buffer, 6))
    }
}

/// Activations of a band's tiles: scratch of a thread, so that it stays in its caches from band to band.
private final class TileMemory: @unchecked Sendable {  // taken by one band at a time
    let tiles = Buffer<Float>(count: (BandMemory.capacity / tileWidth + HeadBatch.rounds) * HeadNetwork.tileFloats)
    let gradient = Buffer<Float>(count: HeadNetwork.gradientFloats)
    let outputs = Buffer<Float>(count: 14 * tileWidth)
}

/// Forward and backward over the rays of one frame.
final class HeadBatch: Sendable {
    /// Fixed, so that sums have one order whatever the number of threads.
    static let bandCount = 32
    /// Samples of a ray that are looked at before it is asked whether it is full: what lies behind the skin costs nothing.
    private static let atOnce = 2
    private static let longest = 16
    fileprivate static let rounds = longest / atOnce
    private let bands: [BandMemory]
    private let pool = ScratchPool { TileMemory() }
    private let network: HeadNetwork
    /// Squared error of each ray of the last step.
    let rayErrors = Buffer<Float>(count: 8192)

    init(network: HeadNetwork) {
        self.network = network
        bands = (0..<Self.bandCount).map { _ in BandMemory(weightCount: network.gradientCount) }
    }

    struct Result {
        var loss: Double
        var squaredError: Double
        var sampleCount: Int
        var rayCount: Int
        var audioGradient: [Float]
        var identityGradient: [Float]
    }

    /// Sends gradients of all head parameters except the audio nets and codes into `gradient`.
    func run(_ rays: [TrainingRay], camera: RayCamera, conditions: HeadConditions, bits: UnsafePointer<UInt8>, parameters: UnsafePointer<Float>,
             gradient: UnsafeMutablePointer<Float>, schedule s: Float, budget: ComputeBudget) -> Result {
        precondition(rays.count <= rayErrors.count, "a step has at most \(rayErrors.count) rays")
        let shared = SharedPointers(bits: bits, parameters: parameters, gradient: gradient)
        let perBand = (rays.count + Self.bandCount - 1) / Self.bandCount
        budget.forEach(Self.bandCount) { [self] b in
            let slice = rays[min(b * perBand, rays.count)..<min((b + 1) * perBand, rays.count)]
            let memory = pool.take()
            runBand(bands[b], memory, slice, rays.count, camera, conditions, shared, s)
            pool.put(memory)
        }
        scatter(shared, budget)
        return combine(shared, rays.count, budget)
    }

    /// Colour and opacity of rays with the parameters as they are, without gradients: colour over each ray's ground.
    func colors(_ rays: [TrainingRay], camera: RayCamera, conditions: HeadConditions, bits: UnsafePointer<UInt8>, parameters: UnsafePointer<Float>,
                budget: ComputeBudget) -> [SIMD3<Float>] {
        let result = Buffer<Float>(count: 3 * rays.count)
        let shared = SharedPointers(bits: bits, parameters: parameters, gradient: result.pointer)
        let perBand = (rays.count + Self.bandCount - 1) / Self.bandCount
        budget.forEach(Self.bandCount) { [self] b in
            let first = min(b * perBand, rays.count)
            let slice = rays[first..<min((b + 1) * perBand, rays.count)]
            let memory = pool.take()
            let m = bands[b]
            gather(m, slice, camera, shared.bits)
            forward(m, memory, conditions, shared.parameters)
            for ((k, ray), span) in zip(slice.enumerated(), m.spans) {
                let sums = Compositor.composite(m.samples(m.values).advanced(span.start), count: span.seen - span.start, step: marchStep)
                let color = sums.color + ray.ground * (1 - sums.opacity)
                for c in 0..<3 { shared.gradient[3 * (first + k) + c] = color[c] }
            }
            pool.put(memory)
        }
        return (0..<rays.count).map { SIMD3(result.pointer[3 * $0], result.pointer[3 * $0 + 1], result.pointer[3 * $0 + 2]) }
    }

    /// Tells the grid what the last step saw, in the order of the bands.
    func report(to grid: DensityGrid) {
        for m in bands { grid.see(m.cells.pointer, m.light.pointer, count: m.met) }
    }

    struct SharedPointers: @unchecked Sendable {  // read by all; `gradient` is split by level and by thread
        let bits: UnsafePointer<UInt8>
        let parameters: UnsafePointer<Float>
        let gradient: UnsafeMutablePointer<Float>
    }

    private func runBand(_ m: BandMemory, _ t: TileMemory, _ rays: ArraySlice<TrainingRay>, _ total: Int, _ camera: RayCamera, _ conditions: HeadConditions,
                         _ shared: SharedPointers, _ s: Float) {
        m.weights.pointer.update(repeating: 0, count: m.weights.count)
        m.audio.pointer.update(repeating: 0, count: 32)
        m.identity.pointer.update(repeating: 0, count: 4)
        m.loss = 0
        m.squaredError = 0
        gather(m, rays, camera, shared.bits)
        forward(m, t, conditions, shared.parameters)
        losses(m, rays, total, s)
        backward(m, t, conditions)
    }

    /// Marches the rays.
    private func gather(_ m: BandMemory, _ rays: ArraySlice<TrainingRay>, _ camera: RayCamera, _ bits: UnsafePointer<UInt8>) {
        var n = 0
        m.spans.removeAll(keepingCapacity: true)
        let px = m.row(m.along, 0), py = m.row(m.along, 1), pz = m.row(m.along, 2)
        for ray in rays {
            let d = camera.direction(ray.row, ray.column)
            let (near, far) = camera.nearFar(d)
            let start = n
            if near < far {
                march(bits, origin: camera.origin, direction: d, from: near + marchStep * ray.jitter, far: far, limit: min(Self.longest, BandMemory.capacity - n)) { p, t in
                    m.depths.pointer[n] = t
                    px[n] = p.x; py[n] = p.y; pz[n] = p.z
                    let q = (p * 64 + 64).clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 127))
                    m.cells.pointer[n] = Int32(OccupancyGrid.morton(Int(q.x), Int(q.y), Int(q.z)))
                    n += 1
                }
            }
            m.spans.append((d, start, n, start, 1))
        }
        m.met = n
    }

    private func tileOutputs(_ t: TileMemory, _ base: Int) -> HeadOutputs {
        let o = t.outputs.pointer + base * tileWidth
        return HeadOutputs(sigma: o, color: o + tileWidth, ambientAudio: o + 4 * tileWidth, ambientEye: o + 5 * tileWidth, uncertainty: o + 6 * tileWidth)
    }

    /// Looks at the rays' samples from the front, until all rays are full or at their ends.
    private func forward(_ m: BandMemory, _ t: TileMemory, _ conditions: HeadConditions, _ parameters: UnsafePointer<Float>) {
        m.count = 0
        m.tiles.removeAll(keepingCapacity: true)
        for _ in 0..<Self.rounds {
            let first = m.count
            takeNext(m)
            if m.count == first { break }
            for start in stride(from: first, to: m.count, by: tileWidth) { look(m, t, start..<min(start + tileWidth, m.count), conditions, parameters) }
            weigh(m)
        }
    }

    /// The next samples of every ray that is not full.
    private func takeNext(_ m: BandMemory) {
        let (ax, ay, az) = (m.row(m.along, 0), m.row(m.along, 1), m.row(m.along, 2))
        let (x, y, z) = (m.row(m.positions, 0), m.row(m.positions, 1), m.row(m.positions, 2))
        let (dx, dy, dz) = (m.row(m.directions, 0), m.row(m.directions, 1), m.row(m.directions, 2))
        var n = m.count
        for span in m.spans where span.transmittance >= Compositor.opaque {
            for place in span.seen..<min(span.seen + Self.atOnce, span.end) {
                m.places.pointer[n] = Int32(place)
                x[n] = ax[place]; y[n] = ay[place]; z[n] = az[place]
                dx[n] = span.direction.x; dy[n] = span.direction.y; dz[n] = span.direction.z
                n += 1
            }
        }
        m.count = n
    }

    /// The network's values of a tile of samples.
    private func look(_ m: BandMemory, _ t: TileMemory, _ range: Range<Int>, _ conditions: HeadConditions, _ parameters: UnsafePointer<Float>) {
        let start = range.lowerBound
        network.forward(parameters, conditions, x: m.row(m.positions, 0) + start, y: m.row(m.positions, 1) + start, z: m.row(m.positions, 2) + start,
                        dx: m.row(m.directions, 0) + start, dy: m.row(m.directions, 1) + start, dz: m.row(m.directions, 2) + start, count: range.count,
                        tile: t.tiles.pointer + m.tiles.count * HeadNetwork.tileFloats, out: tileOutputs(t, 0), uncertainty: true)
        m.tiles.append(range)
        for k in 0..<7 {
            let values = m.row(m.values, k), own = t.outputs.pointer + k * tileWidth
            for i in 0..<range.count { values[Int(m.places.pointer[start + i])] = own[i] }
        }
    }

    /// How much light the rays have left behind what was looked at.
    private func weigh(_ m: BandMemory) {
        let sigma = m.row(m.values, 0)
        for k in m.spans.indices where m.spans[k].transmittance >= Compositor.opaque {
            let end = min(m.spans[k].seen + Self.atOnce, m.spans[k].end)
            for place in m.spans[k].seen..<end {
                let alpha = 1 - Foundation.exp(-sigma[place] * marchStep)
                m.spans[k].transmittance *= 1 - alpha
            }
            m.spans[k].seen = end
        }
    }

    /// Loss of each ray and the gradients of its samples.
    private func losses(_ m: BandMemory, _ rays: ArraySlice<TrainingRay>, _ total: Int, _ s: Float) {
        let samples = m.samples(m.values), gradients = m.samples(m.gradients)
        let scale = 1 / Float(total)
        for ((index, ray), span) in zip(zip(rays.indices, rays), m.spans) {
            let start = span.start, count = span.seen - start
            let own = samples.advanced(start)
            let sums = Compositor.composite(own, count: count, step: marchStep, light: m.light.pointer + start)
            for unseen in span.seen..<span.end { m.light.pointer[unseen] = 0 }
            let predicted = sums.color + ray.ground * (1 - sums.opacity)
            let error = predicted - ray.target
            rayErrors.pointer[index] = (error * error).sum() / 3
            m.squaredError += Double(rayErrors.pointer[index])
            let loss = HeadLoss.gradients(error: error, ground: ray.ground, sums: sums, coverage: ray.coverage, isFace: ray.isFace, weight: ray.weight, s: s)
            m.loss += Double(loss.value)
            let color = loss.color * scale + ray.push
            let opacity = loss.opacity * scale - (ray.push * ray.ground).sum()
            let towards = m.towardsWeight.pointer + start
            m.loss += Double(HeadLoss.spread(own, depths: m.depths.pointer + start, count: sums.used, scale: scale, towards: towards))
            Compositor.backward(own, count: count, step: marchStep, sums: sums, color: color, opacity: opacity, weights: towards,
                                ambientAudio: loss.ambientAudio * scale, ambientEye: loss.ambientEye * scale, uncertainty: loss.uncertainty * scale,
                                into: gradients.advanced(start))
        }
    }

    private func backward(_ m: BandMemory, _ t: TileMemory, _ conditions: HeadConditions) {
        let out = tileOutputs(t, 0), g = tileOutputs(t, 7)
        for (index, range) in m.tiles.enumerated() {
            let (start, n) = (range.lowerBound, range.count)
            for k in 0..<7 {
                let values = m.row(m.values, k), gradients = m.row(m.gradients, k)
                let own = t.outputs.pointer + k * tileWidth, ownGradients = t.outputs.pointer + (7 + k) * tileWidth
                for i in 0..<n {
                    let place = Int(m.places.pointer[start + i])
                    own[i] = values[place]
                    ownGradients[i] = gradients[place]
                }
            }
            network.backward(conditions, count: n, tile: t.tiles.pointer + index * HeadNetwork.tileFloats, out: out, outGradient: g,
                             gradient: t.gradient.pointer, weights: m.weights.pointer, audio: m.audio.pointer, identity: m.identity.pointer, uncertainty: true)
            for r in 0..<36 { (m.row(m.code, r) + start).update(from: t.gradient.pointer + r * tileWidth, count: n) }
        }
    }

    /// Each level of each plane is one task that walks all samples in order: no two tasks touch a number, no atomics.
    private func scatter(_ shared: SharedPointers, _ budget: ComputeBudget) {
        let axes = [(0, 1), (1, 2), (0, 2)]
        budget.forEach(36) { [self] task in
            let (plane, level) = (task / 12, task % 12)
            for m in bands {
                network.encoder.scatter(level: level, m.row(m.positions, axes[plane].0), m.row(m.positions, axes[plane].1), count: m.count,
                                        m.row(m.code, plane * 12 + level), dyStride: BandMemory.capacity, into: shared.gradient + network.tables[plane])
            }
        }
    }

    /// Adds the bands' matrices in order.
    private func combine(_ shared: SharedPointers, _ rayCount: Int, _ budget: ComputeBudget) -> Result {
        var result = Result(loss: 0, squaredError: 0, sampleCount: 0, rayCount: rayCount, audioGradient: [Float](repeating: 0, count: 32), identityGradient: [0, 0, 0, 0])
        for m in bands {
            result.loss += m.loss
            result.squaredError += m.squaredError
            result.sampleCount += m.count
            for i in 0..<32 { result.audioGradient[i] += m.audio.pointer[i] }
            for i in 0..<4 { result.identityGradient[i] += m.identity.pointer[i] }
        }
        let count = network.gradientCount, parts = 8
        budget.forEach(parts) { [self] part in
            let range = (count * part / parts / 8 * 8)..<(part == parts - 1 ? count : count * (part + 1) / parts / 8 * 8)
            let sum = bands[0].weights.pointer
            for m in bands.dropFirst() {
                let own = m.weights.pointer
                for i in range { sum[i] += own[i] }
            }
        }
        network.unpack(bands[0].weights.pointer, into: shared.gradient)
        return result
    }
}
