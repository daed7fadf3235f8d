// Recorded camera paths made calmer, as the original does with `smooth_path` (engine specification, 1.12).
import Motion

enum CameraPath {
    /// Frames on either side of one that it is averaged with; fewer at the ends.
    private static let reach = 3

    /// Mean places and chordal mean rotations of neighbouring frames.
    static func smoothed(_ cameras: [Matrix4]) -> [Matrix4] {
        let turns = cameras.map { m in
            Quaternion(matrixRows: (0..<3).map { r in SIMD3(Double(m[r, 0]), Double(m[r, 1]), Double(m[r, 2])) })
        }
        return cameras.indices.map { i in
            let near = max(0, i - reach)...min(cameras.count - 1, i + reach)
            var result = rotation(mean(turns[near].map { SIMD4($0.vector) }))
            for k in 0..<3 { result[k, 3] = near.reduce(Float(0)) { $0 + cameras[$1][k, 3] } / Float(near.count) }
            return result
        }
    }

    /// The unit vector with the largest sum of squared products: opposite quaternions are one rotation.
    private static func mean(_ q: [SIMD4<Double>]) -> SIMD4<Double> {
        var v = q[q.count / 2]
        for _ in 0..<60 {
            let next = q.reduce(SIMD4<Double>.zero) { $0 + $1 * ($1 * v).sum() }
            let length = (next * next).sum().squareRoot()
            guard length > 0 else { return v }
            v = next / length
        }
        return v
    }

    private static func rotation(_ q: SIMD4<Double>) -> Matrix4 {
        let rows = Quaternion(q).matrix
        return Matrix4(rows: rows.map { SIMD4(Float($0.x), Float($0.y), Float($0.z), 0) } + [SIMD4(0, 0, 0, 1)])
    }
}
