// Draws the head of one frame: as the original's rounds would, but no ray goes on behind what it cannot see through (engine specification, 1.10, 8.3).
import Base
import Foundation
import Kernels
import Tensors

/// Marching, network and compositing of whole frames.
final class HeadRenderer: @unchecked Sendable {  // immutable after init
    let folding: HeadFolding
    let cells: OccupancyColumns
    let blocks: [SIMD3<Float>]
    let maxSteps = RayRounds.steps
    /// Rays of a chunk: their samples stay in the second cache. Of baked rays few ask, so that more of them fill the network's tiles.
    private static let chunk = 512
    static let bakedChunk = 4096

    init(layout: ParameterLayout, block: [Float], bits: [UInt8]) {
        cells = OccupancyColumns(bits)
        blocks = OccupancyBlocks.centers(bits)
        let network = HeadNetwork(layout: layout)
        let parameters = Buffer<Float>(count: block.count)
        parameters.pointer.update(from: block, count: block.count)
        folding = HeadFolding(network, parameters.pointer)
    }

    /// One frame on its way.
    final class Pass: @unchecked Sendable {  // rays and cells are written by one chunk each, or by one thread; `baked` between the chunks
        let camera: RayCamera
        let rays: RayBundle
        let head: FoldedHead
        let picture: HeadPicture
        /// Every sample of the original's rounds is taken and counted.
        let counts: Bool
        /// What needs no network, as this frame sees it.
        var baked: BakedRays?
        /// Its bricks' terms, and its rays.
        var mixed: MixedBricks?
        var bakedRays: BakedRayBundle?
        /// Light that is not followed any further, and weights whose colours are not computed.
        let opaque: Float, negligible: Float
        /// Light that reaches each cell, where that is asked for.
        let light: CellLight?
        /// Who asks where the time goes.
        let stages: FrameStages?
        init(_ camera: RayCamera, _ rays: RayBundle, _ head: FoldedHead, counts: Bool, baked: BakedRays? = nil, light: CellLight? = nil, stages: FrameStages? = nil) {
            self.camera = camera
            self.rays = rays
            self.head = head
            self.counts = counts
            self.baked = baked
            self.light = light
            self.stages = stages
            opaque = baked == nil ? 1e-4 : BakedField.opaque
            negligible = baked == nil ? 1e-5 : 2e-3
            picture = HeadPicture(width: camera.width, height: camera.height)
        }

        @inline(__always) func direction(_ r: Int) -> SIMD3<Float> {
            guard let bakedRays else { return SIMD3(rays.dx.pointer[r], rays.dy.pointer[r], rays.dz.pointer[r]) }
            let ray = bakedRays.rays.pointer + r
            return SIMD3(ray.pointee.dx, ray.pointee.dy, ray.pointee.dz)
        }
    }

    /// What a round leaves of a chunk.
    struct Survivors {
        var rays: [Int32] = []
        var marched = 0, colors = 0
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

    /// Scratch of the chunks, with the most samples of a round where all of them are counted; state of the rays of a frame.
    private let pool = ScratchPool { SampleMemory(rays: HeadRenderer.bakedChunk, capacity: HeadRenderer.chunk * 8) }
    private let bundles = ScratchPool { RayBundle(count: 0) }
    let bakedBundles = ScratchPool { BakedRayBundle(count: 0) }

    /// Draws the head. `counts`: keep how many samples each ray takes in the original's rounds (slower: no ray stops within a round).
    func render(camera: RayCamera, conditions: HeadConditions, budget: ComputeBudget, counts: Bool = false) -> HeadPicture {
        let total = camera.width * camera.height
        var rays = bundles.take()
        if rays.count != total { rays = RayBundle(count: total) }
        defer { bundles.put(rays) }
        if counts { rays.taken.pointer.update(repeating: 0, count: total) }
        let pass = Pass(camera, rays, FoldedHead(folding, conditions), counts: counts)
        let picture = pass.picture
        var alive = rays.start(camera, cells, DepthTiles(blocks, camera: camera), most: RayRounds.most, budget)
        var step = 0
        // Rays that miss the box leave after the first round, as all rays without a sample do.
        var aliveCount = total
        while step < maxSteps, !alive.isEmpty {
            let k = max(1, min(8, total / max(aliveCount, 1)))
            let chunks = (alive.count + Self.chunk - 1) / Self.chunk
            let round = Round(count: chunks)
            let now = alive
            budget.forEach(chunks) { [self] c in
                round.entries[c] = march(now[(c * Self.chunk)..<min((c + 1) * Self.chunk, now.count)], steps: k, pass)
            }
            let marched = round.entries.reduce(0) { $0 + $1.marched }
            picture.rounds.append((aliveCount, k, marched))
            picture.densities += marched
            picture.colors += round.entries.reduce(0) { $0 + $1.colors }
            alive = round.entries.flatMap(\.rays)
            aliveCount = alive.count
            step += k
        }
        picture.multiplyAdds = picture.densities * pass.head.densityCost + picture.colors * FoldedHead.colorCost
        if counts { picture.sampleCounts = Array(rays.taken.elements) }
        return picture
    }

    /// Draws with every sample and adds the light that reaches each cell. One thread.
    func light(camera: RayCamera, conditions: HeadConditions, into light: CellLight) {
        let rays = RayBundle(count: camera.width * camera.height)
        let pass = Pass(camera, rays, FoldedHead(folding, conditions), counts: false, light: light)
        let alive = rays.start(camera, cells, DepthTiles(blocks, camera: camera), most: maxSteps, .single)
        for start in stride(from: 0, to: alive.count, by: Self.chunk) { _ = march(alive[start..<min(start + Self.chunk, alive.count)], steps: maxSteps, pass) }
    }

    /// One round of a chunk of rays.
    func march(_ list: ArraySlice<Int32>, steps: Int, _ pass: Pass) -> Survivors {
        var result = Survivors()
        let memory = pool.take()
        defer { pool.put(memory) }
        var running = Array(list)
        var left = steps
        var clock = StageClock(pass.stages)
        defer { clock.end() }
        while left > 0, !running.isEmpty {
            // After every sample a ray is asked whether it goes on.
            let k = pass.counts ? left : 1
            left -= k
            gather(running, steps: k, pass, memory)
            clock.lap(.bricks)
            result.marched += memory.count
            densities(memory, pass.head)
            clock.lap(.densities)
            running = weigh(running, steps: k, pass, memory)
            clock.lap(.compositing)
            result.colors += memory.significant
            colors(memory, pass)
            clock.lap(.colours)
        }
        result.rays = running
        return result
    }

    /// Samples of a chunk between two questions. What an earlier chunk left in it is overwritten or finite.
    private final class SampleMemory: @unchecked Sendable {  // one chunk at a time
        let x: Buffer<Float>, y: Buffer<Float>, z: Buffer<Float>, alpha: Buffer<Float>
        let hidden: Buffer<Float>
        let tile = Buffer<Float>(count: FoldedHead.densityFloats + FoldedHead.colorFloats)
        /// Where the samples of each ray end.
        let ends: Buffer<Int32>
        /// Samples whose colour matters: pixel and weight, and a bit for each sample.
        let ray: Buffer<Int32>, weight: Buffer<Float>, keep: Buffer<UInt8>
        var count = 0, significant = 0
        init(rays: Int, capacity wanted: Int) {
            let capacity = (wanted + tileWidth) / tileWidth * tileWidth + tileWidth
            x = Buffer(count: capacity)
            y = Buffer(count: capacity)
            z = Buffer(count: capacity)
            alpha = Buffer(count: capacity)
            ray = Buffer(count: capacity)
            weight = Buffer(count: capacity)
            keep = Buffer(count: capacity / 8 + 1)
            ends = Buffer(count: rays)
            hidden = Buffer(count: capacity * 64)
        }
    }

    private func gather(_ list: [Int32], steps: Int, _ pass: Pass, _ m: SampleMemory) {
        if pass.baked != nil { return gatherBaked(list, pass, m) }
        var n = 0
        let (x, y, z, ends) = (m.x.pointer, m.y.pointer, m.z.pointer, m.ends.pointer)
        let rays = pass.rays, origin = pass.camera.origin
        for (k, ray) in list.enumerated() {
            let before = n
            for _ in 0..<steps {
                let found = rays.next(Int(ray), origin) { px, py, pz in
                    x[n] = px; y[n] = py; z[n] = pz
                    n &+= 1
                }
                if !found { break }
            }
            if pass.counts { rays.taken.pointer[Int(ray)] += Int32(n - before) }
            ends[k] = Int32(truncatingIfNeeded: n)
        }
        m.count = n
    }

    /// Follows rays through what was baked, up to a sample that asks the network.
    private func gatherBaked(_ list: [Int32], _ pass: Pass, _ m: SampleMemory) {
        m.count = 0
        guard let baked = pass.baked, let mixed = pass.mixed, let bundle = pass.bakedRays else { return }
        m.count = baked.follow(list, bundle.rays.pointer, mixed, pixels: pass.picture.pixels.pointer, origin: pass.camera.origin, step: marchStep,
                               m.x.pointer, m.y.pointer, m.z.pointer, ends: m.ends.pointer)
    }

    private func densities(_ m: SampleMemory, _ head: FoldedHead) {
        for start in stride(from: 0, to: m.count, by: tileWidth) {
            head.density(x: m.x.pointer + start, y: m.y.pointer + start, z: m.z.pointer + start, count: min(tileWidth, m.count - start), tile: m.tile.pointer,
                         hidden: m.hidden.pointer + start * 64, out: m.alpha.pointer + start)
        }
        for i in stride(from: 0, to: m.count, by: 8) {
            let sigma = exp(minimum(get(m.alpha.pointer + i), Float8(repeating: 60)))
            put(1 - exp(-sigma * marchStep), m.alpha.pointer + i)
        }
    }

    /// Opacity of each ray and the samples that its colour needs; gives the rays that go on.
    private func weigh(_ list: [Int32], steps: Int, _ pass: Pass, _ m: SampleMemory) -> [Int32] {
        let keep = m.keep.pointer, alpha = m.alpha.pointer
        keep.update(repeating: 0, count: m.count / 8 + 1)
        var going: [Int32] = []
        going.reserveCapacity(list.count)
        var first = 0, significant = 0
        let pixels = pass.picture.pixels.pointer
        for (k, ray) in list.enumerated() {
            let end = Int(m.ends.pointer[k])
            let p = pixels + 4 * Int(ray) + 3
            var finished = end - first < steps
            for i in first..<end {
                let transmittance = 1 - p.pointee
                var weight = alpha[i] * transmittance
                // As `sk_baked_follow` ends a ray.
                if let bundle = pass.bakedRays, transmittance - weight < pass.opaque {
                    if transmittance - weight < ExactMarch.opaque { bundle.rays.pointer[Int(ray)].taken -= 1 }
                    weight = transmittance
                }
                if let light = pass.light {
                    light.add(transmittance, BakedField.cell(m.x.pointer[i], m.y.pointer[i], m.z.pointer[i]))
                }
                p.pointee += weight
                if weight > pass.negligible {
                    m.ray.pointer[significant] = ray
                    m.weight.pointer[significant] = weight
                    significant &+= 1
                    keep[i >> 3] |= 1 << UInt8(truncatingIfNeeded: i & 7)
                }
                if transmittance < pass.opaque { finished = true; break }
            }
            // The original would take one sample more of such a ray; it weighs less than this.
            if !pass.counts, 1 - p.pointee < pass.opaque { finished = true }
            if !finished { going.append(ray) }
            first = end
        }
        m.significant = significant
        return going
    }

    /// Colours of the samples that matter: their hidden values are picked out of the tiles, side by side.
    private func colors(_ m: SampleMemory, _ pass: Pass) {
        let tile = m.tile.pointer + FoldedHead.densityFloats
        let groupsOfTile = tileWidth / 8
        var done = 0, filled = 0
        for start in stride(from: 0, to: m.count, by: tileWidth) {
            var group = 0
            let groups = min(groupsOfTile, (m.count - start + 7) / 8)
            let keep = m.keep.pointer + start / 8, hidden = m.hidden.pointer + start * 64
            while group < groups {
                var until = group, picked = 0
                while until < groups, filled + picked + keep[until].nonzeroBitCount <= tileWidth {
                    picked += keep[until].nonzeroBitCount
                    until += 1
                }
                pickColumns(hidden + group * 8, rows: 64, keep: keep + group, groups: until - group, into: tile + filled, room: tileWidth - filled)
                filled += picked
                group = until
                if group < groups || filled == tileWidth {
                    shade(m, done, filled, tile, pass)
                    done += filled
                    filled = 0
                }
            }
        }
        shade(m, done, filled, tile, pass)
    }

    /// `n` samples from `first` on, whose hidden values stand in the tile.
    private func shade(_ m: SampleMemory, _ first: Int, _ n: Int, _ tile: UnsafeMutablePointer<Float>, _ pass: Pass) {
        guard n > 0 else { return }
        let list = m.ray.pointer + first, weights = m.weight.pointer + first
        for i in 0..<n {
            let d = pass.direction(Int(list[i]))
            tile[64 * tileWidth + i] = d.x
            tile[65 * tileWidth + i] = d.y
            tile[66 * tileWidth + i] = d.z
        }
        for r in 0..<67 { for i in n..<((n + 15) / 16 * 16) { tile[r * tileWidth + i] = 0 } }
        let rgb = pass.head.color(tile, count: n)
        let pixels = pass.picture.pixels.pointer
        for i in 0..<n {
            let p = pixels + 4 * Int(list[i])
            for c in 0..<3 { p[c] += weights[i] * rgb[c * tileWidth + i] }
        }
    }
}
