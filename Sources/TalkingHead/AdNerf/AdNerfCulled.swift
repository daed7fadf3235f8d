// The fast way to draw: no coarse pass, samples only in occupied cells, colours only where they are seen.
import Base
import Foundation

/// Draws with a fine network and a grid of what it found.
final class AdNerfCulled: Sendable {
    private let network: AdNerfNetwork
    private let parameters: [Float]
    private let frame: AdNerfFrame
    let grid: AdNerfGrid
    /// Steps between near and far; rays of a chunk; samples of a ray between two questions whether it goes on.
    private let steps: Int
    private static let chunk = 64, stride = 8
    /// A ray ends when it lets less light through; colours of samples that weigh less are not asked for.
    private static let opaque: Float = 1e-3, negligible: Float = 3e-4
    private let pool: ScratchPool<Memory>

    init(_ renderer: AdNerfRenderer, grid: AdNerfGrid, steps: Int = 256) {
        (network, parameters, frame) = (renderer.fine, renderer.parameters, renderer.frame)
        self.grid = grid
        self.steps = steps
        let sizes = renderer.frame.sizes
        pool = ScratchPool { Memory(sizes) }
    }

    private final class Memory: @unchecked Sendable {  // one chunk at a time
        let tape: AdNerfTape
        let hidden: Buffer<Float>, codes: Buffer<Float>, viewBiases: Buffer<Float>
        init(_ sizes: AdNerfSizes) {
            tape = AdNerfTape(sizes, capacity: AdNerfCulled.chunk * AdNerfCulled.stride, keeps: false)
            hidden = Buffer(count: AdNerfCulled.chunk * AdNerfCulled.stride * sizes.width)
            codes = Buffer(count: AdNerfCulled.chunk * sizes.directionCode)
            viewBiases = Buffer(count: AdNerfCulled.chunk * sizes.viewWidth)
        }
    }

    /// What a picture cost.
    struct Work: Sendable { var densities = 0, colors = 0 }
    private final class Target: @unchecked Sendable {  // chunks write their own pixels and their own work
        let pixels: Buffer<Float>, densities: Buffer<Int>, colors: Buffer<Int>
        init(count: Int, chunks: Int) {
            pixels = Buffer(count: 4 * count)
            densities = Buffer(count: chunks)
            colors = Buffer(count: chunks)
        }
    }

    func render(_ camera: AdNerfCamera, signal: [Float], budget: ComputeBudget) -> (picture: AdNerfPicture, work: Work) {
        let count = camera.width * camera.height, chunks = (count + Self.chunk - 1) / Self.chunk
        let target = Target(count: count, chunks: chunks)
        let biases = parameters.withUnsafeBufferPointer { p in p.baseAddress.map { network.biases($0, signal: signal) } ?? [] }
        budget.forEach(chunks) { [self] k in
            let memory = pool.take()
            defer { pool.put(memory) }
            let work = draw(k * Self.chunk..<min((k + 1) * Self.chunk, count), camera, biases, memory, into: target.pixels.pointer)
            (target.densities.pointer[k], target.colors.pointer[k]) = (work.densities, work.colors)
        }
        var picture = AdNerfPicture(count: count)
        let p = target.pixels.pointer
        for i in 0..<count {
            picture.colors[i] = SIMD3(p[4 * i], p[4 * i + 1], p[4 * i + 2])
            picture.last[i] = 1 - p[4 * i + 3]
        }
        return (picture, Work(densities: target.densities.elements.reduce(0, +), colors: target.colors.elements.reduce(0, +)))
    }

    /// A ray on its way.
    private struct Ray { var pixel: Int, slot: Int32, direction: SIMD3<Float>, length: Float, step = 0, light: Float = 1 }

    private func draw(_ range: Range<Int>, _ camera: AdNerfCamera, _ biases: [Float], _ m: Memory, into out: UnsafeMutablePointer<Float>) -> Work {
        let origin = camera.origin
        let all = range.map { pixel -> Ray in
            let d = camera.direction(pixel / camera.width, pixel % camera.width)
            return Ray(pixel: pixel, slot: Int32(pixel - range.lowerBound), direction: d, length: (d * d).sum().squareRoot())
        }
        var work = Work()
        var rays = all.filter { first($0, origin) != nil }
        guard !rays.isEmpty else { return work }
        parameters.withUnsafeBufferPointer { p in
            biases.withUnsafeBufferPointer { b in
                guard let p = p.baseAddress, let b = b.baseAddress else { return }
                network.viewBiases(p, directions: all.map { $0.direction / $0.length }, codes: m.codes.pointer, into: m.viewBiases.pointer)
                while !rays.isEmpty { round(&rays, origin, p, b, m, out, &work) }
            }
        }
        return work
    }

    private var spacing: Float { (frame.far - frame.near) / Float(steps) }
    private func depth(_ step: Int) -> Float { frame.near + (Float(step) + 0.5) * spacing }

    /// The next step of a ray that lies in an occupied cell.
    private func first(_ ray: Ray, _ origin: SIMD3<Float>) -> Int? {
        var step = ray.step
        while step < steps {
            if grid.isOccupied(origin + ray.direction * depth(step)) { return step }
            step += 1
        }
        return nil
    }

    /// Every ray takes its next samples; those that see nothing more leave.
    private func round(_ rays: inout [Ray], _ origin: SIMD3<Float>, _ p: UnsafePointer<Float>, _ biases: UnsafePointer<Float>, _ m: Memory,
                       _ out: UnsafeMutablePointer<Float>, _ work: inout Work) {
        var ends: [Int] = []
        var n = 0
        let tape = m.tape
        for r in rays.indices {
            for _ in 0..<Self.stride {
                guard let step = first(rays[r], origin) else { rays[r].step = steps; break }
                let q = origin + rays[r].direction * depth(step)
                (tape.x.pointer[n], tape.y.pointer[n], tape.z.pointer[n]) = (q.x, q.y, q.z)
                n += 1
                rays[r].step = step + 1
            }
            ends.append(n)
        }
        guard n > 0 else { rays = []; return }
        network.densities(p, biases: biases, tape: tape, count: n)
        work.densities += n
        var seen: [(sample: Int, ray: Ray, weight: Float)] = []
        var start = 0
        for r in rays.indices {
            for i in start..<ends[r] where rays[r].light >= Self.opaque {
                let weight = rays[r].light * (1 - Foundation.exp(-max(tape.density.pointer[i], 0) * spacing * rays[r].length))
                rays[r].light -= weight
                out[4 * rays[r].pixel + 3] += weight
                if weight > Self.negligible { seen.append((i, rays[r], weight)) }
            }
            start = ends[r]
        }
        color(seen, p, m, out)
        work.colors += seen.count
        rays.removeAll { $0.light < Self.opaque || $0.step >= steps }
    }

    private func color(_ seen: [(sample: Int, ray: Ray, weight: Float)], _ p: UnsafePointer<Float>, _ m: Memory, _ out: UnsafeMutablePointer<Float>) {
        guard !seen.isEmpty else { return }
        let width = frame.sizes.width, source = m.tape.hidden(frame.sizes.depth - 1)
        for (k, s) in seen.enumerated() {
            (m.hidden.pointer + k * width).update(from: source + s.sample * width, count: width)
            m.tape.rays.pointer[k] = s.ray.slot
        }
        network.colors(p, hidden: m.hidden.pointer, viewBiases: m.viewBiases.pointer, rays: m.tape.rays.pointer, tape: m.tape, count: seen.count)
        for (k, s) in seen.enumerated() {
            let c = RayIntegral.color(m.tape.color.pointer, k)
            for channel in 0..<3 { out[4 * s.ray.pixel + channel] += s.weight * c[channel] }
        }
    }
}
