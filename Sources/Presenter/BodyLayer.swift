// The body drawn once: it does not turn with the head, it only sways as a whole.
import Base
import Kernels

/// Shoulders, collar and neck without the head: colour (display-encoded), coverage, depth and class for every pixel,
/// with a margin on every side so that it can be shifted.
final class BodyLayer: Sendable {
    static let margin = 48
    let width: Int
    /// Straight RGBA, 0…1, four floats a pixel; rows of `width`.
    let pixels: [Float]
    /// Distance along the middle ray; huge where there is nothing.
    let depth: [Float]
    /// Share of the pixel that is neck, 0…1 of its coverage.
    let neck: [Float]

    init(camera: PresenterCamera, light: LightVolume, budget: ComputeBudget) {
        let side = camera.size + 2 * Self.margin
        width = side
        let colors = Buffer<Float>(count: side * side * 4)
        let depths = Buffer<Float>(count: side * side)
        let necks = Buffer<Float>(count: side * side)
        let c = Raw(colors.pointer), d = Raw(depths.pointer), k = Raw(necks.pointer)
        budget.forEach(side) { row in Self.drawRow(row, side, camera, light, c, d, k) }
        pixels = Array(colors.elements)
        depth = Array(depths.elements)
        neck = Array(necks.elements)
    }

    /// Memory that the bands of one drawing write, each its own rows.
    struct Raw: @unchecked Sendable {  // each band writes its own rows only
        let p: UnsafeMutablePointer<Float>
        init(_ p: UnsafeMutablePointer<Float>) { self.p = p }
    }

    private static func drawRow(_ row: Int, _ side: Int, _ camera: PresenterCamera, _ light: LightVolume, _ colors: Raw, _ depths: Raw, _ necks: Raw) {
        let offsets: [SIMD2<Float>] = [[0.125, 0.375], [0.625, 0.125], [0.375, 0.875], [0.875, 0.625]]
        let shape = BodyShape()
        var x = 0
        while x < side {
            var sum = V8(f8(0), f8(0), f8(0)), coverage = f8(0), neckShare = f8(0), nearest = f8(1e9)
            for offset in offsets {
                var px = F8()
                for lane in 0..<8 { px[lane] = Float(x + lane - margin) + offset.x }
                let y = Float(row - margin) + offset.y
                let u = (px * (2 / Float(camera.size)) - 1) * PresenterCamera.halfWidth
                let v = f8((1 - y * 2 / Float(camera.size)) * PresenterCamera.halfWidth)
                let ray = V8(u, v, f8(-1)).normalized
                let (hit, t, material) = trace(ray, shape)
                if any(hit) {
                    let p = V8(PresenterCamera.position) + ray * t
                    let color = StudioLight.tone(shade(p, -ray, material, shape, light))
                    sum = sum + V8.choose(hit, color, V8(f8(0), f8(0), f8(0)))
                    coverage = coverage + select(hit, f8(1), f8(0))
                    neckShare = neckShare + select(hit .& (material .== Material.neck), f8(1), f8(0))
                    nearest = minimum(nearest, select(hit, t, f8(1e9)))
                }
            }
            let scale = 1 / maximum(coverage, f8(1))
            for lane in 0..<8 where x + lane < side {
                let i = row * side + x + lane
                colors.p[4 * i] = sum.x[lane] * scale[lane]
                colors.p[4 * i + 1] = sum.y[lane] * scale[lane]
                colors.p[4 * i + 2] = sum.z[lane] * scale[lane]
                colors.p[4 * i + 3] = coverage[lane] * 0.25
                depths.p[i] = nearest[lane]
                necks.p[i] = neckShare[lane] * scale[lane]
            }
            x += 8
        }
    }

    private static func trace(_ ray: V8, _ shape: BodyShape) -> (hit: SIMDMask<SIMD8<Int32>>, t: F8, material: F8) {
        var t = f8(6.8)
        var hit = SIMDMask<SIMD8<Int32>>(repeating: false)
        var material = f8(Material.none)
        for _ in 0..<110 {
            let (d, m) = shape.map(V8(PresenterCamera.position) + ray * t)
            let touch = (d .< 0.0010) .& .!hit
            hit = hit .| touch
            material = select(touch, m, material)
            t = select(hit, t, t + d * 0.9)
            if !any(.!hit .& (t .< 12.5)) { break }
        }
        return (hit .& (t .< 12.5), t, material)
    }

    private static func shade(_ p: V8, _ view: V8, _ material: F8, _ shape: BodyShape, _ light: LightVolume) -> V8 {
        let e: Float = 0.006
        func slope(_ a: SIMD3<Float>) -> V8 { V8(a) * shape.map(p + V8(a) * e).distance }
        let n = (slope(SIMD3(1, -1, -1)) + slope(SIMD3(-1, -1, 1)) + slope(SIMD3(-1, 1, -1)) + slope(SIMD3(1, 1, 1))).normalized
        let (open, lit) = light.sample(p)
        let isNeck = material .== Material.neck
        let wool = V8.choose(material .== Material.cloth, V8(SIMD3(0.050, 0.160, 0.190)), V8(SIMD3(0.060, 0.185, 0.215))) * (1 + 0.22 * noise3(p * 9))
        let albedo = V8.choose(isNeck, V8(SIMD3(0.590, 0.325, 0.225)), wool)
        let k = n.dot(StudioLight.key), f = n.dot(StudioLight.fill)
        func wrapped(_ d: F8, _ w: Float) -> F8 { maximum((d + w) * (1 / (1 + w)), f8(0)) }
        let key = V8(wrapped(k, 0.35) * power(lit, 0.6), wrapped(k, 0.18) * lit, wrapped(k, 0.12) * lit)
        var c = albedo * (V8(StudioLight.keyColor) * key + V8(StudioLight.fillColor) * (wrapped(f, 0.25) * (0.4 + 0.6 * open))
            + StudioLight.ambient(n) * open + V8(StudioLight.rimColor) * (maximum(n.dot(StudioLight.rim), f8(0)) * open * 0.6)
            + V8(StudioLight.rim2Color) * (maximum(n.dot(StudioLight.rim2), f8(0)) * open * 0.6))
        let facing = power(1 - saturate(n.dot(view)), 2.5)
        let fuzz = albedo * (V8(StudioLight.keyColor) * (lit * 0.5) + StudioLight.ambient(n) * (1.2 * open)) * facing * 0.8
        c = V8.choose(isNeck, c * 0.82, c + fuzz)
        return c
    }
}
