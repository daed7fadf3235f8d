// Tracks over real films: one face throughout, a cut to a cartoon at its very frame, nobody in a film without faces.
@testable import Faces
import Base
import Engines
import Foundation
import Media
import Testing
import TestSupport

@Suite(.serialized) struct FootageTests {
    private func look(_ path: String, frames: Int, step: Int = 1) throws -> FootageFaces {
        try FootageFaces.look(at: #require(SharedFolder.file("data/" + path)), models: RealFaces.models(), step: step) { $0 < frames }
    }

    @Test(.enabled(if: RealFaces.has("persona/may_synctalk_512_25fps.mp4"), RealFaces.missing))
    func aPortraitIsOneTrackThroughout() throws {
        let found = try look("persona/may_synctalk_512_25fps.mp4", frames: 331, step: 6)
        #expect(found.tracks.map(\.number) == [1] && found.faceless.isEmpty)
        let track = try #require(found.tracks.first)
        #expect(track.looks.count == found.moments.count && found.gaps(of: track).isEmpty)
        let heights = track.looks.map { $0.sighting.size.y }.sorted(), yaws = track.looks.map { RealFaces.degrees($0.sighting.yaw) }
        // The list of the footage says 281 pixels, and yaw from -9 to 17 by another tool.
        #expect(abs(heights[heights.count / 2] - 281) < 20)
        #expect((yaws.min() ?? 0) > -25 && (yaws.max() ?? 0) < 25)
    }

    @Test(.enabled(if: RealFaces.has("dub/cut_face_to_noface_960x540_30fps.mov"), RealFaces.missing))
    func aCutFromAFaceToACartoonIsFoundAtItsFrame() throws {
        let found = try look("dub/cut_face_to_noface_960x540_30fps.mov", frames: 84)
        #expect(found.tracks.map(\.number) == [1])
        #expect(found.moments.filter(\.isCut).map(\.frame) == [72])
        #expect(found.tracks.first?.looks.last?.frame == 71)
        #expect(found.faceless.map(\.frames) == [72...83])
    }

    @Test(.enabled(if: RealFaces.has("dub/noface_960x540_24fps.mp4"), RealFaces.missing))
    func aCartoonHasNoFace() throws {
        let found = try look("dub/noface_960x540_24fps.mp4", frames: 40, step: 8)
        #expect(found.tracks.isEmpty && found.faceless.count == 1)
    }

    @Test(.enabled(if: RealFaces.has("dub/outdoor_1280x720_30fps.mp4"), RealFaces.missing))
    func aPartOfAFilmIsLookedAtByItsTimes() throws {
        let path = try #require(SharedFolder.file("data/dub/outdoor_1280x720_30fps.mp4"))
        let found = try FootageFaces.look(at: path, models: RealFaces.models(), from: Rational(2), to: Rational(3), interval: Rational(1, 5))
        #expect(found.moments.map(\.time) == [2, 2.2, 2.4, 2.6, 2.8])
        let track = try #require(found.tracks.first)
        #expect(found.tracks.count == 1 && track.looks.count == 5)
        // A face of about 250 pixels: its mouth is a good half of it.
        for look in track.looks { #expect((120...200).contains(look.sighting.mouthWindow), "\(look.sighting.mouthWindow)") }
    }

    @Test(.enabled(if: RealFaces.has("persona/may_synctalk_512_25fps.mp4"), RealFaces.missing))
    func theSameFilmGivesTheSameBitsTwice() throws {
        let (a, b) = (try look("persona/may_synctalk_512_25fps.mp4", frames: 12), try look("persona/may_synctalk_512_25fps.mp4", frames: 12))
        #expect(a.tracks.map(\.looks) == b.tracks.map(\.looks) && !a.tracks.isEmpty)
    }

    @Test func aModelFileThatLacksTheMeshIsNamed() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faces-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("half.task").path
        try Data(StoredZip.archive([(name: "face_detector.tflite", bytes: SmallNetwork.bytes())])).write(to: URL(fileURLWithPath: path))
        do {
            _ = try FaceModels(path: path)
            Issue.record("it was read")
        } catch { #expect("\(error)".contains("half.task") && "\(error)".contains("face_landmarks_detector.tflite"), "\(error)") }
    }
}
