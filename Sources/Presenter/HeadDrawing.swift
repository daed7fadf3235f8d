// Ray marching of the head of one frame, eight rays at a time.
import Kernels
import Motion

/// Six floats a pixel: display-encoded RGB, coverage, distance along the ray, lip share.
struct HeadDrawing: Sendable {
    let shape: HeadShape
    let shader: HeadShader
    let camera: PresenterCamera
    let light: LightVolume
    private let rows: [SIMD3<Float>]
    private let origin: SIMD3<Float>
    /// Where the rays of each tile may start; negative where no ray of the tile meets the head.
    private let starts: [Float]
    private static let tile = 8
    private static let boundCenter = SIMD3<Float>(0, 0.12, -0.1), boundRadius: Float = 1.66

    init(rig: PresenterRig, camera: PresenterCamera, light: LightVolume) {
        shape = HeadShape(rig)
        shader = HeadShader(shape: shape)
        self.camera = camera
        self.light = light
        rows = PresenterCamera.headToRoom(rig.pose).rows
        origin = camera.rayOrigin(rig.pose)
        starts = Self.tileStarts(shape, camera, rows, origin)
    }

    /// Marches one cone a tile until its rim could touch the surface: no ray of the tile needs to look before that.
    private static func tileStarts(_ shape: HeadShape, _ camera: PresenterCamera, _ rows: [SIMD3<Float>], _ origin: SIMD3<Float>) -> [Float] {
        let across = camera.size / tile
        let spread = (Float(tile) * 0.7072 + 0.8) / camera.focal
        var result = [Float](repeating: -1, count: across * across)
        for index in stride(from: 0, to: across * across, by: 8) {
            var px = F8(), py = F8()
            for lane in 0..<8 {
                px[lane] = (Float((index + lane) % across) + 0.5) * Float(tile)
                py[lane] = (Float((index + lane) / across) + 0.5) * Float(tile)
            }
            let ray = ray(px, py, camera, rows)
            let (crosses, near, far) = bounds(ray, origin, margin: 0.12)
            guard any(crosses) else { continue }
            var t = near
            var done = .!crosses
            for _ in 0..<60 {
                let gap = shape.distance(V8(origin) + ray * t) - t * spread
                done = done .| (gap .< 0.004) .| (t .> far)
                t = select(done, t, t + gap)
                if !any(.!done) { break }
            }
            for lane in 0..<8 where crosses[lane] && t[lane] <= far[lane] && index + lane < result.count { result[index + lane] = t[lane] }
        }
        return result
    }

    private static func ray(_ px: F8, _ py: F8, _ camera: PresenterCamera, _ rows: [SIMD3<Float>]) -> V8 {
        let scale = 2 / Float(camera.size)
        let room = V8((px * scale - 1) * PresenterCamera.halfWidth, (1 - py * scale) * PresenterCamera.halfWidth, f8(-1)).normalized
        // Into head space: transposed rotation.
        return V8(rows[0]) * room.x + V8(rows[1]) * room.y + V8(rows[2]) * room.z
    }

    /// Where rays cross the head's bounding sphere.
    private static func bounds(_ ray: V8, _ origin: SIMD3<Float>, margin: Float) -> (crosses: SIMDMask<SIMD8<Int32>>, near: F8, far: F8) {
        let toCenter = boundCenter - origin
        let radius = boundRadius + margin
        let along = ray.dot(toCenter)
        let discriminant = along * along - ((toCenter * toCenter).sum() - radius * radius)
        let root = maximum(discriminant, f8(0)).squareRoot()
        return (discriminant .> 0, along - root, along + root)
    }

    /// Samples at pixel middles.
    func drawRow(_ y: Int, _ out: BodyLayer.Raw) {
        for x in stride(from: 0, to: camera.size, by: 8) {
            var px = F8()
            for lane in 0..<8 { px[lane] = Float(x + lane) + 0.5 }
            let s = sample(px, f8(Float(y) + 0.5))
            let o = out.p + 6 * (y * camera.size + x)
            for lane in 0..<8 { s.store(lane, o + 6 * lane) }
        }
    }

    /// Four samples where the first pass shows an edge.
    func refineRow(_ y: Int, from first: BodyLayer.Raw, into out: BodyLayer.Raw) {
        let offsets: [SIMD2<Float>] = [[0.125, 0.375], [0.625, 0.125], [0.375, 0.875], [0.875, 0.625]]
        let size = camera.size
        let edges = (0..<size).filter { isEdge($0, y, first) }
        var start = 0
        while start < edges.count {
            let group = edges[start..<min(start + 2, edges.count)]
            var px = F8(), py = F8()
            for lane in 0..<8 {
                let pixel = group[group.startIndex + min(lane / 4, group.count - 1)]
                px[lane] = Float(pixel) + offsets[lane % 4].x
                py[lane] = Float(y) + offsets[lane % 4].y
            }
            let s = sample(px, py)
            for (k, pixel) in group.enumerated() { s.storeMean(4 * k, out.p + 6 * (y * size + pixel)) }
            start += 2
        }
    }

    private func isEdge(_ x: Int, _ y: Int, _ first: BodyLayer.Raw) -> Bool {
        let size = camera.size
        let here = first.p + 6 * (y * size + x)
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] where x + dx >= 0 && x + dx < size && y + dy >= 0 && y + dy < size {
            let there = first.p + 6 * ((y + dy) * size + x + dx)
            if here[3] != there[3] { return true }
            if here[3] > 0 {
                let contrast = abs(here[0] - there[0]) + abs(here[1] - there[1]) + abs(here[2] - there[2])
                if contrast > 0.24 || abs(here[4] - there[4]) > 0.10 { return true }
            }
        }
        return false
    }

    struct Sample {
        var color: V8, coverage: F8, depth: F8, lip: F8
        func store(_ lane: Int, _ o: UnsafeMutablePointer<Float>) {
            o[0] = color.x[lane]; o[1] = color.y[lane]; o[2] = color.z[lane]
            o[3] = coverage[lane]; o[4] = depth[lane]; o[5] = lip[lane]
        }
        /// Mean of four lanes from `start`: colours weighted by coverage.
        func storeMean(_ start: Int, _ o: UnsafeMutablePointer<Float>) {
            var sum = SIMD3<Float>.zero, covered: Float = 0, near: Float = 1e9, lips: Float = 0
            for lane in start..<(start + 4) where coverage[lane] > 0 {
                sum += SIMD3(color.x[lane], color.y[lane], color.z[lane])
                covered += 1
                near = min(near, depth[lane])
                lips += lip[lane]
            }
            let scale = covered > 0 ? 1 / covered : 0
            o[0] = sum.x * scale; o[1] = sum.y * scale; o[2] = sum.z * scale
            o[3] = covered / 4; o[4] = near; o[5] = lips * scale
        }
    }

    private func sample(_ px: F8, _ py: F8) -> Sample {
        let ray = Self.ray(px, py, camera, rows)
        var result = Sample(color: V8(f8(0), f8(0), f8(0)), coverage: f8(0), depth: f8(1e9), lip: f8(0))
        let (hit, t, material) = trace(ray, from: startsOf(px, py))
        guard any(hit) else { return result }
        let p = V8(origin) + ray * t
        let e = select(material .== Material.hair, f8(0.012), f8(0.004))
        func slope(_ a: SIMD3<Float>) -> V8 { V8(a) * shape.distance(p + V8(a) * e) }
        let n = (slope(SIMD3(1, -1, -1)) + slope(SIMD3(-1, -1, 1)) + slope(SIMD3(-1, 1, -1)) + slope(SIMD3(1, 1, 1))).normalized
        let (open, lit) = light.sample(p)
        let (color, lip) = shader.shade(SurfacePoints(position: p, normal: n, view: -ray, material: material, open: open, lit: lit))
        result.color = StudioLight.tone(color)
        result.coverage = select(hit, f8(1), f8(0))
        result.depth = select(hit, t, f8(1e9))
        result.lip = select(hit, lip, f8(0))
        return result
    }

    private func startsOf(_ px: F8, _ py: F8) -> F8 {
        let across = camera.size / Self.tile
        var result = F8()
        for lane in 0..<8 {
            result[lane] = starts[min(Int(py[lane]) / Self.tile, across - 1) * across + min(Int(px[lane]) / Self.tile, across - 1)]
        }
        return result
    }

    /// Sphere tracing from the tile's start to the end of the bounding sphere.
    private func trace(_ ray: V8, from start: F8) -> (hit: SIMDMask<SIMD8<Int32>>, t: F8, material: F8) {
        let (crosses, _, far) = Self.bounds(ray, origin, margin: 0)
        let live = crosses .& (start .> 0)
        var hit = SIMDMask<SIMD8<Int32>>(repeating: false)
        guard any(live) else { return (hit, f8(0), f8(Material.none)) }
        var t = start
        var material = f8(Material.none)
        for step in 0..<70 {
            let (d, m) = shape.map(V8(origin) + ray * t)
            // A ray that runs out of steps in a narrow place, between hair and cheek, has met what it is so near to.
            let touch = (d .< (step < 69 ? 0.0012 : 0.012)) .& .!hit .& live
            hit = hit .| touch
            material = select(touch, m, material)
            t = select(hit, t, t + d * 0.96)
            if !any(.!hit .& (t .< far) .& live) { break }
        }
        return (hit .& (t .< far), t, material)
    }
}
