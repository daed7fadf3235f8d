// Unit quaternions: rotation is interpolated on the sphere, so that no path wobbles at large angles.
import Foundation

/// A rotation.
package struct Quaternion: Hashable, Sendable {
    /// (x, y, z, w), unit length.
    package var vector: SIMD4<Double>

    package init(_ vector: SIMD4<Double>) {
        let length = (vector * vector).sum().squareRoot()
        self.vector = length > 1e-12 ? vector / length : [0, 0, 0, 1]
    }
    package static let identity = Quaternion([0, 0, 0, 1])

    package init(axis: SIMD3<Double>, angle: Double) {
        let s = sin(angle / 2)
        self.init(SIMD4(axis.x * s, axis.y * s, axis.z * s, cos(angle / 2)))
    }

    package static func * (a: Quaternion, b: Quaternion) -> Quaternion {
        let (p, q) = (a.vector, b.vector)
        return Quaternion([
            p.w * q.x + p.x * q.w + p.y * q.z - p.z * q.y,
            p.w * q.y - p.x * q.z + p.y * q.w + p.z * q.x,
            p.w * q.z + p.x * q.y - p.y * q.x + p.z * q.w,
            p.w * q.w - p.x * q.x - p.y * q.y - p.z * q.z,
        ])
    }

    /// The shorter arc from one rotation to another, at fraction `t`.
    package static func slerp(_ a: Quaternion, _ b: Quaternion, _ t: Double) -> Quaternion {
        var target = b.vector
        var cosine = (a.vector * target).sum()
        if cosine < 0 { target = -target; cosine = -cosine }
        if cosine > 0.9995 { return Quaternion(a.vector + (target - a.vector) * t) }
        let angle = acos(min(cosine, 1))
        return Quaternion((a.vector * sin((1 - t) * angle) + target * sin(t * angle)) / sin(angle))
    }

    /// Head rotation from the language's angles: yaw about y, then pitch about x, then roll about z.
    ///
    /// Axes: x to the viewer's right, y up, z towards the viewer. Positive pitch looks up and positive roll tilts
    /// clockwise as the viewer sees it, so both turn against the right-hand rule.
    package init(yaw: Double, pitch: Double, roll: Double) {
        self = Quaternion(axis: [0, 1, 0], angle: yaw) * Quaternion(axis: [1, 0, 0], angle: -pitch)
            * Quaternion(axis: [0, 0, 1], angle: -roll)
    }

    /// The angles that `init(yaw:pitch:roll:)` takes; pitch within ±90°.
    package var angles: (yaw: Double, pitch: Double, roll: Double) {
        let m = matrix
        let pitch = asin(max(-1, min(1, m[1][2])))
        let yaw = atan2(m[0][2], m[2][2])
        let roll = -atan2(m[1][0], m[1][1])
        return (yaw, pitch, roll)
    }

    /// From the rows of a rotation matrix.
    package init(rotationRows m: [SIMD3<Double>]) {
        precondition(m.count == 3, "a rotation matrix has three rows")
        // The largest of the four parts is found first: nothing is divided by a number near zero.
        let parts = [m[0].x - m[1].y - m[2].z, m[1].y - m[0].x - m[2].z, m[2].z - m[0].x - m[1].y, m[0].x + m[1].y + m[2].z]
        let best = parts.indices.max { parts[$0] < parts[$1] } ?? 3
        let s = 2 * max(1 + parts[best], 1e-12).squareRoot()
        switch best {
        case 0: self.init(SIMD4(s / 4, (m[0].y + m[1].x) / s, (m[0].z + m[2].x) / s, (m[2].y - m[1].z) / s))
        case 1: self.init(SIMD4((m[0].y + m[1].x) / s, s / 4, (m[1].z + m[2].y) / s, (m[0].z - m[2].x) / s))
        case 2: self.init(SIMD4((m[0].z + m[2].x) / s, (m[1].z + m[2].y) / s, s / 4, (m[1].x - m[0].y) / s))
        default: self.init(SIMD4((m[2].y - m[1].z) / s, (m[0].z - m[2].x) / s, (m[1].x - m[0].y) / s, s / 4))
        }
    }

    /// Rows of the rotation matrix.
    package var matrix: [SIMD3<Double>] {
        let (x, y, z, w) = (vector.x, vector.y, vector.z, vector.w)
        return [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    }
}

extension HeadPose {
    /// The rotation of the head.
    package var rotation: Quaternion { Quaternion(yaw: Double(yaw), pitch: Double(pitch), roll: Double(roll)) }

    package init(rotation: Quaternion, translation: SIMD3<Float>) {
        let (yaw, pitch, roll) = rotation.angles
        self.init(yaw: Float(yaw), pitch: Float(pitch), roll: Float(roll), translation: translation)
    }

    /// One motion on top of another: angles and offsets add up channel by channel (scene language, section 4).
    package static func + (a: HeadPose, b: HeadPose) -> HeadPose {
        HeadPose(yaw: a.yaw + b.yaw, pitch: a.pitch + b.pitch, roll: a.roll + b.roll, translation: a.translation + b.translation)
    }
}
