// `studio faces` and the face rules of lint, on real footage and without a model.
import Base
import Faces
import Foundation
import SceneModel
@testable import StudioKit
import Testing
import TestSupport

@Suite(.serialized) struct FaceWorkTests {
    private static let film = SharedFolder.file("data/dub/outdoor_1280x720_30fps.mp4")
    private static let model = SharedFolder.file("data/models/face_landmarker.task")
    private static let missing: Comment = "the face models or the footage of the shared folder are not here"
    private static let isThere = film != nil && model != nil

    @Test(.enabled(if: isThere, missing)) func aReportTellsSizesAnglesAndFrames() throws {
        let film = try #require(Self.film)
        let found = try FaceWork.look(at: film, model: Self.model, step: 45) { _ in true }
        let report = FaceWork.report(found, file: "film.mp4", model: "faces.task")
        #expect(report.looked == 4 && report.width == 1280 && report.faces.count == 1 && report.cuts.isEmpty && report.faceless.isEmpty)
        let face = try #require(report.faces.first)
        #expect(face.number == 1 && face.firstFrame == 0 && face.lastFrame == 135 && face.looks.count == 4)
        #expect((220...280).contains(face.height.median) && face.mouth.median < face.height.median && face.yaw.median < -10)
        #expect(report.text.hasPrefix("film.mp4: 4 pictures of 1280x720, 1 face\nface 1  frames 0-135 (0.00-4.50 s), seen in 4\n"), "\(report.text)")
        let read = try JSONDecoder().decode(FaceReport.self, from: Data(report.json().utf8))
        #expect(read.faces.first?.looks.map(\.frame) == [0, 45, 90, 135])
        let sheet = try FaceSheet.draw(found, path: film)
        #expect(sheet.width > 800 && sheet.height > 300)
        // The box around the face is there in its colour.
        var marked = 0
        sheet.withPixels { p in for i in 0..<(sheet.width * sheet.height) where abs(p[4 * i] - 1) < 0.01 && abs(p[4 * i + 1] - 0.75) < 0.01 && abs(p[4 * i + 2] - 0.2) < 0.01 { marked += 1 } }
        #expect(marked > 100)
    }

    @Test(.enabled(if: isThere, missing)) func lintLooksAtTheFaceUnderADubbedLine() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faces-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("models"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let cut = try #require(SharedFolder.file("data/dub/cut_face_to_noface_960x540_30fps.mov"))
        try FileManager.default.copyItem(atPath: cut, toPath: folder.appendingPathComponent("cut.mov").path)
        try Data(PlainMedia.speechLike(seconds: 2)).write(to: folder.appendingPathComponent("line.wav"))
        let scene = folder.appendingPathComponent("dub.scene").path
        try "audio line = \"line.wav\"\nvideo talk = \"cut.mov\"\nshot { footage talk { dub line at 1.2s } }\n".write(toFile: scene, atomically: true, encoding: .utf8)
        func findings() throws -> [String] { LanguageWork.lint(try LanguageWork.read(scene), LintOptions()).filter { $0.id.contains("face") }.map { "\($0.id): \($0.message)" } }
        // A model of this machine may be found above the current folder or the program: only one beside the footage is sure.
        try FileManager.default.copyItem(atPath: #require(Self.model), toPath: folder.appendingPathComponent("models/face_landmarker.task").path)
        let first = try findings()
        #expect(first == ["faceless-stretch: a face is not seen from 2.4s to 3.2s of the footage: the lips stay as they are there"], "\(first)")
        // Remembered: the same words, whatever the film holds by now is not read again.
        let start = ProcessInfo.processInfo.systemUptime
        #expect(try findings() == first)
        #expect(ProcessInfo.processInfo.systemUptime - start < 3)
    }

    @Test(.enabled(if: isThere, missing)) func aDamagedModelIsANoteNotATrap() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faces-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("models"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let film = folder.appendingPathComponent("film.mp4").path
        try FileManager.default.copyItem(atPath: #require(Self.film), toPath: film)
        try Data([1, 2, 3]).write(to: folder.appendingPathComponent("models/faces.task"))
        guard case .unreadable(let reason) = FaceLooking.knowledge(of: film, during: TimeRange(start: .zero, end: Rational(1))) else {
            Issue.record("it was used")
            return
        }
        #expect(reason.contains("faces.task"))
        #expect(throws: StudioFailure.self) { _ = try FaceWork.look(at: film, model: folder.appendingPathComponent("models/faces.task").path, step: 1) { _ in true } }
    }

    @Test func aFilmThatIsNotThereIsNamedBeforeAnyModelIsSought() {
        do {
            _ = try FaceWork.look(at: "no-such-film.mp4", model: "no-such-model.task", step: 1) { _ in true }
            Issue.record("it was looked at")
        } catch { #expect("\(error)".contains("no-such-film.mp4")) }
    }
}
