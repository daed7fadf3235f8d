// Bakes a head: which cells are seen, what they hold, and which of them have to ask the network so that pictures come out right.
import Base
import Engines
import Foundation
import Kernels

/// Makes a `BakedField` of a head.
struct FieldBaker {
    let head: HeadRenderer
    /// Recorded cameras, at most a handful of them are looked through.
    let cameras: [RayCamera]
    let sounds: BakedSounds
    let identity: [Float]
    /// What trial pictures have to reach against pictures whose every sample asks the network: without the sieve, and with it.
    var aim = PictureAim(each: 46.7, together: 47), sieved = PictureAim(each: 45.7, together: 46)

    /// - Throws: `EngineError.interrupted` where `progress` asks for it.
    func bake(_ budget: ComputeBudget, _ progress: ProgressHandler = { _ in true }) throws(EngineError) -> BakedField {
        let light = light(budget)
        let seen = (0..<OccupancyGrid.cellCount).filter { light.most.pointer[$0] > 1e-3 }
        let views = ViewRange(cameras.map(\.origin))
        let store = BrickStore(count: seen.count + 1)
        let fitted = try fit(seen, views, store, budget, progress)
        var draft = Draft(seen: seen, trials: fitted, light: seen.map { light.mean($0) })
        draft.unseen = occupied().filter { light.most.pointer[$0] <= 1e-3 }
        let asking = field(draft.cells(open: -1, moving: -1), store, views)
        // Eyes that are not quite open have limits of their own: they ask what open ones ask, and more.
        let openTrials = trials(sounds.trials(3, outer: 5).map { ($0, 0) }, asking, budget)
        let movingTrials = trials(zip(sounds.trials(3, outer: 3), [0.5, 1, 0.7, 0.3, 0.95, 0.6]).map { ($0, $1) }, asking, budget)
        let open = try limit(progress, openTrials) { field(draft.cells(open: $0, moving: $0), store, views) }
        let moving = try limit(progress, movingTrials) { field(draft.cells(open: open, moving: $0), store, views) }
        let cells = draft.cells(open: open, moving: moving)
        return compact(cells, store, views, sieve: try sieve(progress, [openTrials, movingTrials], field(cells, store, views)))
    }

    // MARK: what is seen

    /// Baked cells that an occupied cell reaches into: theirs are a little larger.
    private func occupied() -> [Int] {
        func reach(_ i: Int) -> ClosedRange<Int> {
            func cell(_ edge: Int) -> Int { min(max(Int((Float(edge - 64) / Brick.scale * 64 + 64).rounded(.down)), 0), 127) }
            return cell(i)...cell(i + 1)
        }
        let reaches = (0..<128).map(reach)
        return (0..<OccupancyGrid.cellCount).filter { cell in
            reaches[cell >> 14].contains { x in
                reaches[cell >> 7 & 127].contains { z in reaches[cell & 127].contains { y in head.cells.isOccupied((x * 128 + z) * 128 + y) } }
            }
        }
    }

    /// Light from some cameras far apart, with many sounds and eyes.
    private func light(_ budget: ComputeBudget) -> CellLight {
        let chosen = Self.spread(cameras, 14), wave = 4, codes = BakedSounds.spaced(sounds.fit[...], chosen.count)
        let light = CellLight()
        for start in stride(from: 0, to: chosen.count, by: wave) {
            let results = (start..<min(start + wave, chosen.count)).map { _ in CellLight() }
            budget.forEach(results.count) { i in
                let k = start + i
                head.light(camera: chosen[k].scaled(by: 0.6), conditions: conditions(codes[k], eye: k % 4 == 3 ? [1, 0.5, 0.75][k / 4 % 3] : 0), into: results[i])
            }
            for result in results { light.merge(result) }
        }
        return light
    }

    private func conditions(_ code: [Float], eye: Float) -> HeadConditions { HeadConditions(audio: code, eye: eye, identity: identity) }

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

    private final class Trials: @unchecked Sendable {  // batches write their own cells
        let list: UnsafeMutableBufferPointer<BrickTrial>
        init(count: Int) {
            list = .allocate(capacity: count)
            list.initialize(repeating: BrickTrial())
        }
        deinit { list.deallocate() }
    }

    /// Brick `i + 1` of the store becomes that of the i-th cell.
    private func fit(_ seen: [Int], _ views: ViewRange, _ store: BrickStore, _ budget: ComputeBudget,
                     _ progress: ProgressHandler) throws(EngineError) -> [BrickTrial] {
        let fitter = BrickFitter(head, sounds: sounds, identity: identity, views: views,
                                 pixels: cameras.first.map { $0.width * $0.height } ?? 0)
        let trials = Trials(count: seen.count)
        let batch = BrickFitter.batch, stretch = 48 * batch
        for start in stride(from: 0, to: seen.count, by: stretch) {
            guard progress(ProgressReport(phase: "bake", done: start, total: seen.count)) else { throw .interrupted }
            let end = min(start + stretch, seen.count)
            budget.forEach((end - start + batch - 1) / batch) { b in
                let range = (start + b * batch)..<min(start + (b + 1) * batch, end)
                for (i, trial) in fitter.fit(seen[range], into: { (store.brick(range.lowerBound + $0 + 1), store.terms(range.lowerBound + $0 + 1)) }).enumerated() { trials.list[range.lowerBound + i] = trial }
            }
        }
        return Array(trials.list)
    }

    // MARK: what asks the network

    /// What is known of every cell before the limit is.
    private struct Draft {
        let seen: [Int], trials: [BrickTrial], light: [Float]
        /// Occupied cells that no camera saw.
        var unseen: [Int] = []

        init(seen: [Int], trials: [BrickTrial], light: [Float]) {
            (self.seen, self.trials, self.light) = (seen, trials, light)
        }

        /// Octants ask the network where a sample would show more than a limit wrong (`BrickTrial`).
        func cells(open: Float, moving: Float) -> [(cell: Int, holds: BakedCell)] {
            var unknown = BakedCell()
            (unknown.holds, unknown.asks, unknown.asksMoving) = (.max, .max, .max)
            var list = unseen.map { (cell: $0, holds: unknown) }
            for (i, cell) in seen.enumerated() where trials[i].holds != 0 {
                var entry = BakedCell()
                entry.holds = trials[i].holds
                for octant in 0..<8 {
                    if !(trials[i].open[octant] * light[i] <= open) { entry.asks |= BrickFitter.voxels[octant] }
                    if !(trials[i].shut[octant] * light[i] <= moving) { entry.asksMoving |= BrickFitter.voxels[octant] }
                }
                entry.asks &= entry.holds
                entry.asksMoving = (entry.asksMoving & entry.holds) | entry.asks
                entry.brick = Int32(i + 1)
                list.append((cell, entry))
            }
            return list
        }
    }

    private func field(_ list: [(cell: Int, holds: BakedCell)], _ store: BrickStore, _ views: ViewRange, sieve: Float = 1) -> BakedField {
        BakedField(list, bricks: store, views: views, sounds: sounds.axes, sieve: sieve)
    }

    /// The same with the bricks that somebody looks at, and no others.
    private func compact(_ list: [(cell: Int, holds: BakedCell)], _ store: BrickStore, _ views: ViewRange, sieve: Float) -> BakedField {
        var list = list, kept: [Int] = []
        for i in list.indices {
            let needed = list[i].holds.holds & ~list[i].holds.asks != 0
            if needed { kept.append(Int(list[i].holds.brick)) }
            list[i].holds.brick = needed ? Int32(kept.count) : 0
        }
        let own = BrickStore(count: kept.count + 1)
        for (i, brick) in kept.enumerated() {
            own.brick(i + 1).update(from: store.brick(brick), count: Brick.bytes)
            own.terms(i + 1).update(from: store.terms(brick), count: Brick.termBytes)
        }
        return field(list, own, views, sieve: sieve)
    }

    /// Poses that no camera of `light` stands in, with some sounds and closures of the eyes.
    private func trials(_ list: [(code: [Float], eye: Float)], _ asking: BakedField, _ budget: ComputeBudget) -> TrialPictures {
        let poses = Self.spread(Array(cameras.dropFirst(cameras.count / 3)), list.count)
        return TrialPictures(zip(poses, list).map { ($0, conditions($1.code, eye: $1.eye)) }, head: head, asking: asking, budget)
    }

    /// The largest limit with which trial pictures reach their aim.
    private func limit(_ progress: ProgressHandler, _ trials: TrialPictures, _ field: (Float) -> BakedField) throws(EngineError) -> Float {
        // Between 2⁻²⁰ and 2⁻⁸ in quarters of an octave.
        func value(_ exponent: Int) -> Float { Foundation.exp2(Float(exponent) / 4) }
        var good = -80, bad = -31
        while bad - good > 1 {
            guard progress(ProgressReport(phase: "bake", done: 1, total: 1, detail: "trial pictures")) else { throw .interrupted }
            let middle = (good + bad) / 2
            if aim.isReached(trials.errors(field(value(middle)), sieve: 0)) { good = middle } else { bad = middle }
        }
        return value(good)
    }

    /// The largest share of the sieve's differences with which all of them stay near enough.
    private func sieve(_ progress: ProgressHandler, _ trials: [TrialPictures], _ field: BakedField) throws(EngineError) -> Float {
        for share: Float in [1, 0.8, 0.65, 0.5, 0.4, 0.3, 0.2] {
            guard progress(ProgressReport(phase: "bake", done: 1, total: 1, detail: "trial pictures")) else { throw .interrupted }
            if sieved.isReached(trials.flatMap { $0.errors(field, sieve: share) }) { return share }
        }
        return 0
    }
}
