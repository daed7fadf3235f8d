// Lids, eyeballs and lashes. Both eyes are drawn from one: x is mirrored.
import Kernels

/// The eye region of one frame.
struct EyeShape: Sendable {
    static let radius: Float = 0.282
    static let center = SIMD3<Float>(0.372, 0.02, 0.560)
    /// A relaxed lid covers the top of the iris; 0 is shut.
    let open: Float
    let smile: Float

    init(_ rig: PresenterRig) {
        open = (1 - rig.blink) * 0.84
        smile = rig.smile
    }

    @inline(__always) private func arch(_ x: F8) -> F8 { maximum(1 - (x * (1 / 0.90)) * (x * (1 / 0.90)), f8(0)) }
    /// Height of the upper lid's edge over x, in radii of the eye.
    @inline(__always) func upperLid(_ x: F8, open: Float) -> F8 {
        let s = arch(x)
        let raised = power(s, 0.58) * 0.385 - 0.01 + x * 0.10
        let shut = -0.30 * s + x * 0.06 - 0.05
        return shut + (raised - shut) * open
    }
    @inline(__always) func upperLid(_ x: F8) -> F8 { upperLid(x, open: open) }
    @inline(__always) func lowerLid(_ x: F8) -> F8 {
        -(0.47 - 0.12 * (1 - open)) * power(arch(x), 0.8) + x * 0.07 + 0.05 * smile
    }

    /// The lid as part of the skin: union with `skin`, opening cut out.
    @inline(__always) func carveLids(_ skin: F8, _ l: V8) -> F8 {
        let distance = l.length
        let near = distance .< 0.6
        guard any(near) else { return skin }
        let x = l.x * (1 / Self.radius), y = l.y * (1 / Self.radius)
        let edge = upperLid(x)
        // Beyond the corners the two lids meet: nothing is cut out there.
        var inside = minimum(minimum(edge - y, y - lowerLid(x)), 0.90 - absolute(x)) * (Self.radius * 0.8)
        inside = select(l.z .< 0, f8(-1), inside)
        var lid = distance - (Self.radius + 0.030)
        let crease = (y - (upperLid(x, open: 1) + 0.20) * (0.65 - 0.3 * (1 - open)) - (edge + 0.34) * (0.35 + 0.3 * (1 - open))) * (1 / 0.07)
        lid = lid + select(l.z .> 0, exp(-crease * crease) * 0.012, f8(0))
        var d = smin(skin, lid, 0.10)
        d = smax(d, inside, 0.018)
        d = smax(d, -(distance - Self.radius + 0.004), 0.004)
        return select(near, d, skin)
    }

    /// A tapered fringe along the upper lid; length in soft clusters, longest at the outer corner.
    @inline(__always) func lashes(_ l: V8) -> F8 {
        let x = clamp(l.x * (1 / Self.radius), -0.62, 0.88)
        let y = upperLid(x)
        let z = maximum(1.21 - x * x - y * y, f8(0.02)).squareRoot()
        let root = V8(x, y, z) * Self.radius
        let along = V8(x * 0.55 + 0.08, f8(-0.30 + 0.75 * open), f8(0.85)).normalized
        let cluster = sine(x * 31 + 0.7) * 0.5 + 0.5
        let length = (0.06 + 0.24 * saturate((x + 0.55) * 0.75)) * (0.72 + 0.28 * cluster) * Self.radius
        let q = l - root
        let t = clamp(q.dot(along), 0, 1)
        let reach = minimum(t, length)
        // Curled: the tip rises with the square of the way.
        let tip = V8(q.x - along.x * reach, q.y - along.y * reach - reach * reach * 1.8, q.z - along.z * reach)
        return tip.length - 0.012 * (1 - 0.85 * reach / length) - 0.002
    }
}

@inline(__always) func any(_ mask: SIMDMask<SIMD8<Int32>>) -> Bool {
    let zero = SIMD8<Int32>(repeating: 0)
    return zero.replacing(with: -1, where: mask) != zero
}
