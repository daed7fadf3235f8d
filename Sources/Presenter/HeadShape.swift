// The head as a signed-distance field in its own space: x to the viewer's right, y up, z towards the viewer.
import Kernels

/// What a surface is made of.
enum Material {
    static let none: Float = 0, skin: Float = 1, eye: Float = 2, teeth: Float = 3, mouth: Float = 4, hair: Float = 5
    static let lash: Float = 6, cloth: Float = 7, collar: Float = 8, neck: Float = 9
}

/// The head of one frame.
struct HeadShape: Sendable {
    let rig: PresenterRig
    let mouth: MouthShape
    let eye: EyeShape

    init(_ rig: PresenterRig) {
        self.rig = rig
        mouth = MouthShape(rig)
        eye = EyeShape(rig)
    }

    /// Distance to the nearest surface and its material.
    @inline(__always) func map(_ p: V8) -> (distance: F8, material: F8) {
        var d = skin(p) * 0.85
        var m = f8(Material.skin)
        func add(_ e: F8, _ material: Float) {
            let nearer = e .< d
            d = select(nearer, e, d)
            m = select(nearer, f8(material), m)
        }
        let l = V8(absolute(p.x), p.y, p.z) - V8(EyeShape.center)
        let toEye = l.length
        add(toEye - EyeShape.radius, Material.eye)
        if any(toEye .< 0.5) { add(eye.lashes(l) * 0.8, Material.lash) }
        if mouth.isOpen { addMouthInside(p, add) }
        add(hair(p), Material.hair)
        return (d, m)
    }
    @inline(__always) func distance(_ p: V8) -> F8 { map(p).distance }

    /// The head without lids, lips and lashes: what casts soft light and shade.
    func broadDistance(_ p: V8) -> F8 {
        minimum(bareSkin(p) * 0.85, hair(p))
    }

    // MARK: skin

    /// Skull, cheeks, nose, ears, lids and lips.
    @inline(__always) func skin(_ p: V8) -> F8 {
        let bare = bareSkin(p)
        guard any(bare .< 0.45) else { return bare }
        return lips(eye.carveLids(bare, V8(absolute(p.x), p.y, p.z) - V8(EyeShape.center)), p)
    }

    @inline(__always) private func bareSkin(_ p: V8) -> F8 {
        let jaw = rig.jaw * (1 - 0.6 * rig.press)
        var q = p
        // The jaw slides down; the face narrows a little over it instead of swelling.
        let low = smoothstep(-0.42, -1.08, p.y)
        q.y = q.y + low * smoothstep(-0.5, 0.3, p.z) * (0.25 * jaw)
        q.x = q.x * (1 + smoothstep(-0.30, -0.85, p.y) * (0.10 * jaw))
        let ax = absolute(q.x)
        var d = ellipsoid(q - V8(SIMD3(0, 0.38, -0.12)), SIMD3(0.88, 0.95, 1.0))
        d = smin(d, ellipsoid(q - V8(SIMD3(0, -0.30, 0.12)), SIMD3(0.675, 0.86, 0.74)), 0.25)
        d = smin(d, ellipsoid(q - V8(SIMD3(0, -0.955, 0.51)), SIMD3(0.22, 0.19, 0.205)), 0.26)
        let lift = rig.smile * 0.05 + rig.wide * 0.02 - 0.05 * jaw
        d = smin(d, V8(ax - (0.40 + lift * 0.3), q.y + 0.30 - lift, q.z - 0.50).length - (0.265 + lift * 0.5), 0.30)
        d = smin(d, V8(ax - 0.39, q.y + 0.57, q.z - 0.06).length - (0.20 - 0.03 * jaw), 0.36)
        d = smax(d, -ellipsoid(V8(ax - 0.36, q.y - 0.05, q.z - 1.02), SIMD3(0.25, 0.19, 0.25)), 0.16)
        d = smin(d, cone(V8(ax, q.y, q.z), SIMD3(0, 0.27, 0.80), SIMD3(0.56, 0.31, 0.62), 0.07, 0.05), 0.18)
        d = smin(d, nose(V8(ax, q.y, q.z), q), 0.09)
        d = smax(d, -ellipsoid(V8(ax - 0.052, q.y + 0.435, q.z - 0.985), SIMD3(0.034, 0.026, 0.05)), 0.03)
        if any(ax .> 0.55) { d = smin(d, ear(V8(absolute(p.x), p.y, p.z)), 0.07) }
        return d
    }

    @inline(__always) private func nose(_ m: V8, _ q: V8) -> F8 {
        var n = cone(q, SIMD3(0, 0.20, 0.76), SIMD3(0, -0.28, 0.985), 0.058, 0.092)
        n = smin(n, (q - V8(SIMD3(0, -0.325, 1.015))).length - 0.108, 0.08)
        return smin(n, ellipsoid(m - V8(SIMD3(0.098, -0.362, 0.935)), SIMD3(0.060, 0.052, 0.080)), 0.045)
    }

    @inline(__always) private func ear(_ m: V8) -> F8 {
        let e = m - V8(SIMD3(0.885, -0.06, -0.10))
        let t = V8(e.x * 0.94 + e.z * 0.34, e.y, e.z * 0.94 - e.x * 0.34)
        let shell = ellipsoid(t, SIMD3(0.075, 0.25, 0.165))
        return smax(shell, -ellipsoid(e - V8(SIMD3(0.08, 0.02, -0.04)), SIMD3(0.06, 0.16, 0.095)), 0.05)
    }

    @inline(__always) private func lips(_ skin: F8, _ p: V8) -> F8 {
        let g = mouth
        let ax = absolute(p.x)
        let m = V8(ax, p.y - g.centerY, p.z)
        let near = (absolute(m.y) .< 0.62) .& (ax .< 0.6) .& (p.z .> 0.2)
        guard any(near) else { return skin }
        let beyond = maximum(ax - g.width, f8(0))
        let xc = minimum(ax, f8(g.width))
        let opening = g.lens(xc), t = xc * (1 / g.width), bend = g.bend(xc), depth = g.depth(xc)
        var d = smin(skin, ellipsoid(m - V8(SIMD3(0, -0.01 - 0.30 * g.low, 0.57)), SIMD3(0.265, 0.22 + 0.38 * g.height, 0.235)), 0.26)
        var cavity = maximum(maximum(m.y - bend - g.up * opening, -g.low * opening - m.y + bend), ax - g.width) * 0.8
        cavity = maximum(cavity, 0.30 - m.z)
        let b0 = ax * (1 / 0.045), b1 = (ax - 0.085) * (1 / 0.06)
        let bow = exp(-b0 * b0) * -0.020 + exp(-b1 * b1) * 0.014
        let ru = g.upperRadius * (1 - 0.80 * t * t), rl = g.lowerRadius * (1 - 0.82 * t * t)
        let yu = m.y - bend - g.up * opening - ru * 0.80 - bow * 0.7
        let yl = m.y - bend + g.low * opening + rl * 0.80
        let zu = m.z - depth + 0.022
        let zl = m.z - depth + (0.030 + 0.10 * g.height + 0.045 * rig.tuck)
        let upper = (yu * yu * 1.10 + zu * zu + beyond * beyond).squareRoot() - ru
        let lower = (yl * yl * 1.05 + zl * zl + beyond * beyond).squareRoot() - rl
        d = smax(d, -cavity, 0.03)
        d = smin(smin(d, upper, 0.035), lower, 0.035)
        let line = absolute(m.y - bend - (0.5 * (g.up - g.low)) * opening)
        let closed = max(0, 1 - g.height * 12)
        d = d + exp(-line * line * (1 / 0.0002)) * smoothstep(0.34, 0.2, ax) * (0.012 * closed)
        let groove = ax * (1 / 0.03)
        d = d + exp(-groove * groove) * smoothstep(0.09, 0.14, m.y) * smoothstep(0.26, 0.2, m.y) * 0.010
        return select(near, d, skin)
    }

    @inline(__always) private func addMouthInside(_ p: V8, _ add: (F8, Float) -> Void) {
        let g = mouth
        let ax = absolute(p.x)
        guard any((absolute(p.y - g.centerY) .< 0.7) .& (ax .< 0.5) .& (p.z .> 0)) else { return }
        let zc = 0.77 - 0.16 * rig.pucker - 1.1 * ax * ax
        let nz = 1 / (1 + 4.8 * ax * ax).squareRoot()
        func gap(_ pitch: Float) -> F8 {
            let (n, _) = roundToInteger(ax * (1 / pitch) - 0.5)
            return absolute(ax - (n + 0.5) * pitch) * (1 / pitch)
        }
        let upperY = absolute(p.y - (g.centerY + 0.045)) - 0.085
        var upper = maximum(maximum(upperY, absolute((p.z - zc) * nz) - 0.035), ax - 0.25) - 0.008
        upper = upper + smoothstep(0.38, 0.5, gap(0.062)) * 0.004
        add(upper * 0.8, Material.teeth)
        let lowerY = absolute(p.y - (g.centerY - g.low - 0.035)) - 0.055
        let lower = maximum(maximum(lowerY, absolute((p.z - zc + 0.05) * nz) - 0.03), ax - 0.22) - 0.008
        add(lower * 0.8, Material.teeth)
        let tongue = ellipsoid(p - V8(SIMD3(0, g.centerY - g.low * 0.80 + 0.012 + 0.13 * rig.tongue, 0.50 + 0.08 * rig.tongue)), SIMD3(0.19, 0.075, 0.27))
        add(tongue * 0.9, Material.mouth)
    }

    // MARK: hair

    /// Strand coordinates about the parting: angle around the pole and away from it.
    @inline(__always) static func strands(_ p: V8) -> (around: F8, away: F8) {
        let c = p - V8(SIMD3(0, 0.15, -0.15))
        let pole = SIMD3<Float>(-0.2733, 0.9110, 0.3097)
        let e1 = SIMD3<Float>(0.9579, 0.2874, 0), e2 = SIMD3<Float>(-0.0890, 0.2967, -0.9515)
        return (arctangent(c.dot(e2), c.dot(e1)), arccosine(c.normalized.dot(pole)))
    }

    @inline(__always) private func hairBase(_ p: V8) -> F8 {
        var h = smin(ellipsoid(p - V8(SIMD3(0, 0.40, -0.20)), SIMD3(1.04, 1.08, 1.12)), ellipsoid(p - V8(SIMD3(0, -0.42, -0.34)), SIMD3(1.06, 1.02, 0.80)), 0.35)
        let px = p.x + 0.30
        let fringe = select(px .> 0, 0.93 - 0.66 * power(px, 1.35), 0.93 - 1.25 * power(-px, 1.25))
        var face = smax((p.y - fringe) * 0.62, absolute(p.x) - 0.735 + 0.05 * smoothstep(-0.2, -0.9, p.y), 0.22)
        face = smax(face, 0.12 - p.z, 0.2)
        h = smax(h, -face, 0.13)
        var lock = cone(p, SIMD3(-0.30, 1.17, 0.60), SIMD3(0.38, 0.90, 0.68), 0.12, 0.14)
        lock = smin(lock, cone(p, SIMD3(0.38, 0.90, 0.68), SIMD3(0.85, 0.18, 0.36), 0.14, 0.08), 0.20)
        h = smin(h, lock, 0.16)
        var side = cone(p, SIMD3(-0.34, 1.16, 0.58), SIMD3(-0.74, 0.66, 0.50), 0.11, 0.11)
        side = smin(side, cone(p, SIMD3(-0.74, 0.66, 0.50), SIMD3(-0.88, -0.1, 0.26), 0.11, 0.08), 0.1)
        h = smin(h, side, 0.14)
        h = smax(h, -1.02 + 0.12 * p.z - p.y, 0.16)
        return smax(h, -ellipsoid(p - V8(SIMD3(0, -1.15, 0.25)), SIMD3(0.62, 0.9, 0.85)), 0.12)
    }

    /// Bob with a side parting; clumps are shape, single hairs are only colour. A few locks stand off the outline.
    @inline(__always) func hair(_ p: V8) -> F8 {
        let base = hairBase(p)
        guard any(base .< 0.16) else { return base - 0.06 }
        let (around, away) = Self.strands(p)
        let clump = noise2(around * 7 + 0.6 * sine(away * 2.3), away * 1.2)
        let strand = noise2(around * 26 + 1.2 * sine(away * 3), away * 2)
        let x = (p.x + 0.30) * (1 / 0.05)
        let parting = exp(-x * x) * smoothstep(0.7, 1.1, p.y) * smoothstep(-0.5, 0.3, p.z)
        var h = base + 0.042 * clump + 0.012 * strand + 0.03 * parting
        h = smin(h, cone(p, SIMD3(-1.00, -0.35, -0.12), SIMD3(-1.10, -1.04, -0.02), 0.06, 0.012), 0.05)
        h = smin(h, cone(p, SIMD3(1.00, -0.30, -0.12), SIMD3(1.12, -0.98, -0.04), 0.06, 0.010), 0.05)
        h = smin(h, cone(p, SIMD3(0.30, 1.30, 0.10), SIMD3(0.78, 1.18, 0.02), 0.05, 0.008), 0.05)
        return select(base .< 0.16, h * 0.8, base - 0.06)
    }
}
