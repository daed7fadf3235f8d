// A head before a camera: where its points are seen, and how that changes.
import Foundation
import Motion

/// Where a head is, in the camera's frame (x right, y up, looking along −z): rows of its rotation, and its origin in centimetres.
struct PlacedHead: Sendable, Hashable {
    var rows: [SIMD3<Double>]
    var shift: SIMD3<Double>

    init(rotation: Quaternion, shift: SIMD3<Double>) {
        rows = rotation.matrix
        self.shift = shift
    }

    func turned(_ p: SIMD3<Double>) -> SIMD3<Double> { SIMD3((rows[0] * p).sum(), (rows[1] * p).sum(), (rows[2] * p).sum()) }

    /// A small turn (radians about the camera's axes) and a small shift on top.
    mutating func move(turn: SIMD3<Double>, shift by: SIMD3<Double>) {
        let angle = (turn * turn).sum().squareRoot()
        if angle > 1e-14 { rows = (Quaternion(axis: turn / angle, angle: angle) * Quaternion(rotationRows: rows)).matrix }
        shift += by
    }
}

/// A camera without lens faults whose middle is the picture's.
struct HeadCamera: Sendable, Hashable {
    /// Pixels.
    var focal: Double
    var size: Double

    /// Pixel place of a point in the camera's frame; nil behind the camera.
    func place(_ p: SIMD3<Double>) -> SIMD2<Double>? {
        guard p.z < -1 else { return nil }
        return SIMD2(size / 2 + focal * p.x / -p.z, size / 2 - focal * p.y / -p.z)
    }

    /// How column and row change with the point's three coordinates.
    func slopes(_ p: SIMD3<Double>) -> (SIMD3<Double>, SIMD3<Double>) {
        let near = focal / -p.z
        return (SIMD3(near, 0, near * p.x / -p.z), SIMD3(0, -near, -near * p.y / -p.z))
    }

    /// Camera-to-world of the data set layout: the head stands still. `frame` is the world's in the head's own.
    func cameraToWorld(_ head: PlacedHead, in frame: HeadFrame) -> Matrix4 {
        let t = (head.shift + head.turned(frame.origin)) * frame.unitsPerCentimetre
        // The head's axes, raised as the frame is: R · Rx(lean).
        let (c, s) = (cos(frame.lean), sin(frame.lean))
        let r = head.rows.map { SIMD3($0.x, $0.y * c + $0.z * s, $0.z * c - $0.y * s) }
        // Rᵀ, and −Rᵀ t.
        func row(_ k: Int) -> SIMD4<Float> {
            let column = SIMD3(r[0][k], r[1][k], r[2][k])
            return SIMD4(Float(column.x), Float(column.y), Float(column.z), Float(-(column * t).sum()))
        }
        return Matrix4(rows: [row(0), row(1), row(2), SIMD4(0, 0, 0, 1)])
    }
}

/// The world of a captured data set in the frame of the usual face.
struct HeadFrame: Sendable, Hashable {
    /// Centimetres of the usual face.
    var origin: SIMD3<Double>
    /// Radians by which the world looks up in the usual face's frame.
    var lean: Double
    var unitsPerCentimetre: Double

    /// A place of the usual face in the world: Rx(−lean) (p − origin), scaled.
    func placed(_ p: SIMD3<Double>) -> SIMD3<Double> {
        let q = p - origin, (c, s) = (cos(lean), sin(lean))
        return SIMD3(q.x, q.y * c + q.z * s, q.z * c - q.y * s) * unitsPerCentimetre
    }
}
