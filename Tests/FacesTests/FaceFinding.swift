// What the tests on real footage share.
@testable import Faces
import Foundation
import Imaging
import Media
import Testing
import TestSupport

enum RealFaces {
    static let task = SharedFolder.file("data/models/face_landmarker.task")
    /// Said where a test is skipped.
    static let missing: Comment = "the face models or the footage of the shared folder are not here"
    static func has(_ path: String) -> Bool { task != nil && SharedFolder.file("data/" + path) != nil }
    static func models() throws -> FaceModels { try FaceModels(path: #require(task)) }
    static func still(_ path: String) throws -> Frame { try ImageFile.read(#require(SharedFolder.file("data/stills/" + path))) }
    static func degrees(_ radians: Float) -> Float { radians * 180 / .pi }
}
