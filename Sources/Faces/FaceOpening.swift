// How far mouth and eyes of a face stand open, by the points of its mesh.

/// Measured in a picture, in the unit of the points.
package struct FaceOpening: Sendable, Hashable {
    /// How far the lips are apart, down the face: the mean of the three pairs in their middle. Lips that are pressed can come out below 0.
    package var gap: Float
    /// What the inner edge of the lips surrounds, in square units.
    package var area: Float
    /// Height over width of the eyes' openings, the mean of both.
    package var eyes: Float

    /// Around the inside of the lips, from the corner at the viewer's left over the upper lip.
    private static let inside = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95]
    /// Upper and lower inner lip.
    private static let pairs = [(82, 87), (13, 14), (312, 317)]
    /// Outer corner, two above, inner corner, two below; then the other eye.
    private static let rims = [[33, 160, 158, 133, 153, 144], [263, 387, 385, 362, 380, 373]]
    /// On the ridge of the nose between the eyes.
    private static let noseRoot = 168

    /// Of the mesh's points, 468 or more.
    package init(_ points: [SIMD3<Float>]) {
        func place(_ index: Int) -> SIMD2<Float> { SIMD2(points[index].x, points[index].y) }
        let axis = place(MeshPoint.chin) - place(Self.noseRoot), down = axis / max((axis * axis).sum().squareRoot(), 1e-6)
        gap = Self.pairs.reduce(0) { $0 + ((place($1.1) - place($1.0)) * down).sum() } / Float(Self.pairs.count)
        var doubled: Float = 0
        for (k, index) in Self.inside.enumerated() {
            let a = place(index), b = place(Self.inside[(k + 1) % Self.inside.count])
            doubled += a.x * b.y - a.y * b.x
        }
        area = max(doubled / 2, 0)
        eyes = Self.eyes(points)
    }

    /// Height over width of the eyes' openings, the mean of both; pixels of mesh points.
    package static func eyes(_ points: [SIMD3<Float>]) -> Float {
        func distance(_ a: Int, _ b: Int) -> Float {
            let way = points[a] - points[b]
            return (way.x * way.x + way.y * way.y).squareRoot()
        }
        let each = rims.map { e in (distance(e[1], e[5]) + distance(e[2], e[4])) / max(2 * distance(e[0], e[3]), 1e-3) }
        return each.reduce(0, +) / Float(each.count)
    }
}
