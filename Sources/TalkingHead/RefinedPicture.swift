// Draws the head with what was baked, in passes: later rays go only where earlier ones disagree.
import Base
import Foundation
import Kernels
import Tensors

extension HeadRenderer {
    /// Pixels between the first rays.
    private static let spacing = 4

    /// Draws the head with what was baked: rays meet the same samples as in the original's rounds, but the network only where it must.
    ///
    /// - Parameter refining: pixels whose neighbours agree get their mean instead of a ray.
    func render(camera: RayCamera, conditions: HeadConditions, baked: BakedField, refining: Bool = true, budget: ComputeBudget, stages: FrameStages? = nil) -> HeadPicture {
        var clock = StageClock(stages)
        let total = camera.width * camera.height
        var rays = bakedBundles.take()
        if rays.rays.count != total { rays = BakedRayBundle(count: total) }
        defer { bakedBundles.put(rays) }
        let pass = Pass(camera, RayBundle(count: 0), FoldedHead(folding, conditions), counts: false,
                        baked: baked.rays(from: camera.origin, audio: conditions.audio, eye: conditions.eye), stages: stages)
        let picture = pass.picture, mixer = baked.mixers.take()
        defer { baked.mixers.put(mixer) }
        pass.mixed = mixer.begin()
        pass.bakedRays = rays
        clock.lap(.picture)
        // Nothing is seen behind the last cell that anything was ever seen of.
        let depths = DepthTiles(blocks, camera: camera).until(DepthTiles(baked.blocks, camera: camera))
        clock.lap(.rays)
        clock.end()
        for kind in PicturePass.all(spacing: refining ? Self.spacing : 1) {
            guard case .lattice(let spacing) = kind else {
                follow(sift(kind, pass, rays, depths, budget), pass, budget)
                continue
            }
            pass.baked?.most = maxSteps
            let first = sift(kind, pass, rays, depths, budget)
            follow(first, pass, budget)
            let stands = ((camera.height + spacing - 1) / spacing) * ((camera.width + spacing - 1) / spacing)
            let steps = lastStep(first, rays, stands)
            pass.baked?.most = steps
            if steps > maxSteps {
                follow(first.filter { rays.rays.pointer[Int($0)].taken == Int32(maxSteps) && 1 - picture.pixels.pointer[4 * Int($0) + 3] >= pass.opaque }, pass, budget)
            }
        }
        picture.multiplyAdds = picture.densities * pass.head.densityCost + picture.colors * FoldedHead.colorCost
        return picture
    }

    /// What the parts of a pass give.
    private final class Parts<Value>: @unchecked Sendable {  // parts write their own entry
        let entries: UnsafeMutableBufferPointer<Value>
        init(_ value: Value, count: Int) {
            entries = .allocate(capacity: count)
            entries.initialize(repeating: value)
        }
        deinit {
            entries.deinitialize()
            entries.deallocate()
        }
    }

    /// Gives the pixels of a pass that need no ray their values, and the rays of the others.
    private func sift(_ kind: PicturePass, _ pass: Pass, _ rays: BakedRayBundle, _ depths: DepthTiles, _ budget: ComputeBudget) -> [Int32] {
        let camera = pass.camera, sieve = PictureSieve(width: camera.width, height: camera.height)
        let bands = Parts([Int32](), count: (camera.height + PictureSieve.block - 1) / PictureSieve.block)
        budget.forEach(bands.entries.count) { [self] band in
            var clock = StageClock(pass.stages)
            let wanted = sieve.sift(kind, band: band, depths, pass.picture.pixels.pointer)
            clock.lap(.sifting)
            bands.entries[band] = rays.aim(wanted, camera, cells, depths)
            clock.lap(.rays)
            clock.end()
        }
        return bands.entries.flatMap { $0 }
    }

    /// Follows rays in chunks.
    private func follow(_ list: [Int32], _ pass: Pass, _ budget: ComputeBudget) {
        let size = Self.bakedChunk, steps = pass.baked?.most ?? maxSteps
        let chunks = Parts(Survivors(), count: (list.count + size - 1) / size)
        budget.forEach(chunks.entries.count) { [self] c in
            chunks.entries[c] = march(list[(c * size)..<min((c + 1) * size, list.count)], steps: steps, pass)
        }
        for entry in chunks.entries {
            pass.picture.densities += entry.marched
            pass.picture.colors += entry.colors
        }
    }

    /// Samples that the original's rounds grant a ray, from how many rays each of its rounds would find alive; `total`: pixels that these rays stand for.
    private func lastStep(_ list: [Int32], _ rays: BakedRayBundle, _ total: Int) -> Int {
        var ended = [Int](repeating: 0, count: maxSteps + 1)
        for ray in list { ended[min(Int(rays.rays.pointer[Int(ray)].taken), maxSteps)] += 1 }
        var step = 0, alive = total
        while step < maxSteps, alive > 0 {
            step += max(1, min(8, total / alive))
            alive = ended[min(step, maxSteps)...].reduce(0, +)
        }
        return max(step, maxSteps)
    }
}
