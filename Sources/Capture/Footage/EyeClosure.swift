// How far the eyes are shut, from how high they stand open against their width.
import Foundation

enum EyeClosure {
    /// Height over width of the opening, the mean of both eyes; pixels of mesh points.
    static func ratio(_ points: [SIMD3<Float>]) -> Float {
        func distance(_ a: Int, _ b: Int) -> Float {
            let way = points[a] - points[b]
            return (way.x * way.x + way.y * way.y).squareRoot()
        }
        let each = MeshNumbers.eyes.map { e in (distance(e[1], e[5]) + distance(e[2], e[4])) / max(2 * distance(e[0], e[3]), 1e-3) }
        return each.reduce(0, +) / Float(each.count)
    }

    /// Below so much of the open eye's ratio an eye is shut, whatever the clip shows: a clip without a blink has none.
    private static let surelyShut: Float = 0.45

    /// 0 open … 1 shut for each ratio, between what the clip itself shows as open and as shut.
    static func closures(_ ratios: [Float]) -> [Float] {
        let sorted = ratios.sorted()
        guard !sorted.isEmpty else { return [] }
        func share(_ part: Double) -> Float { sorted[min(Int(part * Double(sorted.count)), sorted.count - 1)] }
        let open = share(0.6), shut = min(share(0.005), surelyShut * open)
        // What lies within the usual unrest of an open eye is open.
        let rest = max(open - share(0.3), 0.04 * open)
        return ratios.map { min(max((open - rest - $0) / max(open - rest - shut, 1e-4), 0), 1) }
    }
}
