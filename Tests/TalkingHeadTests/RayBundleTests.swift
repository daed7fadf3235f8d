// The samples of whole frames against the plain march of one ray; grids laid out for reading against the plain encoder.
import Base
import Foundation
import Kernels
import Testing
@testable import TalkingHead

@Suite struct Rays {
    /// Cells in blobs, so that rays enter and leave them.
    static func cells(_ seed: UInt64) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: OccupancyGrid.cellCount / 8)
        var random = SplitMix(state: seed)
        let balls = (0..<30).map { _ in (SIMD3(random.next(), random.next() * 0.5 + 0.25, random.next()) * 127, 3 + random.next() * 9) }
        for code in 0..<OccupancyGrid.cellCount {
            let (x, y, z) = OccupancyGrid.compact(code)
            let p = SIMD3(Float(x), Float(y), Float(z))
            if balls.contains(where: { let v = p - $0.0; return (v * v).sum() < $0.1 * $0.1 }) { bits[code >> 3] |= 1 << UInt8(code & 7) }
        }
        return bits
    }
    struct SplitMix {
        var state: UInt64
        mutating func next() -> Float {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Float((z ^ (z >> 31)) >> 40) / Float(1 << 24)
        }
    }

    /// Cameras straight on, near and oblique (their rays cross a power of two, run along an axis, or miss).
    static let cameras: [RayCamera] = [(SIMD3<Float>(0, 0, 1.4), Float(0)), (SIMD3(0.05, -0.03, 1.05), 0.2), (SIMD3(0.3, 0.1, 0.9), 0.7)].map { place, yaw in
        let (c, s) = (cos(yaw), sin(yaw))
        return RayCamera(cameraToWorld: [SIMD4(c, 0, s, place.x), SIMD4(0, 1, 0, place.y), SIMD4(-s, 0, c, place.z), SIMD4(0, 0, 0, 1)],
                         focal: SIMD2(60, 60), center: SIMD2(19.5, 16), width: 39, height: 33)
    }

    @Test(arguments: 0..<3) func meetTheSamplesOfThePlainMarch(_ index: Int) {
        let camera = Self.cameras[index], bits = Self.cells(UInt64(index + 1))
        let rays = RayBundle(count: 39 * 33)
        let alive = rays.start(camera, OccupancyColumns(bits), DepthTiles(OccupancyBlocks.centers(bits), camera: camera), ComputeBudget(threads: 2))
        var found = [Int: [SIMD3<Float>]]()
        for ray in alive { while rays.next(Int(ray), camera.origin, { x, y, z in found[Int(ray), default: []].append(SIMD3(x, y, z)) }) {} }
        var samples = 0, wrong = 0
        for j in 0..<33 {
            for i in 0..<39 {
                let d = camera.direction(j, i)
                let (near, far) = camera.nearFar(d)
                var expected: [SIMD3<Float>] = []
                bits.withUnsafeBufferPointer { bits in
                    guard let base = bits.baseAddress, near < far else { return }
                    march(base, origin: camera.origin, direction: d, from: near, far: far, limit: 1000) { p, _ in expected.append(p) }
                }
                samples += expected.count
                if found[j * 39 + i] ?? [] != expected { wrong += 1 }
            }
        }
        #expect(samples > 700)
        #expect(wrong == 0, "\(wrong) rays met other samples")
    }

    /// All samples of each ray, taken one ray after the other.
    static func samples(_ camera: RayCamera, _ bits: [UInt8], most: Int) -> [Int32: [SIMD3<Float>]] {
        let rays = RayBundle(count: camera.width * camera.height)
        let list = rays.start(camera, OccupancyColumns(bits), DepthTiles(OccupancyBlocks.centers(bits), camera: camera), most: most, .single)
        var found = [Int32: [SIMD3<Float>]]()
        for ray in list { while rays.next(Int(ray), camera.origin, { x, y, z in found[ray, default: []].append(SIMD3(x, y, z)) }) {} }
        return found
    }

    @Test(arguments: 0..<3) func raysAimedForAFewSamplesFindTheFirstOnes(_ index: Int) {
        let camera = Self.cameras[index], bits = Self.cells(UInt64(index + 1))
        let all = Self.samples(camera, bits, most: 128), few = Self.samples(camera, bits, most: 5)
        #expect(all.values.contains { $0.count > 5 })
        #expect(few == all.mapValues { Array($0.prefix(5)) })
    }

    @Test(arguments: 0..<3) func manyRaysTogetherMeetTheSamplesOfEach(_ index: Int) {
        let camera = Self.cameras[index], bits = Self.cells(UInt64(index + 1))
        let rays = RayBundle(count: camera.width * camera.height)
        let list = rays.start(camera, OccupancyColumns(bits), DepthTiles(OccupancyBlocks.centers(bits), camera: camera), ComputeBudget(threads: 2))
        let march = March(rays: list.count), pixels = Buffer<Float>(count: 4 * rays.count)
        var n = march.slots.enter(list, count: list.count, behind: 0, rays.arrays, pixels: pixels.pointer, step: marchStep)
        var found = [Int32: [SIMD3<Float>]]()
        // Nothing takes any light, so rays go on to their last samples.
        while n > 0 {
            march.place(n, camera.origin)
            for k in 0..<n { found[march.slots.ray[k], default: []].append(SIMD3(march.x[k], march.y[k], march.z[k])) }
            n = march.weigh(n, rays, pixels.pointer, most: .max, filled: 0).going
        }
        #expect(found == Self.samples(camera, bits, most: 128))
    }

    /// Slots, places and weights of a march of so many rays.
    final class March {
        let memory: Buffer<Float>, places: Buffer<Float>, alpha: Buffer<Float>, noted: Buffer<Float>, keep: Buffer<UInt8>
        let slots: MarchSlots, shaded: ShadedSamples, x: UnsafeMutablePointer<Float>, y: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>
        init(rays: Int) {
            memory = Buffer(count: MarchSlots.floats(rays))
            places = Buffer(count: 3 * (rays + 8))
            alpha = Buffer(count: rays + 8)
            noted = Buffer(count: ShadedSamples.floats(rays + 1))
            keep = Buffer(count: rays / 8 + 1)
            slots = MarchSlots(memory.pointer, count: rays)
            shaded = ShadedSamples(noted.pointer, count: rays + 1)
            (x, y, z) = (places.pointer, places.pointer + rays + 8, places.pointer + 2 * (rays + 8))
        }
        func place(_ n: Int, _ origin: SIMD3<Float>) { slots.place(n, origin: origin, step: marchStep, x, y, z) }
        func weigh(_ n: Int, _ rays: RayBundle, _ pixels: UnsafeMutablePointer<Float>, most: Int32, filled: Int) -> (going: Int, significant: Int) {
            var going = 0
            let limits = MarchSlots.Limits(opaque: 1e-4, negligible: 1e-5, step: marchStep, most: most)
            let significant = slots.weigh(0, count: n, going: &going, alpha.pointer, limits, rays.arrays, pixels: pixels, keep: keep.pointer, into: shaded, behind: filled)
            return (going, significant)
        }
    }

    @Test func opacitiesAddUpAsRayByRay() {
        let camera = Self.cameras[1], bits = Self.cells(2)
        let rays = RayBundle(count: camera.width * camera.height)
        let list = rays.start(camera, OccupancyColumns(bits), DepthTiles(OccupancyBlocks.centers(bits), camera: camera), most: 128, .single)
        let samples = Self.samples(camera, bits, most: 128)
        // What a sample hides, from nothing to all, by ray and number of the sample.
        func alpha(_ ray: Int32, _ k: Int) -> Float {
            let hard = Int(ray) &* 7919 &+ k &* 104_729
            return hard % 5 == 0 ? 0 : hard % 11 == 0 ? 1 : Float(hard % 97) / 130
        }
        let most = 6
        let march = March(rays: list.count), pixels = Buffer<Float>(count: 4 * rays.count)
        var n = march.slots.enter(list, count: list.count, behind: 0, rays.arrays, pixels: pixels.pointer, step: marchStep), round = 0
        var weights = [Int32: [Float]]()
        while n > 0 {
            march.place(n, camera.origin)
            for k in 0..<n { march.alpha.pointer[k] = alpha(march.slots.ray[k], round) }
            let numbers = (0..<n).map { march.slots.ray[$0] }
            let (going, significant) = march.weigh(n, rays, pixels.pointer, most: Int32(most), filled: 1)
            let kept = numbers.indices.filter { march.keep.pointer[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
            #expect(kept.map { numbers[$0] } == (0..<significant).map { march.shaded.ray[1 + $0] })
            for i in 1..<(significant + 1) {
                let ray = march.shaded.ray[i], d = march.shaded.direction.map { $0[i] }
                weights[ray, default: []].append(march.shaded.weight[i])
                #expect(d == [rays.dx.pointer[Int(ray)], rays.dy.pointer[Int(ray)], rays.dz.pointer[Int(ray)]])
            }
            (n, round) = (going, round + 1)
        }
        var ended = Set<String>()
        for ray in list {
            var opacity: Float = 0, taken: Int32 = 0, expected: [Float] = [], reason = "samples"
            for k in 0..<min(most, samples[ray]?.count ?? 0) {
                let weight = alpha(ray, k) * (1 - opacity)
                opacity += weight
                if weight > 1e-5 { expected.append(weight) }
                if 1 - opacity < 1e-4 { reason = "light"; break }
                taken += 1
                if taken == most { reason = "limit" }
            }
            ended.insert(reason)
            #expect(pixels.pointer[4 * Int(ray) + 3] == opacity && rays.taken.pointer[Int(ray)] == taken && weights[ray] ?? [] == expected, "ray \(ray)")
        }
        #expect(ended == ["samples", "light", "limit"])
    }

    @Test func leapsLandWhereStepsDo() {
        for start in [Float(0.05), 0.99, 1.97, 3.2, 3.999, 7.5] {
            var t = start
            for n in 0..<128 {
                #expect(RayBundle.step(start, n) == t, "\(n) steps from \(start)")
                t += marchStep
            }
        }
    }

    @Test func readableGridsHoldTheTables() {
        let head = PlaneEncoder.head(), torso = PlaneEncoder.torso
        var random = SplitMix(state: 5)
        let memory = Buffer<Float>(count: 4 * tileWidth), plain = Buffer<Float>(count: 36 * tileWidth), own = Buffer<Float>(count: 36 * tileWidth)
        let x = memory.pointer, y = x + tileWidth, z = y + tileWidth
        let tables = Buffer<Float>(count: 3 * head.rowCount), torsoTable = Buffer<Float>(count: 2 * torso.rowCount)
        for i in 0..<(3 * head.rowCount) { tables.pointer[i] = random.next() - 0.5 }
        for i in 0..<(2 * torso.rowCount) { torsoTable.pointer[i] = random.next() - 0.5 }
        let starts = (0..<3).map { $0 * head.rowCount }
        let dense = DensePlanes(head, tables.pointer, tables: starts), paired = PairedGrid(torso, torsoTable.pointer)
        for round in 0..<20 {
            for i in 0..<(3 * tileWidth) { memory.pointer[i] = random.next() * 2 - 1 }
            // Corners and edges of the cube.
            if round == 0 { for (i, value) in [Float(-1), 1, 0, 1, -1, 1].enumerated() { (x[i], y[i], z[i]) = (value, -value, 1) } }
            head.encode(tables.pointer, x, y, count: tileWidth, out: plain.pointer)
            head.encode(tables.pointer + starts[1], y, z, count: tileWidth, out: plain.pointer + 12 * tileWidth)
            head.encode(tables.pointer + starts[2], x, z, count: tileWidth, out: plain.pointer + 24 * tileWidth)
            dense.encode(x, y, z, count: tileWidth, out: own.pointer)
            let same = plain.elements.elementsEqual(own.elements)
            #expect(same, "planes, round \(round)")
            torso.encode(torsoTable.pointer, x, y, count: tileWidth, out: plain.pointer)
            paired.encode(x, y, count: tileWidth, out: own.pointer)
            let alike = plain.elements.prefix(32 * tileWidth).elementsEqual(own.elements.prefix(32 * tileWidth))
            #expect(alike, "torso, round \(round)")
        }
    }

    @Test func columnsArePickedInOrder() {
        let tile = Buffer<Float>(count: 3 * tileWidth), out = Buffer<Float>(count: 4 * tileWidth), keep = Buffer<UInt8>(count: 10)
        var random = SplitMix(state: 9)
        for i in 0..<(3 * tileWidth) { tile.pointer[i] = Float(i) }
        for g in 0..<9 { keep.pointer[g] = UInt8(random.next() * 256) }
        let wanted = (0..<72).filter { keep.pointer[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
        for room in [wanted.count, wanted.count + 3, 72] {
            for i in 0..<(4 * tileWidth) { out.pointer[i] = -1 }
            pickColumns(tile.pointer, rows: 3, keep: keep.pointer, groups: 9, into: out.pointer, room: room)
            for r in 0..<3 {
                let found = wanted.indices.map { out.pointer[r * tileWidth + $0] }
                #expect(found == wanted.map { Float(r * tileWidth + $0) })
                #expect((room..<tileWidth).allSatisfy { out.pointer[r * tileWidth + $0] == -1 }, "room for \(room)")
            }
        }
    }
}
