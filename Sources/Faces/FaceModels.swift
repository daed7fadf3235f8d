// The networks of a face model file: a detector and a mesh.
import Base
import Foundation
import Tensors

/// A `.task` archive (any ZIP that holds both networks): the BlazeFace detector for near faces and the face mesh of 468 or 478 points.
package final class FaceModels: Sendable {
    package let path: String
    let detector: LiteNetwork
    let mesh: LiteNetwork
    /// Points that the mesh places: 468, or 478 with the irises.
    package let pointCount: Int
    /// The face that the mesh's points are numbered on; nil where the archive brings none.
    package let canonical: CanonicalFace?
    /// Of the file's bytes: part of the key of everything that was made with it.
    package let contentKey: ContentKey

    /// Names under which the published archives hold the two.
    private static let detectorNames = ["face_detector.tflite", "face_detection_short_range.tflite"]
    private static let meshNames = ["face_landmarks_detector.tflite", "face_landmark.tflite"]
    private static let canonicalName = "geometry_pipeline_metadata_landmarks.binarypb"

    /// Reads an archive; errors name the file and what it lacks.
    package init(path: String) throws(CheckpointError) {
        self.path = path
        let bytes = try ByteReader.load(path, limit: 256 << 20)
        let archive = try ZipArchive(path: path, bytes: bytes)
        detector = try Self.network(archive, path, Self.detectorNames)
        mesh = try Self.network(archive, path, Self.meshNames)
        guard detector.inputShape == [1, 128, 128, 3], detector.outputShapes == [[1, FaceAnchors.count, 16], [1, FaceAnchors.count, 1]] else {
            throw .wrongShape(path: path, key: "the detector's outputs", expected: "16 and 1 numbers at \(FaceAnchors.count) places of 128x128", found: detector.outputShapes.flatMap { $0 })
        }
        let shape = mesh.inputShape, points = mesh.outputShapes.first?.reduce(1, *) ?? 0
        guard shape.count == 4, shape[1] == shape[2], (64...1024).contains(shape[1]), shape[3] == 3, points == 468 * 3 || points == 478 * 3, mesh.outputShapes.count >= 2, mesh.outputShapes[1].reduce(1, *) == 1 else {
            throw .wrongShape(path: path, key: "the mesh's outputs", expected: "468 or 478 points and one number", found: mesh.outputShapes.flatMap { $0 })
        }
        pointCount = points / 3
        canonical = try archive.entry(Self.canonicalName).map { entry throws(CheckpointError) in try CanonicalFace(message: archive.contents(entry), path: "\(path): \(Self.canonicalName)") }
        var key = ContentKey("face models")
        key.mix(bytes: bytes)
        contentKey = key
    }

    private static func network(_ archive: ZipArchive, _ path: String, _ names: [String]) throws(CheckpointError) -> LiteNetwork {
        for name in names {
            guard let entry = archive.entry(name) else { continue }
            return try LiteNetwork(bytes: archive.contents(entry), path: "\(path): \(name)")
        }
        throw .missing(path: path, key: names[0])
    }
}
