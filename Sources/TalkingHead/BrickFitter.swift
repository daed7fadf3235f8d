// Bricks of cells: samples of the network under many conditions, the brick that fits them, and how well it does on others.
import Base
import Foundation
import Kernels

/// How a cell's brick did. Index of octants: 4 · (x half) + 2 · (z half) + (y half).
struct BrickTrial: Sendable {
    /// Voxels that hold anything under any condition: bits as in `BakedCell`.
    var holds: UInt64 = 0
    /// Cube root of the mean sixth power of what a sample that holds anything shows wrong, with open eyes and with others: what is wrong
    /// with a few sounds only counts far more than what is a little wrong with all.
    var open = SIMD8<Float>.zero, shut = SIMD8<Float>.zero
}

/// Where a brick and its terms lie.
typealias BrickPlace = (brick: UnsafeMutablePointer<UInt8>, terms: UnsafeMutablePointer<Int8>)

/// Fits and tries bricks, a batch of cells at a time.
final class BrickFitter: Sendable {
    /// One way to ask the network: sound, eyes and camera.
    private struct Run: Sendable {
        let head: FoldedHead
        let origin: SIMD3<Float>
        let factors: [Float]
        let isShut: Bool
    }
    private let fitting: [Run], trying: [Run]
    /// Eyes on their way, and fully open and shut.
    private let closing: [Run], ends: [Run]
    /// Conditions that are fitted to, and places for each: with fewer than ten samples an unknown bricks fit the noise of their samples, and
    /// more of them ask the network.
    private static let runs = 96
    private let fitted: Int
    /// Conditions that try what came of it, and places for each.
    private static let trials = 18, tried = 16
    /// Less opacity than this under all conditions is nothing.
    private static let nothing: Float = 4e-3
    /// Closures under which every voxel is looked at where the eyes move anything.
    private static let closures: [Float] = [0.12, 0.25, 0.38, 0.5, 0.62, 0.75, 0.88, 1]
    /// Cells of a batch.
    static let batch = 20

    /// - Parameters:
    ///   - pixels: of a picture. Those of less than 256 × 256 are cheap without bricks: they get half of the samples.
    init(_ head: HeadRenderer, sounds: BakedSounds, identity: [Float], views: ViewRange, pixels: Int) {
        fitted = pixels < 256 * 256 ? 12 : 24
        let closures: [Float] = [1, 0.5, 0.8, 0.25]
        func run(_ index: Int, _ code: [Float], _ eye: Float) -> Run {
            let (u, v) = (2.2 * Self.number(index, 1) - 1.1, 2.2 * Self.number(index, 2) - 1.1), origin = views.origin(u, v)
            return Run(head: FoldedHead(head.folding, HeadConditions(audio: code, eye: eye, identity: identity)), origin: origin,
                       factors: BakedField.factors(view: views.factors(origin), sound: sounds.axes.coordinates(code), eye: eye), isShut: eye != 0)
        }
        func code(_ index: Int, of list: [[Float]]) -> [Float] { list[index % list.count] }
        let fitted = fitted
        pool = ScratchPool { Memory(samples: max(Self.runs * fitted, Self.trials * Self.tried), fit: Brick.fitFloats(runs: Self.runs, each: fitted)) }
        fitting = (0..<Self.runs).map { run($0, code($0 * 7, of: sounds.fit), $0 % 4 == 3 ? closures[$0 / 4 % 4] : 0) }
        let trial = BakedSounds.spaced(sounds.others[...], Self.trials)
        closing = Self.closures.enumerated().map { run(2000 + $0, code($0 * 11, of: sounds.fit), $1) }
        ends = [0, 1].map { run(3000, code(0, of: sounds.fit), $0) }
        trying = (0..<Self.trials).map { run(1000 + $0, code($0 * 5, of: trial), $0 % 3 == 2 ? closures[$0 / 3 % 4] : 0) }
    }

    /// A number 0…1 that hangs on both arguments only.
    private static func number(_ key: Int, _ stream: UInt64) -> Float {
        SeededRandom(seed: 11, stream: stream).uniform(UInt64(truncatingIfNeeded: key))
    }

    /// Scratch of one batch.
    private final class Memory: @unchecked Sendable {  // one batch's own
        let places: Buffer<Float>, values: Buffer<Float>, fit: Buffer<Float>, looked: Buffer<Float>
        let tile = NetworkTile()
        init(samples: Int, fit floats: Int) {
            places = Buffer(count: 3 * samples * BrickFitter.batch)
            values = Buffer(count: 4 * samples * BrickFitter.batch)
            fit = Buffer(count: floats)
            looked = Buffer(count: 4 * samples)
        }
    }
    private let pool: ScratchPool<Memory>

    /// Fits the bricks of some cells (index `BakedField.cell`), at most `batch` of them, into `bricks(0…)`, and tries them.
    func fit(_ cells: ArraySlice<Int>, into brick: (Int) -> BrickPlace) -> [BrickTrial] {
        let memory = pool.take()
        defer { pool.put(memory) }
        let cells = Array(cells)
        let step = marchStep
        var trials = [BrickTrial](repeating: BrickTrial(), count: cells.count), errors = [Errors](repeating: Errors(), count: cells.count)
        let lids = lids(cells, memory)
        sample(cells, fitting, fitted, salt: 0, memory)
        let n = fitting.count * fitted
        let factors = fitting.flatMap(\.factors)
        for c in cells.indices {
            let places = memory.places.pointer + 3 * n * c, values = memory.values.pointer + 4 * n * c
            for i in 0..<n where Self.opacity(values[4 * i + 3]) >= Self.nothing { trials[c].holds |= 1 << UInt64(Self.voxel(places + 3 * i)) }
            trials[c].holds |= lids[c]
            guard trials[c].holds != 0 else { continue }
            Brick.fit(runs: fitting.count, each: fitted, places: places, factors: factors, values: values, step: step, memory: memory.fit.pointer, into: brick(c).brick, terms: brick(c).terms)
            // What was fitted to is tried too: ten samples an unknown hide little, and the outermost sounds are among these.
            compare(c, fitting, fitted, brick(c), memory, holds: trials[c].holds, &errors[c])
        }
        let left = cells.indices.filter { trials[$0].holds != 0 }
        sample(left.map { cells[$0] }, trying, Self.tried, salt: 1, memory)
        for (k, c) in left.enumerated() {
            compare(k, trying, Self.tried, brick(c), memory, holds: trials[c].holds, &errors[c])
            (trials[c].open, trials[c].shut) = errors[c].roots
        }
        return trials
    }

    /// Voxels that eyes on their way fill. A lid is thin and in few voxels at a time: what is sampled for the fit can miss it.
    private func lids(_ cells: [Int], _ memory: Memory) -> [UInt64] {
        var result = [UInt64](repeating: 0, count: cells.count)
        let places = 8
        sample(cells, ends, places, salt: 2, again: true, memory)
        let moved = cells.indices.filter { c in
            let values = memory.values.pointer + 4 * 2 * places * c
            return (0..<places).contains { abs(values[4 * $0 + 3] - values[4 * (places + $0) + 3]) > 0.1 }
        }
        sample(moved.map { cells[$0] }, closing, 64, salt: 3, memory)
        let n = closing.count * 64
        for (k, c) in moved.enumerated() {
            let places = memory.places.pointer + 3 * n * k, values = memory.values.pointer + 4 * n * k
            for i in 0..<n where Self.opacity(values[4 * i + 3]) >= Self.nothing { result[c] |= 1 << UInt64(Self.voxel(places + 3 * i)) }
        }
        return result
    }

    /// Opacity of a step of this density logit.
    static func opacity(_ logit: Float) -> Float { 1 - Foundation.exp(-marchStep * Foundation.exp(min(logit, 20))) }

    private static func voxel(_ place: UnsafePointer<Float>) -> Int {
        let side = Brick.side
        return (Int(place[0] * Float(side)) * side + Int(place[2] * Float(side))) * side + Int(place[1] * Float(side))
    }
    private static func octant(_ voxel: Int) -> Int { (voxel >> 5) << 2 | (voxel >> 3 & 1) << 1 | (voxel >> 1 & 1) }

    /// Voxels of an octant.
    static let voxels: [UInt64] = (0..<8).map { octant in (0..<64).reduce(UInt64(0)) { $0 | (BrickFitter.octant($1) == octant ? 1 << UInt64($1) : 0) } }

    /// Asks the network at places that are spread evenly over the voxels of each cell; `again`: at the same places in each run.
    private func sample(_ cells: [Int], _ runs: [Run], _ each: Int, salt: Int, again: Bool = false, _ memory: Memory) {
        let n = runs.count * each, tile = memory.tile
        for (r, run) in runs.enumerated() {
            let total = cells.count * each
            for start in stride(from: 0, to: total, by: tileWidth) {
                let count = min(tileWidth, total - start)
                for i in 0..<count {
                    let c = (start + i) / each, j = r * each + (start + i) % each
                    let drawn = again ? (start + i) % each : j, voxel = drawn &* 37 & 63
                    let key = (cells[c] &* 4 &+ salt) &* 4096 &+ drawn
                    let place = memory.places.pointer + 3 * (c * n + j)
                    place[0] = (Float(voxel >> 4) + Self.number(key, 3)) / 4
                    place[1] = (Float(voxel & 3) + Self.number(key, 4)) / 4
                    place[2] = (Float(voxel >> 2 & 3) + Self.number(key, 5)) / 4
                    tile.set(i, BakedField.position(cells[c], SIMD3(place[0], place[1], place[2])))
                }
                tile.evaluate(run.head, count)
                let colors = tile.colors(run.head, from: run.origin, count)
                for i in 0..<count {
                    let value = memory.values.pointer + 4 * ((start + i) / each * n + r * each + (start + i) % each)
                    for k in 0..<3 { value[k] = colors[k * tileWidth + i] }
                    value[3] = tile.logit[i]
                }
            }
        }
    }

    /// Sixth powers of what samples show wrong.
    private struct Errors {
        var open = SIMD8<Float>.zero, shut = SIMD8<Float>.zero, opens = SIMD8<Float>.zero, shuts = SIMD8<Float>.zero

        mutating func add(_ error: Float, _ octant: Int, isShut: Bool) {
            // A third power of squares: see `BrickTrial`.
            let sixth = error * error * error
            if isShut { shut[octant] += sixth; shuts[octant] += 1 } else { open[octant] += sixth; opens[octant] += 1 }
        }

        /// Cube root of the mean of each octant, for open and for other eyes.
        var roots: (open: SIMD8<Float>, shut: SIMD8<Float>) { (Self.root(open, opens), Self.root(shut, shuts)) }

        private static func root(_ sums: SIMD8<Float>, _ counts: SIMD8<Float>) -> SIMD8<Float> {
            var result = sums / pointwiseMax(counts, SIMD8(repeating: 1))
            for octant in 0..<8 { result[octant] = Foundation.cbrt(result[octant]) }
            return result
        }
    }

    /// What the brick of the k-th cell that was sampled shows wrong of `each` samples of each run.
    private func compare(_ k: Int, _ runs: [Run], _ each: Int, _ place: BrickPlace, _ memory: Memory, holds: UInt64, _ errors: inout Errors) {
        let n = runs.count * each
        let places = memory.places.pointer + 3 * n * k, values = memory.values.pointer + 4 * n * k, looked = memory.looked.pointer
        for (r, run) in runs.enumerated() {
            Brick.look(place.brick, terms: place.terms, factors: run.factors, places: places + 3 * r * each, count: each, into: looked)
            for j in 0..<each {
                let i = r * each + j
                let voxel = Self.voxel(places + 3 * i)
                guard holds >> UInt64(voxel) & 1 == 1 else { continue }
                let own = looked + 4 * j, true_ = values + 4 * i
                let alpha = Self.opacity(own[3]), wanted = Self.opacity(true_[3])
                let color = SIMD3(own[0] - true_[0], own[1] - true_[1], own[2] - true_[2]) * alpha
                // What a wrong opacity shows is the difference to what lies behind: a quarter of the range, say.
                let error = (color * color).sum() / 3 + (alpha - wanted) * (alpha - wanted) / 16
                errors.add(error, Self.octant(voxel), isShut: run.isShut)
            }
        }
    }
}

/// One tile of positions through the network.
private final class NetworkTile: @unchecked Sendable {  // one batch's own
    private let places = Buffer<Float>(count: 4 * tileWidth)
    private let tile = Buffer<Float>(count: FoldedHead.densityFloats)
    private let color = Buffer<Float>(count: FoldedHead.colorFloats)
    var logit: UnsafeMutablePointer<Float> { places.pointer + 3 * tileWidth }

    func set(_ i: Int, _ p: SIMD3<Float>) { for k in 0..<3 { places.pointer[k * tileWidth + i] = p[k] } }

    func evaluate(_ folded: FoldedHead, _ n: Int) {
        let p = places.pointer
        folded.density(x: p, y: p + tileWidth, z: p + 2 * tileWidth, count: n, tile: tile.pointer, hidden: color.pointer, out: logit)
    }
    /// Three rows of colours of what was evaluated; valid until the next call.
    func colors(_ folded: FoldedHead, from camera: SIMD3<Float>, _ n: Int) -> UnsafePointer<Float> {
        for i in 0..<n {
            let v = SIMD3(places.pointer[i], places.pointer[tileWidth + i], places.pointer[2 * tileWidth + i]) - camera
            let d = v / (v * v).sum().squareRoot()
            for k in 0..<3 { color.pointer[(64 + k) * tileWidth + i] = d[k] }
        }
        for k in 64..<67 { for i in n..<tileWidth { color.pointer[k * tileWidth + i] = 0 } }
        return UnsafePointer(folded.color(color.pointer, count: n))
    }
}
