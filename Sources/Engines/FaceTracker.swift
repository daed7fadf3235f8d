// The contract of what finds and follows faces, and what it finds.
import Base
import Imaging

/// A face in one picture.
package struct FaceSighting: Sendable, Hashable {
    /// Middle and sides of the box around all landmarks, in pixels of the picture; row 0 is the top.
    package var center: SIMD2<Float>
    package var size: SIMD2<Float>
    /// Points of the face mesh in pixels: x to the right, y down, z away from the viewer in the same unit, about 0 at the ears.
    package var landmarks: [SIMD3<Float>]
    /// Radians, as the scene language counts: yaw towards the viewer's right, pitch up, roll clockwise as the viewer sees it.
    package var yaw: Float
    package var pitch: Float
    package var roll: Float
    /// 0…1: how sure the mesh is that it looks at a face.
    package var presence: Float

    /// All as above, in pixels and radians.
    package init(center: SIMD2<Float>, size: SIMD2<Float>, landmarks: [SIMD3<Float>], yaw: Float, pitch: Float, roll: Float, presence: Float) {
        self.center = center
        self.size = size
        self.landmarks = landmarks
        self.yaw = yaw
        self.pitch = pitch
        self.roll = roll
        self.presence = presence
    }

    /// Common part of two boxes over their union, 0…1.
    package func overlap(_ other: FaceSighting) -> Float {
        let width = min(center.x + size.x / 2, other.center.x + other.size.x / 2) - max(center.x - size.x / 2, other.center.x - other.size.x / 2)
        let height = min(center.y + size.y / 2, other.center.y + other.size.y / 2) - max(center.y - size.y / 2, other.center.y - other.size.y / 2)
        guard width > 0, height > 0 else { return 0 }
        let common = width * height
        return common / (size.x * size.y + other.size.x * other.size.y - common)
    }
}

/// A face with the number of its track: the same person while nothing tells otherwise. Numbers begin at 1 and are never given twice.
package struct TrackedFace: Sendable, Hashable {
    package var number: Int
    package var sighting: FaceSighting
    /// A number and what was seen of it.
    package init(number: Int, sighting: FaceSighting) {
        self.number = number
        self.sighting = sighting
    }
}

/// Finds the faces of pictures that come in order of time.
package protocol FaceTracker: AnyObject {
    /// Faces of the next picture by number; `time` in seconds.
    func faces(in picture: Frame, at time: Double) -> [TrackedFace]
    /// The last picture did not follow the one before it: a cut. Numbers from before it are not given again.
    var hasJustCut: Bool { get }
}

/// One face over a film, made of what was seen at some of its frames.
package struct FaceTrack: Sendable {
    /// One look at it.
    package struct Look: Sendable, Hashable {
        /// Number of the frame in the film, from 0.
        package var frame: Int
        /// Seconds of the film's clock.
        package var time: Double
        package var sighting: FaceSighting
        /// All as above.
        package init(frame: Int, time: Double, sighting: FaceSighting) {
            self.frame = frame
            self.time = time
            self.sighting = sighting
        }
    }
    package var number: Int
    /// In order of time.
    package var looks: [Look]
    /// A number and its looks in order of time.
    package init(number: Int, looks: [Look]) {
        self.number = number
        self.looks = looks
    }
}
