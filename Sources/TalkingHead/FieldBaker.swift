// Bakes what stands still: which cells are seen, what they hold, and whether that is true for every sound, eye and view.
import Base
import Foundation
import Kernels

/// Makes a `BakedField` of a head.
struct FieldBaker {
    let head: HeadRenderer
    /// Recorded cameras, at most a handful of them are looked through.
    let cameras: [RayCamera]
    /// Audio codes of many sounds; the first is the one that is baked.
    let codes: [[Float]]
    let identity: [Float]
    var side = 4
    /// A cell is baked when the error of its samples stays below these: root of the mean square, and the largest.
    var tolerance: (mean: Float, most: Float) = (0.02, 0.2)
    /// Samples of a cell that are compared, for each sound.
    private static let trials = 8
    /// Less opacity than this everywhere: the cell is left out.
    private static let nothing: Float = 2e-3

    private var step: Int { BakedField.corners(side) }

    func bake(_ budget: ComputeBudget) -> BakedField {
        let light = lightOfCells(budget)
        let seen = (0..<OccupancyGrid.cellCount).filter { light[$0] > 1e-3 }
        let views = ViewRange(cameras.map(\.origin))
        let bricks = Buffer<UInt16>(count: (seen.count + 1) * step * BakedField.cornerHalves)
        fill(bricks, seen, views, budget)
        let cells = Buffer<Int32>(count: OccupancyGrid.cellCount)
        for cell in 0..<OccupancyGrid.cellCount where head.cells.isOccupied(cell) { cells.pointer[cell] = -1 }
        let verdicts = verdicts(bricks, cells, seen, light, views, budget)
        // Bricks that stay move together.
        var kept = 0
        let size = step * BakedField.cornerHalves
        for (index, cell) in seen.enumerated() {
            switch verdicts[index] {
            case .nothing: cells.pointer[cell] = 0
            case .moves: break
            case .stands, .standsWithOpenEyes:
                kept += 1
                (bricks.pointer + kept * size).update(from: bricks.pointer + (index + 1) * size, count: size)
                cells.pointer[cell] = Int32(2 * kept + (verdicts[index] == .stands ? 0 : 1))
            }
        }
        let own = Buffer<UInt16>(count: (kept + 1) * size)
        own.pointer.update(from: bricks.pointer, count: (kept + 1) * size)
        return BakedField(cells: cells, bricks: own, side: side, views: views)
    }

    private func conditions(_ code: [Float], eye: Float) -> HeadConditions { HeadConditions(audio: code, eye: eye, identity: identity) }

    // MARK: what is seen

    private final class Light: @unchecked Sendable {  // one camera's own
        let cells = Buffer<Float>(count: OccupancyGrid.cellCount)
    }

    /// The most light that reaches each cell from any of some cameras far apart, with many sounds and eyes.
    private func lightOfCells(_ budget: ComputeBudget) -> [Float] {
        let chosen = Self.spread(cameras, 14)
        let results = chosen.map { _ in Light() }
        budget.forEach(chosen.count) { k in
            head.light(camera: chosen[k].scaled(by: 0.6), conditions: conditions(codes[k * codes.count / chosen.count], eye: k % 4 == 3 ? 1 : 0), into: results[k].cells.pointer)
        }
        var light = [Float](repeating: 0, count: OccupancyGrid.cellCount)
        for result in results { for i in light.indices { light[i] = max(light[i], result.cells.pointer[i]) } }
        return light
    }

    /// Cameras that are far from one another, the first first.
    static func spread(_ cameras: [RayCamera], _ count: Int) -> [RayCamera] {
        guard let first = cameras.first else { return [] }
        var chosen = [first]
        var distance = cameras.map { camera in let v = camera.origin - first.origin; return (v * v).sum() }
        while chosen.count < count, let best = distance.indices.max(by: { distance[$0] < distance[$1] }), distance[best] > 0 {
            chosen.append(cameras[best])
            for i in cameras.indices {
                let v = cameras[i].origin - cameras[best].origin
                distance[i] = min(distance[i], (v * v).sum())
            }
        }
        return chosen
    }

    // MARK: what it holds

    /// Writes the bricks of the cells that are seen, from number 1 on.
    private func fill(_ bricks: borrowing Buffer<UInt16>, _ seen: [Int], _ views: ViewRange, _ budget: ComputeBudget) {
        let folded = FoldedHead(head.folding, conditions(codes[0], eye: 0))
        let out = Halves(pointer: bricks.pointer + step * BakedField.cornerHalves)
        let total = seen.count * step
        let cameras = [(Float(0), Float(0)), (1, 0), (-1, 0), (0, 1), (0, -1)].map { views.origin($0.0, $0.1) }
        let batch = tileWidth * 50
        budget.forEach((total + batch - 1) / batch) { b in
            let memory = TileMemory()
            for start in stride(from: b * batch, to: min((b + 1) * batch, total), by: tileWidth) {
                let n = min(tileWidth, total - start)
                for i in 0..<n { memory.set(i, corner(seen[(start + i) / step], (start + i) % step)) }
                memory.evaluate(folded, n)
                var colors: [[Float]] = []
                for camera in cameras { colors.append(memory.colors(folded, from: camera, n)) }
                for i in 0..<n {
                    func color(_ k: Int) -> SIMD4<Float> { SIMD4(colors[k][i], colors[k][tileWidth + i], colors[k][2 * tileWidth + i], 0) }
                    var base = color(0)
                    base.w = min(max(memory.logit[i], -9), 9)
                    let terms = [base, (color(1) - color(2)) / 2, (color(3) - color(4)) / 2, (color(1) + color(2)) / 2 - color(0)]
                    out.write(terms, at: (start + i) * BakedField.cornerHalves)
                }
            }
        }
    }

    private struct Halves: @unchecked Sendable {  // batches write their own corners
        let pointer: UnsafeMutablePointer<UInt16>
        func write(_ terms: [SIMD4<Float>], at offset: Int) {
            for (k, term) in terms.enumerated() { for c in 0..<4 { pointer[offset + 4 * k + c] = Float16(term[c]).bitPattern } }
        }
    }

    /// Position of a corner of a cell's brick; y fastest, then z.
    private func corner(_ cell: Int, _ index: Int) -> SIMD3<Float> {
        let line = side + 1
        return position(cell, SIMD3(Float(index / (line * line)), Float(index % line), Float(index / line % line)) / Float(side))
    }
    private func position(_ cell: Int, _ inside: SIMD3<Float>) -> SIMD3<Float> {
        (SIMD3(Float(cell >> 14), Float(cell & 127), Float(cell >> 7 & 127)) + inside) / 64 - 1
    }

    /// One tile of positions through the network.
    private final class TileMemory: @unchecked Sendable {  // one batch's own
        private let places = Buffer<Float>(count: 4 * tileWidth)
        private let tile = Buffer<Float>(count: FoldedHead.densityFloats)
        private let color = Buffer<Float>(count: FoldedHead.colorFloats)
        var logit: UnsafeMutablePointer<Float> { places.pointer + 3 * tileWidth }

        func set(_ i: Int, _ p: SIMD3<Float>) { for k in 0..<3 { places.pointer[k * tileWidth + i] = p[k] } }

        func evaluate(_ folded: FoldedHead, _ n: Int) {
            let p = places.pointer
            folded.density(x: p, y: p + tileWidth, z: p + 2 * tileWidth, count: n, tile: tile.pointer, hidden: color.pointer, out: logit)
        }
        /// Three rows of colours of what was evaluated.
        func colors(_ folded: FoldedHead, from camera: SIMD3<Float>, _ n: Int) -> [Float] {
            for i in 0..<n {
                let v = SIMD3(places.pointer[i], places.pointer[tileWidth + i], places.pointer[2 * tileWidth + i]) - camera
                let d = v / (v * v).sum().squareRoot()
                for k in 0..<3 { color.pointer[(64 + k) * tileWidth + i] = d[k] }
            }
            for k in 64..<67 { for i in n..<tileWidth { color.pointer[k * tileWidth + i] = 0 } }
            return Array(UnsafeBufferPointer(start: folded.color(color.pointer, count: n), count: 3 * tileWidth))
        }
    }

    // MARK: whether it is true

    private enum Verdict { case nothing, stands, standsWithOpenEyes, moves }
    private struct Trial {
        var open: Float = 0, shut: Float = 0
        var mostOpen: Float = 0, mostShut: Float = 0
        var opacity: Float = 0
        mutating func add(_ error: Float, shut isShut: Bool) {
            if isShut { shut += error * error; mostShut = max(mostShut, error) } else { open += error * error; mostOpen = max(mostOpen, error) }
        }
    }
    private final class Trials: @unchecked Sendable {  // batches write their own cells
        let list: UnsafeMutableBufferPointer<Trial>
        init(count: Int) {
            list = .allocate(capacity: count)
            list.initialize(repeating: Trial())
        }
        deinit { list.deallocate() }
    }

    /// Compares bricks with the network at random places of each cell, for every sound, open and shut eyes, and views all around.
    private func verdicts(_ bricks: borrowing Buffer<UInt16>, _ cells: borrowing Buffer<Int32>, _ seen: [Int], _ light: [Float], _ views: ViewRange,
                          _ budget: ComputeBudget) -> [Verdict] {
        let trials = Trials(count: seen.count)
        let cellsOfTile = tileWidth / Self.trials, batch = cellsOfTile * 40
        let closures: [Float] = [0.5, 1]
        let openRuns = codes.count
        for run in 0..<(openRuns + closures.count) {
            let isShut = run >= openRuns
            let folded = FoldedHead(head.folding, conditions(codes[isShut ? 0 : run], eye: isShut ? closures[run - openRuns] : 0))
            let camera = views.origin(2 * Self.number(run, 1) - 1, 2 * Self.number(run, 2) - 1)
            let rays = BakedRays(cells: cells.pointer, bricks: bricks.pointer, side: side, moving: false, view: views.factors(camera), opaque: 0, most: 1)
            budget.forEach((seen.count + batch - 1) / batch) { b in
                let memory = TileMemory()
                for start in stride(from: b * batch, to: min((b + 1) * batch, seen.count), by: cellsOfTile) {
                    let n = min(cellsOfTile, seen.count - start) * Self.trials
                    var inside: [SIMD3<Float>] = []
                    for i in 0..<n {
                        let key = seen[start + i / Self.trials] &* 97 &+ i % Self.trials &+ run &* 7919
                        inside.append(SIMD3(Self.number(key, 3), Self.number(key, 4), Self.number(key, 5)))
                        memory.set(i, position(seen[start + i / Self.trials], inside[i]))
                    }
                    memory.evaluate(folded, n)
                    let colors = memory.colors(folded, from: camera, n)
                    for i in 0..<n {
                        let cell = start + i / Self.trials
                        let own = rays.look(cell + 1, inside[i].x * Float(side), inside[i].y * Float(side), inside[i].z * Float(side))
                        let alpha = Self.opacity(memory.logit[i]), ownAlpha = Self.opacity(own.w)
                        let difference = SIMD3(own.x - colors[i], own.y - colors[tileWidth + i], own.z - colors[2 * tileWidth + i])
                        // What a wrong opacity shows is the difference to what lies behind: half the range, say.
                        let error = max(abs(ownAlpha - alpha) * 0.5, max(abs(difference.max()), abs(difference.min())) * min(alpha, ownAlpha)) * light[seen[cell]]
                        trials.list[cell].add(error, shut: isShut)
                        trials.list[cell].opacity = max(trials.list[cell].opacity, max(alpha, ownAlpha))
                    }
                }
            }
        }
        return (0..<seen.count).map { cell in
            let t = trials.list[cell]
            if t.opacity < Self.nothing { return .nothing }
            func holds(_ sum: Float, _ most: Float, _ runs: Int) -> Bool {
                (sum / Float(runs * Self.trials)).squareRoot() < tolerance.mean && most < tolerance.most
            }
            guard holds(t.open, t.mostOpen, openRuns) else { return .moves }
            return holds(t.shut, t.mostShut, closures.count) ? .stands : .standsWithOpenEyes
        }
    }

    private static func opacity(_ logit: Float) -> Float { 1 - Foundation.exp(-marchStep * Foundation.exp(min(logit, 20))) }

    /// A number 0…1 that hangs on both arguments only.
    private static func number(_ key: Int, _ stream: UInt64) -> Float {
        SeededRandom(seed: 11, stream: stream).uniform(UInt64(truncatingIfNeeded: key))
    }
}
