// Where the camera stands, in the room and as the head sees it.
import Motion

/// The fixed camera of the stage, and the frame in which the head is rigid.
package struct PresenterCamera: Sendable, Hashable {
    /// Picture width and height in pixels.
    package let size: Int
    /// Focal length in pixels.
    package let focal: Float

    /// Position in the room, model units; it looks along −z.
    static let position = SIMD3<Float>(0, -0.36, 9.2)
    /// Half the picture's width at distance 1.
    static let halfWidth: Float = 1.93 / 9.2
    /// The head turns about the top of the neck.
    static let pivot = SIMD3<Float>(0, -1.0, -0.25)
    /// Origin of the data set's head frame: the middle of what a camera sees of the head.
    static let origin = SIMD3<Float>(0, 0.05, 0.15)
    /// Data set units a model unit: the visible head fills the box of ±0.25 × ±0.25 × ±0.125 (spec 1.2, scale 4).
    package static let scale: Float = 0.12

    init(size: Int) {
        self.size = size
        focal = Float(size) / 2 / Self.halfWidth
    }

    /// Rows of the head's rotation, and its shift, from head to room.
    static func headToRoom(_ pose: HeadPose) -> (rows: [SIMD3<Float>], shift: SIMD3<Float>) {
        let rows = pose.rotation.matrix.map { SIMD3<Float>(Float($0.x), Float($0.y), Float($0.z)) }
        return (rows, pose.translation / centimetresPerUnit)
    }

    /// A point of the head in the room.
    static func place(_ p: SIMD3<Float>, _ pose: HeadPose) -> SIMD3<Float> {
        let (r, shift) = headToRoom(pose)
        let q = p - pivot
        return SIMD3((r[0] * q).sum(), (r[1] * q).sum(), (r[2] * q).sum()) + pivot + shift
    }

    /// Camera-to-world as `transforms_*.json` wants it: the head stands still and the camera moves.
    package func cameraToWorld(_ pose: HeadPose) -> Matrix4 {
        let eye = rayOrigin(pose)
        let (r, _) = Self.headToRoom(pose)
        let t = (eye - Self.origin) * Self.scale
        // The camera's axes are the room's axes seen from the head: the transposed rotation.
        return Matrix4(rows: [
            [r[0].x, r[1].x, r[2].x, t.x],
            [r[0].y, r[1].y, r[2].y, t.y],
            [r[0].z, r[1].z, r[2].z, t.z],
            [0, 0, 0, 1],
        ])
    }

    /// The camera's position in head space, model units.
    func rayOrigin(_ pose: HeadPose) -> SIMD3<Float> {
        let (r, shift) = Self.headToRoom(pose)
        return Self.turnedBack(Self.position - Self.pivot - shift, r) + Self.pivot
    }
    /// Rᵀ v.
    static func turnedBack(_ v: SIMD3<Float>, _ r: [SIMD3<Float>]) -> SIMD3<Float> { r[0] * v.x + r[1] * v.y + r[2] * v.z }

    /// Pixel position of a point of the head.
    func project(_ p: SIMD3<Float>, _ pose: HeadPose) -> SIMD2<Float> {
        let w = Self.place(p, pose) - Self.position
        return SIMD2(Float(size) / 2 + focal * w.x / -w.z, Float(size) / 2 - focal * w.y / -w.z)
    }
}
