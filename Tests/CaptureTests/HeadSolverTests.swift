// Laws of the head solver: made heads are found again.
import Base
@testable import Capture
import Foundation
import Motion
import Testing

@Suite struct HeadSolverTests {
    /// A bumpy cap of points, about as large as a face, centimetres.
    private static let face: [SIMD3<Double>] = (0..<90).map { k in
        let u = Double(k % 10) / 9 * 2 - 1, v = Double(k / 10) / 8 * 2 - 1
        return SIMD3(7 * u, 5.5 * v + 2, 5 - 4 * u * u - v * v + 0.8 * sin(3 * u + 2 * v))
    }

    private struct Take {
        var heads: [PlacedHead]
        var seen: [SeenHead]
    }

    /// A head that turns, nods and sways before a camera of 1,000 pixels' focal length in a picture of 500.
    private static func take(shape: [SIMD3<Double>], frames: Int, noise: Double) -> Take {
        let camera = HeadCamera(focal: 1000, size: 500)
        var result = Take(heads: [], seen: [])
        for n in 0..<frames {
            let t = Double(n) / 25
            let rotation = Quaternion(yaw: 0.3 * sin(1.3 * t), pitch: 0.12 * sin(2.1 * t + 1), roll: 0.08 * sin(0.9 * t + 2))
            let head = PlacedHead(rotation: rotation, shift: SIMD3(1.5 * sin(t), -1 + 0.5 * cos(1.7 * t), -60 + 2 * sin(0.6 * t)))
            let random = SeededRandom(seed: 5, stream: UInt64(n))
            let points = shape.indices.map { k -> SIMD2<Double> in
                let place = camera.place(head.turned(shape[k]) + head.shift) ?? .zero
                return place + SIMD2(Double(random.uniform(UInt64(2 * k), -1.7, 1.7)), Double(random.uniform(UInt64(2 * k + 1), -1.7, 1.7))) * noise
            }
            result.heads.append(head)
            result.seen.append(SeenHead(frame: n, points: points, guess: Quaternion(yaw: 0.1, pitch: 0, roll: 0)))
        }
        return result
    }

    /// Greatest angle between two heads' turns once the constant part is taken away, degrees.
    private static func worstTurn(_ a: [PlacedHead], _ b: [PlacedHead]) -> Double {
        func turn(_ h: PlacedHead, from first: PlacedHead) -> Quaternion {
            // R · R₀ᵀ
            Quaternion(rotationRows: h.rows.map { row in SIMD3((row * first.rows[0]).sum(), (row * first.rows[1]).sum(), (row * first.rows[2]).sum()) })
        }
        return zip(a, b).map { x, y in
            let dot = abs((turn(x, from: a[0]).vector * turn(y, from: b[0]).vector).sum())
            return 2 * acos(min(dot, 1)) * 180 / .pi
        }.max() ?? .infinity
    }

    @Test func `a made head is found again to a hundredth of a degree`() {
        let take = Self.take(shape: Self.face, frames: 40, noise: 0)
        let solution = HeadSolver(model: Self.face, seen: take.seen, size: 500, budget: ComputeBudget(threads: 2)).solve()
        #expect(solution.camera.focal == 1000, "the focal length with which the usual face fits is the true one")
        #expect(solution.error < 0.01, "\(solution.error)")
        #expect(Self.worstTurn(take.heads, solution.heads) < 0.01)
        for (a, b) in zip(take.heads, solution.heads) { #expect(abs(a.shift.z - b.shift.z) < 0.05) }
    }

    @Test func `another face than the usual one is learned, and its turns are right`() {
        let own = Self.face.enumerated().map { k, p in p + SIMD3(0.3 * sin(Double(k)), 0.25 * cos(Double(2 * k)), 0.35 * sin(Double(3 * k) + 1)) }
        let take = Self.take(shape: own, frames: 60, noise: 0.5)
        let solution = HeadSolver(model: Self.face, seen: take.seen, size: 500, budget: ComputeBudget(threads: 2)).solve()
        #expect(solution.usualError > 3 * solution.error, "\(solution.usualError) with the usual face, \(solution.error) with its own")
        #expect(solution.error < 1, "\(solution.error)")
        #expect(Self.worstTurn(take.heads, solution.heads) < 0.8, "\(Self.worstTurn(take.heads, solution.heads))")
    }

    @Test func `the number of threads does not change a bit`() {
        let take = Self.take(shape: Self.face, frames: 30, noise: 0.5)
        let one = HeadSolver(model: Self.face, seen: take.seen, size: 500, budget: .single).solve()
        let three = HeadSolver(model: Self.face, seen: take.seen, size: 500, budget: ComputeBudget(threads: 3)).solve()
        #expect(one.heads == three.heads && one.shape == three.shape)
    }

    @Test func `camera-to-world puts head points where they are seen`() {
        let head = PlacedHead(rotation: Quaternion(yaw: 0.2, pitch: -0.1, roll: 0.05), shift: SIMD3(1, 2, -50)), camera = HeadCamera(focal: 800, size: 400)
        let frame = HeadFrame(origin: SIMD3(0, 1, -1), lean: 0.15, unitsPerCentimetre: 0.0125), point = SIMD3<Double>(3, -2, 4)
        // The point in the world of the data set, then in the camera.
        let p = frame.placed(point)
        let seen = camera.cameraToWorld(head, in: frame).rigidInverse.transformed(SIMD4(Float(p.x), Float(p.y), Float(p.z), 1))
        let place = camera.place(head.turned(point) + head.shift) ?? .zero
        #expect(abs(Double(seen.x / -seen.z) * 800 + 200 - place.x) < 1e-2 && abs(200 - Double(seen.y / -seen.z) * 800 - place.y) < 1e-2)
    }

    @Test func `the usual pose of a clip looks straight ahead`() {
        let heads = [0.1, 0.15, 0.2].map { PlacedHead(rotation: Quaternion(yaw: 0.1, pitch: $0, roll: 0), shift: SIMD3(0, 0, -60)) }
        let frame = HeadFrame(of: heads), camera = HeadCamera(focal: 800, size: 400)
        #expect(abs(frame.lean - 0.15) < 1e-9)
        let world = camera.cameraToWorld(heads[1], in: frame)
        // Columns of camera-to-world are rows of the head's rotation: no pitch is left, the turn stays.
        #expect(abs(world[2, 1]) < 1e-6 && abs(asin(world[2, 0]) - 0.1) < 1e-5)
    }

    @Test func `equations that say nothing have no solution`() {
        var system = SmallSystem(3)
        system.add([1, 0, 0], 2)
        #expect(system.solved() == nil)
        system.add([0, 1, 1], 3)
        system.add([0, 1, -1], 1)
        #expect(system.solved().map { $0.map { ($0 * 1e9).rounded() / 1e9 } } == [2, 2, 1])
    }
}
