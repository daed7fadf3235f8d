// Draws a head from a plain field, round by round as the original does (engine specification, 1.10).
import Base
import Foundation

/// What draws heads of the ER-NeRF family.
protocol HeadDrawing: Sendable {
    /// `stages`: asks where the time goes; not every head says so.
    func draw(_ camera: RayCamera, _ conditions: FieldConditions, budget: ComputeBudget, stages: FrameStages?) -> HeadPicture
}

extension HeadDrawing {
    func draw(_ camera: RayCamera, _ conditions: FieldConditions, budget: ComputeBudget) -> HeadPicture { draw(camera, conditions, budget: budget, stages: nil) }
}

/// Marching, field and compositing of whole frames, sample by sample.
final class PlainRenderer: HeadDrawing {
    private let field: PlainField
    private let bits: [UInt8]
    private let maxSteps = 16
    private let opaque: Float = 1e-4
    private static let chunk = 32
    private let pool = ScratchPool { PlainField.Memory() }

    init(_ field: PlainField, bits: [UInt8]) {
        self.field = field
        self.bits = bits
    }

    private final class Rays: @unchecked Sendable {  // chunks write their own rays
        let t: Buffer<Float>, far: Buffer<Float>, goesOn: Buffer<UInt8>, taken: Buffer<Int32>
        init(count: Int) {
            t = Buffer(count: count)
            far = Buffer(count: count)
            goesOn = Buffer(count: count)
            taken = Buffer(count: count)
        }
    }

    func draw(_ camera: RayCamera, _ conditions: FieldConditions, budget: ComputeBudget, stages: FrameStages?) -> HeadPicture {
        let picture = HeadPicture(width: camera.width, height: camera.height)
        let total = camera.width * camera.height
        let rays = Rays(count: total)
        for n in 0..<total {
            let (near, far) = camera.nearFar(camera.direction(n / camera.width, n % camera.width))
            rays.t.pointer[n] = near
            rays.far.pointer[n] = far
        }
        var alive = (0..<total).map { Int32($0) }
        var step = 0
        while step < maxSteps, !alive.isEmpty {
            let k = max(1, min(8, total / alive.count)), now = alive
            budget.forEach((now.count + Self.chunk - 1) / Self.chunk) { [self] c in
                let memory = pool.take()
                defer { pool.put(memory) }
                round(now[(c * Self.chunk)..<min((c + 1) * Self.chunk, now.count)], steps: k, rays, camera, conditions, picture, memory)
            }
            picture.rounds.append((now.count, k, 0))
            alive = now.filter { rays.goesOn.pointer[Int($0)] != 0 }
            step += k
        }
        picture.sampleCounts = (0..<total).map { rays.taken.pointer[$0] }
        return picture
    }

    private func round(_ list: ArraySlice<Int32>, steps: Int, _ rays: Rays, _ camera: RayCamera, _ conditions: FieldConditions, _ picture: HeadPicture, _ m: PlainField.Memory) {
        var n = 0
        var ends: [Int] = [], depths: [Float] = []
        bits.withUnsafeBufferPointer { bits in
            guard let base = bits.baseAddress else { return }
            for ray in list {
                let d = camera.direction(Int(ray) / camera.width, Int(ray) % camera.width)
                march(base, origin: camera.origin, direction: d, from: rays.t.pointer[Int(ray)], far: rays.far.pointer[Int(ray)], limit: steps) { p, t in
                    for k in 0..<3 {
                        m.places.pointer[3 * n + k] = p[k]
                        m.directions.pointer[3 * n + k] = d[k]
                    }
                    depths.append(t)
                    n += 1
                }
                ends.append(n)
            }
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * max(n, 1)) { values in
            guard let sigma = values.baseAddress else { return }
            let rgb = sigma + max(n, 1)
            if n > 0 { field.evaluate(m, count: n, conditions, densities: sigma, colors: rgb) }
            var first = 0
            for (ray, end) in zip(list, ends) {
                let r = Int(ray), p = picture.pixels.pointer + 4 * r
                var finished = end - first < steps
                rays.taken.pointer[r] += Int32(end - first)
                for i in first..<end {
                    let transmittance = 1 - p[3]
                    let weight = (1 - Foundation.exp(-sigma[i] * marchStep)) * transmittance
                    for c in 0..<3 { p[c] += weight * rgb[3 * i + c] }
                    p[3] += weight
                    rays.t.pointer[r] = depths[i]
                    if transmittance < opaque { finished = true; break }
                }
                rays.goesOn.pointer[r] = finished ? 0 : 1
                first = end
            }
        }
    }
}
