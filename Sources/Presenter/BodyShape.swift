// Shoulders, roll-neck and neck: they stand still in the room.
import Kernels

/// The part of the presenter that does not turn with the head.
struct BodyShape: Sendable {
    @inline(__always) func map(_ p: V8) -> (distance: F8, material: F8) {
        let ax = absolute(p.x)
        var cloth = ellipsoid(p - V8(SIMD3(0, -2.85, -0.30)), SIMD3(1.66, 1.05, 0.80))
        cloth = smin(cloth, cone(V8(ax, p.y, p.z), SIMD3(0.30, -1.84, -0.34), SIMD3(1.25, -2.20, -0.34), 0.28, 0.34), 0.34)
        if any(cloth .< 0.15) {
            let (column, _) = roundToInteger(p.x * (1 / 0.085) - 0.5)
            let k = p.x * (1 / 0.085) - column - 0.5
            let row = p.y * (1 / 0.075) + 1.1 * absolute(k)
            let knit = (0.5 + 0.5 * cosine(row * 6.2832)) * (1 - 3.2 * k * k) * 0.014
            cloth = cloth - knit - 0.02 * noise3(p * 2.3)
        }
        let c0 = p - V8(SIMD3(0, -1.62, -0.24))
        let c = V8(c0.x, c0.y * 0.94 + c0.z * 0.34, c0.z * 0.94 - c0.y * 0.34)
        let ring = (c.x * c.x * 0.92 + c.z * c.z * 1.15).squareRoot() - 0.53
        var collar = (ring * ring + c.y * c.y * 0.55).squareRoot() - 0.105
        if any(collar .< 0.15) { collar = collar - 0.008 * cosine(arctangent(c.x, c.z) * 46) }
        var neck = cone(p, SIMD3(0, -0.75, -0.20), SIMD3(0, -2.0, -0.42), 0.405, 0.44)
        neck = smin(neck, cone(V8(ax, p.y, p.z), SIMD3(0.36, -0.7, -0.15), SIMD3(0.09, -1.75, 0.0), 0.07, 0.05), 0.16)
        neck = smax(neck, p.y + 0.62, 0.1)
        var d = cloth * 0.85
        var m = f8(Material.cloth)
        let isCollar = collar * 0.8 .< d
        d = select(isCollar, collar * 0.8, d)
        m = select(isCollar, f8(Material.collar), m)
        let isNeck = neck .< d
        return (select(isNeck, neck, d), select(isNeck, f8(Material.neck), m))
    }
}
