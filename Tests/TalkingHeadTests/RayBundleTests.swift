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
        var list = rays.start(camera, OccupancyColumns(bits), DepthTiles(OccupancyBlocks.centers(bits), camera: camera), ComputeBudget(threads: 2))
        let places = Buffer<Float>(count: 3 * (list.count + 8)), x = places.pointer, y = x + list.count + 8, z = y + list.count + 8
        var found = [Int32: [SIMD3<Float>]]()
        // Rays that have another sample move to the front of their own list.
        while !list.isEmpty {
            let count = list.withUnsafeMutableBufferPointer { list -> Int in
                guard let first = list.baseAddress else { return 0 }
                return rays.arrays.next(first, count: list.count, origin: camera.origin, step: marchStep, found: first, x, y, z)
            }
            list.removeSubrange(count...)
            for (k, ray) in list.enumerated() { found[ray, default: []].append(SIMD3(x[k], y[k], z[k])) }
        }
        #expect(found == Self.samples(camera, bits, most: 128))
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
