// The face mesh: points of a face in a square of a picture, its box and its angles.
import Engines
import Foundation
import Imaging

/// Numbers of points in the mesh.
enum MeshPoint {
    /// Outer corners of the eyes, at the viewer's left and right.
    static let leftEye = 33, rightEye = 263
    /// Where the face meets the ears.
    static let leftEdge = 234, rightEdge = 454
    /// Top of the forehead, chin.
    static let top = 10, chin = 152
    /// Corners of the mouth, at the viewer's left and right.
    static let mouthLeft = 61, mouthRight = 291
    /// The lower third of the nose ridge.
    static let noseRidge = 195
}

/// Runs the mesh. One face at a time.
package final class FaceMesh {
    private let models: FaceModels
    private let memory: LiteMemory
    /// Below it the square shows no face.
    private static let leastPresence: Float = 0.5

    package init(_ models: FaceModels) {
        self.models = models
        memory = models.mesh.makeMemory()
    }

    /// The face of a detection; nil where the mesh sees none.
    package func face(_ frame: Frame, _ detection: FaceDetection) -> FaceSighting? {
        face(frame, FaceCrop(box: detection.center, detection.size, left: detection.points[0], right: detection.points[1]))
    }
    /// The same face a little later.
    package func face(_ frame: Frame, after last: FaceSighting) -> FaceSighting? {
        let (left, right) = (last.landmarks[MeshPoint.leftEye], last.landmarks[MeshPoint.rightEye])
        return face(frame, FaceCrop(box: last.center, last.size, left: SIMD2(left.x, left.y), right: SIMD2(right.x, right.y)))
    }

    /// The face of which 68 points are known, numbered as data sets do; nil where the mesh sees none.
    package func face(_ frame: Frame, at points: [SIMD2<Float>]) -> FaceSighting? {
        guard points.count == 68 else { return nil }
        var low = points[0], high = points[0]
        for p in points { (low, high) = (SIMD2(min(low.x, p.x), min(low.y, p.y)), SIMD2(max(high.x, p.x), max(high.y, p.y))) }
        // The mesh goes on to the top of the forehead.
        low.y -= Self.forehead * (high.y - low.y)
        guard let first = face(frame, FaceCrop(box: (low + high) / 2, high - low, left: points[36], right: points[45])) else { return nil }
        // Looked at again from where it was found, as a tracker would.
        return face(frame, after: first)
    }
    /// Above the brows, of the height from brows to chin.
    private static let forehead: Float = 0.3

    /// The face in a turned square.
    package func face(_ frame: Frame, _ crop: FaceCrop) -> FaceSighting? {
        guard crop.side >= 8, crop.side.isFinite, crop.center.x.isFinite, crop.center.y.isFinite, crop.turn.isFinite else { return nil }
        let side = models.mesh.inputShape[1]
        let outputs = models.mesh.run(memory) { crop.write(frame, count: side, to: $0) }
        let presence = 1 / (1 + exp(-outputs[1][0]))
        guard presence >= Self.leastPresence else { return nil }
        let numbers = outputs[0], scale = 1 / Float(side)
        let landmarks = (0..<models.pointCount).map { k in
            let p = crop.placed(SIMD2(numbers[3 * k], numbers[3 * k + 1]) * scale - 0.5)
            return SIMD3(p.x, p.y, numbers[3 * k + 2] * scale * crop.side)
        }
        return Self.sighting(landmarks, presence)
    }

    private static func sighting(_ landmarks: [SIMD3<Float>], _ presence: Float) -> FaceSighting? {
        var low = SIMD2<Float>(repeating: .infinity), high = -low
        for p in landmarks {
            guard p.x.isFinite, p.y.isFinite, p.z.isFinite else { return nil }
            low = SIMD2(min(low.x, p.x), min(low.y, p.y))
            high = SIMD2(max(high.x, p.x), max(high.y, p.y))
        }
        guard high.x > low.x, high.y > low.y else { return nil }
        let angles = FaceAngles(landmarks)
        return FaceSighting(center: (low + high) / 2, size: high - low, landmarks: landmarks, yaw: angles.yaw, pitch: angles.pitch, roll: angles.roll, presence: presence)
    }
}

/// How a head is turned, from its mesh.
struct FaceAngles {
    var yaw: Float
    var pitch: Float
    var roll: Float

    /// The line from the forehead to the chin leans forward on a head that looks straight ahead: by the median of 46 pictures
    /// against the pose that MediaPipe fits (docs/faces.md).
    private static let lean: Float = 0.04

    init(_ p: [SIMD3<Float>]) {
        func unit(_ v: SIMD3<Float>) -> SIMD3<Float> { v / max((v * v).sum().squareRoot(), 1e-9) }
        func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> { SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x) }
        // Axes of the head: to the viewer's right, down, away from the viewer.
        let right = unit((p[MeshPoint.rightEye] - p[MeshPoint.leftEye]) + (p[MeshPoint.rightEdge] - p[MeshPoint.leftEdge]))
        let down = p[MeshPoint.chin] - p[MeshPoint.top]
        let away = unit(cross(right, unit(down - right * (right * down).sum())))
        // The face looks along −away: first turned, then raised.
        yaw = atan2(-away.x, away.z)
        let raised = asin(min(max(away.y, -1), 1))
        // Roll is what is left when both are undone.
        let across = SIMD3(cos(yaw), 0, sin(yaw)), below = SIMD3(sin(yaw) * sin(raised), cos(raised), -cos(yaw) * sin(raised))
        roll = atan2((right * below).sum(), (right * across).sum())
        pitch = raised + Self.lean
    }
}
