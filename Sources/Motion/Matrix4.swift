// 4×4 matrices, row-major, for camera poses.

/// A 4×4 matrix stored by rows.
public struct Matrix4: Hashable, Sendable {
    public var rows: [SIMD4<Float>]

    public init(rows: [SIMD4<Float>]) {
        precondition(rows.count == 4, "a 4x4 matrix has four rows")
        self.rows = rows
    }
    public static let identity = Matrix4(rows: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])

    public subscript(row: Int, column: Int) -> Float {
        get { rows[row][column] }
        set { rows[row][column] = newValue }
    }
    public static func * (a: Matrix4, b: Matrix4) -> Matrix4 {
        var result = Matrix4.identity
        for i in 0..<4 {
            for j in 0..<4 {
                var sum: Float = 0
                for k in 0..<4 { sum += a[i, k] * b[k, j] }
                result[i, j] = sum
            }
        }
        return result
    }
    public func transformed(_ v: SIMD4<Float>) -> SIMD4<Float> {
        SIMD4((rows[0] * v).sum(), (rows[1] * v).sum(), (rows[2] * v).sum(), (rows[3] * v).sum())
    }
    /// Inverse of a rotation followed by a translation: [Rᵀ | −Rᵀ t].
    public var rigidInverse: Matrix4 {
        var result = Matrix4.identity
        for i in 0..<3 {
            var t: Float = 0
            for j in 0..<3 {
                result[i, j] = self[j, i]
                t -= self[j, i] * self[j, 3]
            }
            result[i, 3] = t
        }
        return result
    }
}
