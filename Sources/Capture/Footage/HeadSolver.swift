// Where the head is in every picture, from points of its mesh: pose by pose, with one shape for all pictures.
import Base
import Foundation
import Motion
import Synchronization

/// What a look at a film says of one picture.
struct SeenHead: Sendable {
    /// Number of the picture in the film.
    var frame: Int
    /// Of the rigid points, pixels of the square picture.
    var points: [SIMD2<Double>]
    /// A first guess of how it is turned.
    var guess: Quaternion
}

/// Gauss-Newton over poses and a shape offset that all pictures share (docs/capture.md).
struct HeadSolver: Sendable {
    /// The rigid points of the usual face, centimetres.
    let model: [SIMD3<Double>]
    let seen: [SeenHead]
    /// Pixels.
    let size: Double
    let budget: ComputeBudget

    struct Solution: Sendable {
        var camera: HeadCamera
        /// One for each picture that was seen.
        var heads: [PlacedHead]
        /// The rigid points of this person's face.
        var shape: [SIMD3<Double>]
        /// Pixels: root of the mean square distance, with the shape, and with the usual face.
        var error = 0.0, usualError = 0.0
        /// Of each picture.
        var errors: [Double] = []
    }

    private static let rounds = 8
    /// The shape is drawn back to the usual face by so much of what a point is seen by.
    private static let ridge = 0.01
    /// The depth is drawn to between its neighbours' by so much of what it is seen by.
    private static let calm = 0.5
    /// Focal lengths over the picture's width that are tried, and the one that is taken where they say nothing: where they hardly
    /// differ, or where the best is at the end of the range (then this face is another one, not the lens).
    static let focals = [1.5, 2, 2.5, 3, 3.5, 4]
    private static let usualFocal = 2.0
    private static let mostTrials = 60

    func solve() -> Solution {
        let camera = HeadCamera(focal: chosenFocal() * size, size: size)
        var heads = placed(seen, model, camera, from: [])
        var shape = model
        let usual = errors(heads, shape, camera, seen)
        for _ in 0..<Self.rounds {
            shape = reshaped(shape, heads, camera)
            heads = placed(seen, shape, camera, from: heads)
        }
        let last = errors(heads, shape, camera, seen)
        return Solution(camera: camera, heads: heads, shape: shape, error: Self.root(last), usualError: Self.root(usual), errors: last)
    }

    private static func root(_ errors: [Double]) -> Double { (errors.reduce(0) { $0 + $1 * $1 } / Double(max(errors.count, 1))).squareRoot() }

    /// The focal length with which the usual face fits best: once the shape is free, it cannot be seen any more.
    private func chosenFocal() -> Double {
        let step = max(seen.count / Self.mostTrials, 1)
        let some = stride(from: 0, to: seen.count, by: step).map { seen[$0] }
        let trials = Self.focals.map { ratio -> (ratio: Double, error: Double) in
            let camera = HeadCamera(focal: ratio * size, size: size)
            return (ratio, Self.root(errors(placed(some, model, camera, from: []), model, camera, some)))
        }
        guard let best = trials.min(by: { $0.error < $1.error }), let worst = trials.map(\.error).max(), worst > best.error * 1.01, best.ratio != trials.first?.ratio, best.ratio != trials.last?.ratio else { return Self.usualFocal }
        return best.ratio
    }

    // MARK: poses

    /// Places every head: alone at first, then with the depths of its neighbours from the round before.
    private func placed(_ seen: [SeenHead], _ shape: [SIMD3<Double>], _ camera: HeadCamera, from last: [PlacedHead]) -> [PlacedHead] {
        let results = HeadList(seen.count)
        budget.forEach(seen.count) { k in
            var head = last.isEmpty ? first(seen[k], shape, camera) : last[k]
            let depth = last.isEmpty ? nil : between(k, seen, last)
            for _ in 0..<(last.isEmpty ? 12 : 3) { step(&head, seen[k].points, shape, camera, depth) }
            results.heads.withLock { $0[k] = head }
        }
        return results.heads.withLock { $0 }.compactMap { $0 }
    }

    /// The depth between those of the pictures before and after; nil at the ends of a run.
    private func between(_ k: Int, _ seen: [SeenHead], _ heads: [PlacedHead]) -> Double? {
        guard k > 0, k + 1 < seen.count, seen[k - 1].frame == seen[k].frame - 1, seen[k + 1].frame == seen[k].frame + 1 else { return nil }
        return (heads[k - 1].shift.z + heads[k + 1].shift.z) / 2
    }

    /// As far away as its size says, behind its middle.
    private func first(_ seen: SeenHead, _ shape: [SIMD3<Double>], _ camera: HeadCamera) -> PlacedHead {
        var head = PlacedHead(rotation: seen.guess, shift: .zero)
        let turned = shape.map(head.turned)
        let count = Double(max(shape.count, 1))
        let middle = turned.reduce(SIMD3<Double>.zero, +) / count, center = seen.points.reduce(SIMD2<Double>.zero, +) / count
        let width = turned.reduce(0) { $0 + ($1.x - middle.x) * ($1.x - middle.x) + ($1.y - middle.y) * ($1.y - middle.y) }
        let pixels = seen.points.reduce(0) { $0 + (($1 - center) * ($1 - center)).sum() }
        let depth = camera.focal * (width / max(pixels, 1e-6)).squareRoot()
        head.shift = SIMD3((center.x - camera.size / 2) * depth / camera.focal - middle.x, -(center.y - camera.size / 2) * depth / camera.focal - middle.y, -depth - middle.z)
        return head
    }

    /// One step of Gauss-Newton: three turns, three shifts.
    private func step(_ head: inout PlacedHead, _ points: [SIMD2<Double>], _ shape: [SIMD3<Double>], _ camera: HeadCamera, _ depth: Double?) {
        var system = SmallSystem(6)
        for (k, point) in points.enumerated() {
            let arm = head.turned(shape[k]), p = arm + head.shift
            guard let place = camera.place(p) else { continue }
            let (across, down) = camera.slopes(p), miss = point - place
            for (slope, value) in [(across, miss.x), (down, miss.y)] {
                // A turn ω moves the point by ω × arm.
                system.add([slope.z * arm.y - slope.y * arm.z, slope.x * arm.z - slope.z * arm.x, slope.y * arm.x - slope.x * arm.y, slope.x, slope.y, slope.z], value)
            }
        }
        if let depth { system.pull(5, to: depth - head.shift.z, weight: Self.calm * system.weight(of: 5)) }
        for unknown in 0..<6 { system.pull(unknown, to: 0, weight: 1e-6 * system.weight(of: unknown) + 1e-9) }
        guard let way = system.solved() else { return }
        head.move(turn: SIMD3(way[0], way[1], way[2]), shift: SIMD3(way[3], way[4], way[5]))
    }

    // MARK: shape

    /// Every point where all pictures together see it, drawn a little to where it usually is.
    private func reshaped(_ shape: [SIMD3<Double>], _ heads: [PlacedHead], _ camera: HeadCamera) -> [SIMD3<Double>] {
        shape.indices.map { k in
            var system = SmallSystem(3)
            for (head, seen) in zip(heads, seen) {
                let p = head.turned(shape[k]) + head.shift
                guard let place = camera.place(p) else { continue }
                let (across, down) = camera.slopes(p), miss = seen.points[k] - place
                for (slope, value) in [(across, miss.x), (down, miss.y)] {
                    // Back into the head's frame: Rᵀ slope.
                    let own = head.rows[0] * slope.x + head.rows[1] * slope.y + head.rows[2] * slope.z
                    system.add([own.x, own.y, own.z], value)
                }
            }
            let pull = Self.ridge * (system.weight(of: 0) + system.weight(of: 1)) / 2, way = model[k] - shape[k]
            for unknown in 0..<3 { system.pull(unknown, to: way[unknown], weight: pull + 1e-9) }
            guard let move = system.solved() else { return shape[k] }
            return shape[k] + SIMD3(move[0], move[1], move[2])
        }
    }

    /// Root mean square distance in each picture, pixels.
    private func errors(_ heads: [PlacedHead], _ shape: [SIMD3<Double>], _ camera: HeadCamera, _ seen: [SeenHead]) -> [Double] {
        zip(heads, seen).map { head, seen in
            var sum = 0.0
            for (k, point) in seen.points.enumerated() {
                let miss = point - (camera.place(head.turned(shape[k]) + head.shift) ?? SIMD2(repeating: 1e6))
                sum += (miss * miss).sum()
            }
            return (sum / Double(max(seen.points.count, 1))).squareRoot()
        }
    }
}

/// Heads that threads fill in.
private final class HeadList: Sendable {
    let heads: Mutex<[PlacedHead?]>
    init(_ count: Int) { heads = Mutex([PlacedHead?](repeating: nil, count: count)) }
}
