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
    /// - Parameters:
    ///   - sieve: share of the differences up to which pixels get their neighbours' mean instead of a ray (`BakedField.sieve`); default: the field's.
    ///   - granted: samples that a ray may take; default: what the original's rounds grant.
    func render(camera: RayCamera, conditions: HeadConditions, baked: BakedField, sieve share: Float? = nil, granted: Int? = nil, budget: ComputeBudget, stages: FrameStages? = nil) -> HeadPicture {
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
        let share = share ?? baked.sieve, sieve = PictureSieve(width: camera.width, height: camera.height, share: share)
        // As in the original's rounds no ray takes more than 16 samples, until it is known how many rays take so many.
        pass.baked?.most = maxSteps
        rays.taken.pointer.update(repeating: 0, count: total)
        var followed: [Int32] = []
        for kind in PicturePass.all(spacing: share > 0 ? Self.spacing : 1) {
            let list = sift(kind, sieve, pass, rays, depths, budget)
            follow(list, pass, budget)
            followed += list
        }
        let steps = granted ?? RayRounds.granted(total, ended: ended(rays, camera, depths))
        picture.granted = steps
        if steps > maxSteps {
            pass.baked?.most = steps
            follow(followed.filter { rays.rays.pointer[Int($0)].taken == Int32(maxSteps) && 1 - picture.pixels.pointer[4 * Int($0) + 3] >= pass.opaque }, pass, budget)
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
    private func sift(_ kind: PicturePass, _ sieve: PictureSieve, _ pass: Pass, _ rays: BakedRayBundle, _ depths: DepthTiles, _ budget: ComputeBudget) -> [Int32] {
        let camera = pass.camera
        let bands = Parts([Int32](), count: (camera.height + PictureSieve.block - 1) / PictureSieve.block)
        budget.forEach(bands.entries.count) { [self] band in
            var clock = StageClock(pass.stages)
            let wanted = sieve.sift(kind, band: band, depths, pass.picture.pixels.pointer, taken: rays.taken.pointer)
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
            let part = list[(c * size)..<min((c + 1) * size, list.count)]
            chunks.entries[c] = march(part, steps: steps, pass)
            pass.bakedRays?.note(part)
        }
        for entry in chunks.entries {
            pass.picture.densities += entry.marched
            pass.picture.colors += entry.colors
        }
    }

    /// Pixels by the samples of their rays, those of the original's rounds and more in the last place. All pixels count, not those of the first
    /// pass alone: one sample more for each ray, for a few of a thousand rays that take more than half as many, shows under hair.
    private func ended(_ rays: BakedRayBundle, _ camera: RayCamera, _ depths: DepthTiles) -> [Int] {
        var ended = [Int](repeating: 0, count: maxSteps + 1)
        let taken = rays.taken.pointer
        for row in 0..<camera.height {
            for tile in stride(from: 0, to: camera.width, by: DepthTiles.side) where depths.range(row, tile) != nil {
                for i in (row * camera.width + tile)..<(row * camera.width + min(tile + DepthTiles.side, camera.width)) { ended[Int(taken[i])] += 1 }
            }
        }
        return ended
    }
}
