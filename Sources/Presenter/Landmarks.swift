// The 68 points of the iBUG scheme, on the surface of the head.
import Kernels

/// Landmarks in head space, in iBUG order: jaw 0–16 from the viewer's left, brows 17–26, nose 27–35, eyes 36–47, lips 48–67.
struct Landmarks {
    let points: [SIMD3<Float>]

    init(_ rig: PresenterRig, _ light: LightVolume) {
        let shape = HeadShape(rig)
        var list: [SIMD3<Float>] = []
        let drop = 0.25 * rig.jaw * (1 - 0.6 * rig.press)
        for i in 0...16 {
            let angle = Float(i - 8) / 8 * 1.48
            let across = Float(sine(f8(angle))[0]), down = Float(cosine(f8(angle))[0])
            list.append([0.84 * across, -0.10 - 1.08 * down - drop * down * down, 0.05 + 0.55 * down * down])
        }
        for i in 0..<5 { list.append(Self.brow(1 - Float(i) / 4, side: -1)) }
        for i in 0..<5 { list.append(Self.brow(Float(i) / 4, side: 1)) }
        for i in 0..<4 { list.append([0, 0.16 - 0.15 * Float(i), 0.86 + 0.085 * Float(i)]) }
        for i in 0..<5 { list.append([Float(i - 2) * 0.062, -0.43 + 0.012 * abs(Float(i - 2)), 0.99 - 0.02 * abs(Float(i - 2))]) }
        list = Self.projected(list, onto: shape)
        list += Self.eyePoints(shape.eye, side: -1) + Self.eyePoints(shape.eye, side: 1)
        list += Self.lipPoints(shape.mouth)
        points = list
    }

    private static func brow(_ t: Float, side: Float) -> SIMD3<Float> {
        let x = 0.15 + 0.50 * t
        return [side * x, 0.335 + 0.135 * sine(f8(t * 2.35))[0] - 0.045 * t, 0.86 - 0.45 * x * x]
    }

    /// Corner, two on the upper lid, corner, two on the lower lid; the viewer's left eye starts at its outer corner.
    private static func eyePoints(_ eye: EyeShape, side: Float) -> [SIMD3<Float>] {
        func edge(_ x: Float, upper: Bool) -> SIMD3<Float> {
            let y = upper ? eye.upperLid(f8(x))[0] : max(min(eye.lowerLid(f8(x))[0], eye.upperLid(f8(x))[0]), -0.9)
            let z = max(1.12 - x * x - y * y, 0.05).squareRoot()
            return EyeShape.center * [side, 1, 1] + SIMD3(side * x, y, z) * EyeShape.radius
        }
        let outer = edge(0.86, upper: true), inner = edge(-0.86, upper: true)
        let (a, b) = (edge(0.35, upper: true), edge(-0.35, upper: true))
        let (c, d) = (edge(-0.35, upper: false), edge(0.35, upper: false))
        return side < 0 ? [outer, a, b, inner, c, d] : [inner, b, a, outer, d, c]
    }

    /// Twelve points around the lips, eight along their inner edge.
    private static func lipPoints(_ g: MouthShape) -> [SIMD3<Float>] {
        func point(_ x: Float, _ level: Level) -> SIMD3<Float> {
            let ax = min(abs(x), g.width)
            let t = ax / g.width
            let opening = g.lens(f8(ax))[0], bend = g.bend(f8(ax))[0], depth = g.depth(f8(ax))[0]
            let ru = g.upperRadius * (1 - 0.80 * t * t), rl = g.lowerRadius * (1 - 0.82 * t * t)
            let y: Float, z: Float
            switch level {
            case .outerUpper: (y, z) = (g.up * opening + ru * 1.6, depth - 0.03)
            case .outerLower: (y, z) = (-g.low * opening - rl * 1.65, depth - 0.05 - 0.10 * g.height)
            case .innerUpper: (y, z) = (g.up * opening, depth)
            case .innerLower: (y, z) = (-g.low * opening, depth - 0.03 - 0.10 * g.height)
            case .corner: (y, z) = (0, depth)
            }
            return [x, g.centerY + bend + y, z]
        }
        let w = g.width
        var list = [point(-w, .corner)]
        list += [-0.66, -0.30, 0, 0.30, 0.66].map { point(Float($0) * w, .outerUpper) }
        list.append(point(w, .corner))
        list += [0.66, 0.33, 0, -0.33, -0.66].map { point(Float($0) * w, .outerLower) }
        list.append(point(-0.92 * w, .corner))
        list += [-0.35, 0, 0.35].map { point(Float($0) * w, .innerUpper) }
        list.append(point(0.92 * w, .corner))
        list += [0.35, 0, -0.35].map { point(Float($0) * w, .innerLower) }
        return list
    }
    private enum Level { case outerUpper, outerLower, innerUpper, innerLower, corner }

    /// Newton steps along the gradient of the skin's distance.
    private static func projected(_ points: [SIMD3<Float>], onto shape: HeadShape) -> [SIMD3<Float>] {
        points.map { start in
            var p = V8(start)
            let h: Float = 0.004
            for _ in 0..<12 {
                let d = shape.skin(p)
                let g = V8(shape.skin(p + V8([h, 0, 0])) - shape.skin(p - V8([h, 0, 0])),
                           shape.skin(p + V8([0, h, 0])) - shape.skin(p - V8([0, h, 0])),
                           shape.skin(p + V8([0, 0, h])) - shape.skin(p - V8([0, 0, h]))) * (0.5 / h)
                p = p - g * (d * 0.8 / maximum(g.dot(g), f8(0.05)))
            }
            return SIMD3(p.x[0], p.y[0], p.z[0])
        }
    }
}
