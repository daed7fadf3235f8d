// Follows rays through the network, sample by sample: where a ray ends the next one takes its place, so that tiles are full.
import Base
import Kernels
import Synchronization

/// What follows one list of rays at a time: the samples that are under way, and the colours that wait for a full tile.
final class ExactMarch: @unchecked Sendable {  // one piece of work at a time
    /// Rays under way. Few, so that what one sample read of the planes is still near when the next one reads beside it.
    private static let window = 4 * tileWidth
    /// Less light than this is not followed any further, and colours that weigh less are not computed.
    static let opaque: Float = 1e-4, negligible: Float = 1e-5

    /// What the rays of one frame share.
    struct Frame: @unchecked Sendable {  // pieces of work write their own rays; the picture lives as long
        let rays: RayBundle, origin: SIMD3<Float>, head: FoldedHead
        /// Premultiplied colour and opacity, four floats a ray.
        let pixels: UnsafeMutablePointer<Float>
    }

    /// Places of the samples; with room for seven more, as lookups and kernels take eight at a time.
    private let x = Buffer<Float>(count: window + 8), y = Buffer<Float>(count: window + 8), z = Buffer<Float>(count: window + 8)
    private let slotMemory = Buffer<Float>(count: MarchSlots.floats(window)), shadedMemory = Buffer<Float>(count: ShadedSamples.floats(2 * tileWidth))
    private let slots: MarchSlots
    /// Samples whose colour matters, and their tile.
    private let shaded: ShadedSamples
    private let colorTile = Buffer<Float>(count: FoldedHead.colorFloats)
    /// One tile of samples: opacities, hidden values, and a bit for each sample whose colour matters.
    private let tile = Buffer<Float>(count: FoldedHead.densityFloats), alpha = Buffer<Float>(count: tileWidth), hidden = Buffer<Float>(count: 64 * tileWidth)
    private let keep = Buffer<UInt8>(count: tileWidth / 8)

    init() {
        slots = MarchSlots(slotMemory.pointer, count: Self.window)
        shaded = ShadedSamples(shadedMemory.pointer, count: 2 * tileWidth)
    }

    /// Rays that wait for their turn.
    private struct Waiting {
        var list: [Int32] = [], first = 0
    }

    /// Follows the rays of lists until they end or have taken `limit` samples; gives how many densities and colours that took.
    /// `taken` of a ray is then the last number of samples after which the original goes on with it.
    ///
    /// - Parameter more: one list after the other, nil at the end.
    func follow(to limit: Int32, _ frame: Frame, _ clock: inout StageClock, _ more: () -> [Int32]?) -> (densities: Int, colors: Int) {
        let limits = MarchSlots.Limits(opaque: Self.opaque, negligible: Self.negligible, step: marchStep, most: limit), arrays = frame.rays.arrays
        var waiting = Waiting(), running = 0, filled = 0
        var densities = 0, colors = 0
        while true {
            running = advance(running, &waiting, more, frame, &clock)
            if running == 0 { break }
            densities += running
            var going = 0
            for start in stride(from: 0, to: running, by: tileWidth) {
                let count = min(tileWidth, running - start)
                evaluate(start, count, frame.head, &clock)
                colors += slots.weigh(start, count: count, going: &going, alpha.pointer, limits, arrays, pixels: frame.pixels, keep: keep.pointer, into: shaded,
                                      behind: filled)
                clock.lap(.compositing)
                filled = color(count, filled, frame)
                clock.lap(.colours)
            }
            running = going
        }
        shade(filled, frame)
        clock.lap(.colours)
        return (densities, colors)
    }

    /// Rays that wait take the place of those that ended; the next sample of each. How many there are.
    private func advance(_ running: Int, _ waiting: inout Waiting, _ more: () -> [Int32]?, _ frame: Frame, _ clock: inout StageClock) -> Int {
        let rays = frame.rays.arrays
        var n = running
        while n < Self.window {
            if waiting.first == waiting.list.count {
                clock.lap(.samples)
                guard let next = more() else { break }
                clock.lap(.rays)
                (waiting.list, waiting.first) = (next, 0)
            }
            let count = min(Self.window - n, waiting.list.count - waiting.first)
            waiting.list.withUnsafeBufferPointer { list in
                guard let first = list.baseAddress else { return }
                n = slots.enter(first + waiting.first, count: count, behind: n, rays, pixels: frame.pixels, step: marchStep)
            }
            waiting.first += count
        }
        slots.place(n, origin: frame.origin, step: marchStep, x.pointer, y.pointer, z.pointer)
        clock.lap(.samples)
        return n
    }

    /// Opacities of `n` samples from `start` on, and their hidden values.
    private func evaluate(_ start: Int, _ n: Int, _ head: FoldedHead, _ clock: inout StageClock) {
        head.encode(x: x.pointer + start, y: y.pointer + start, z: z.pointer + start, count: n, tile: tile.pointer)
        clock.lap(.planes)
        head.density(count: n, tile: tile.pointer, hidden: hidden.pointer, out: alpha.pointer)
        for i in stride(from: 0, to: n, by: 8) {
            let sigma = exp(minimum(get(alpha.pointer + i), Float8(repeating: 60)))
            put(1 - exp(-sigma * marchStep), alpha.pointer + i)
        }
        clock.lap(.densities)
    }

    /// Picks hidden values of the samples that matter side by side into the colours' tile, behind those that wait there, and computes
    /// what fills it; gives how many wait.
    private func color(_ n: Int, _ waiting: Int, _ frame: Frame) -> Int {
        var filled = waiting, group = 0
        let groups = (n + 7) / 8
        while group < groups {
            var until = group, picked = 0
            while until < groups, filled + picked + keep.pointer[until].nonzeroBitCount <= tileWidth {
                picked += keep.pointer[until].nonzeroBitCount
                until += 1
            }
            pickColumns(hidden.pointer + group * 8, rows: 64, keep: keep.pointer + group, groups: until - group, into: colorTile.pointer + filled,
                        room: tileWidth - filled)
            filled += picked
            group = until
            if group < groups || filled == tileWidth {
                shade(filled, frame)
                filled = 0
            }
        }
        return filled
    }

    /// Colours of the first `n` samples that wait; the others move up.
    private func shade(_ n: Int, _ frame: Frame) {
        guard n > 0 else { return }
        let list = shaded.ray, weights = shaded.weight, tile = colorTile.pointer
        for (k, row) in shaded.direction.enumerated() { (tile + (64 + k) * tileWidth).update(from: row, count: n) }
        for r in 0..<67 { for i in n..<((n + 15) / 16 * 16) { tile[r * tileWidth + i] = 0 } }
        let rgb = frame.head.color(tile, count: n)
        for i in 0..<n {
            let p = UnsafeMutableRawPointer(frame.pixels + 4 * Int(list[i]))
            let shade = SIMD4(rgb[i], rgb[tileWidth + i], rgb[2 * tileWidth + i], 0)
            p.storeBytes(of: p.loadUnaligned(as: SIMD4<Float>.self) + weights[i] * shade, as: SIMD4<Float>.self)
        }
        shaded.drop(n, of: 2 * tileWidth)
    }
}

/// Draws whole heads. What the original does in rounds over the frame is done ray by ray: rounds only grant samples, 16 at least.
final class ExactHead: HeadDrawing {
    /// Rays that are handed out at a time where they are listed.
    private static let rays = 2048
    private let folding: HeadFolding
    private let cells: OccupancyColumns
    private let blocks: [SIMD3<Float>]
    private let bundles = ScratchPool { RayBundle(count: 0) }
    private let marches = ScratchPool { ExactMarch() }

    /// - Parameters:
    ///   - folding: the network; `cells` and `bits`: where anything is, twice.
    init(_ folding: HeadFolding, _ cells: OccupancyColumns, bits: [UInt8]) {
        self.folding = folding
        self.cells = cells
        blocks = OccupancyBlocks.centers(bits)
    }

    /// Bytes of the tables and of the rays' state that a frame of so many pixels passes over.
    func bytes(_ pixels: Int) -> (tables: Int, rays: Int) { (folding.planeBytes, pixels * (5 * 4 + 2 * 8)) }

    func draw(_ camera: RayCamera, _ conditions: FieldConditions, budget: ComputeBudget, stages: FrameStages?) -> HeadPicture {
        var clock = StageClock(stages)
        let total = camera.width * camera.height
        let known = bundles.take(), rays = known.count == total ? known : RayBundle(count: total)
        defer { bundles.put(rays) }
        let picture = HeadPicture(width: camera.width, height: camera.height)
        let head = FoldedHead(folding, HeadConditions(audio: conditions.audio, eye: conditions.eye, identity: conditions.identity))
        let frame = ExactMarch.Frame(rays: rays, origin: camera.origin, head: head, pixels: picture.pixels.pointer)
        clock.lap(.picture)
        let depths = DepthTiles(blocks, camera: camera)
        clock.lap(.rays)
        clock.end()
        let cost = Mutex((densities: 0, colors: 0))
        // Each thread takes one list after the other, so that its tiles stay full from the first to the last.
        func follow(_ lists: Int, to limit: Int, _ list: @Sendable (Int) -> [Int32]) {
            let next = AtomicCounter()
            budget.forEach(min(budget.threads, lists)) { [self] _ in
                let march = marches.take()
                var clock = StageClock(stages)
                defer {
                    clock.end()
                    marches.put(march)
                }
                let own = march.follow(to: Int32(limit), frame, &clock) {
                    let n = next.take()
                    return n < lists ? list(n) : nil
                }
                cost.withLock { $0 = ($0.densities + own.densities, $0.colors + own.colors) }
            }
        }
        let regions = RayRegions(camera)
        follow(regions.count, to: RayRounds.steps) { regions.put(rays.aim(regions.pixels($0), camera, cells, depths, most: RayRounds.most), $0) }
        let all = regions.all, steps = granted(all, rays, total)
        if steps > RayRounds.steps {
            let left = all.filter { rays.taken.pointer[Int($0)] == Int32(RayRounds.steps) }
            follow((left.count + Self.rays - 1) / Self.rays, to: steps) { Array(left[($0 * Self.rays)..<min(($0 + 1) * Self.rays, left.count)]) }
        }
        (picture.densities, picture.colors) = cost.withLock { $0 }
        picture.multiplyAdds = picture.densities * head.densityCost + picture.colors * FoldedHead.colorCost
        return picture
    }

    /// Samples that the original's rounds grant a ray, from how many rays each round would find alive: `total` of them before the first.
    private func granted(_ list: [Int32], _ rays: RayBundle, _ total: Int) -> Int {
        var ended = [Int](repeating: 0, count: RayRounds.steps + 1)
        for ray in list { ended[min(Int(rays.taken.pointer[Int(ray)]), RayRounds.steps)] += 1 }
        return RayRounds.granted(total, ended: ended)
    }
}
