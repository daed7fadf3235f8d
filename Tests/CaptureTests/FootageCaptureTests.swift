// A second of real footage becomes a data set; footage that cannot is refused with words.
import Base
@testable import Capture
import Engines
import Faces
import Foundation
import Imaging
import Media
import Motion
import Speech
import Synchronization
import Testing
import TestSupport

/// The models of the shared folder, read once.
private enum Tools {
    static var areHere: Bool { ["models/face_landmarker.task", "models/selfie_segmentation.tflite", "persona/may_synctalk_512_25fps.mp4"].allSatisfy { SharedFolder.file("data/" + $0) != nil } }
    static func shared() throws -> CaptureTools {
        let models = try FaceModels(path: #require(SharedFolder.file("data/models/face_landmarker.task")))
        return CaptureTools(models: models, canonical: try #require(models.canonical), mask: try PersonMaskModel(path: #require(SharedFolder.file("data/models/selfie_segmentation.tflite"))), hearing: nil)
    }
}

@Suite(.enabled(if: Tools.areHere, "footage and models of the shared folder are not here"))
struct FootageCaptureTests {
    private func request(_ film: String, _ folder: ScratchFolder, from: Double = 0, to: Double? = nil) throws -> CaptureRequest {
        var request = CaptureRequest(film: try #require(SharedFolder.file("data/" + film)), output: folder.path + "/set")
        (request.size, request.from, request.to) = (96, from, to)
        return request
    }
    private func capture(_ request: CaptureRequest, progress: @escaping ProgressHandler = { _ in true }) throws -> CaptureNote.Found {
        try FootageCapture(request, tools: Tools.shared(), budget: ComputeBudget(threads: 2), progress: progress).run()
    }

    @Test func `a second of a person becomes a data set that footage reads`() throws {
        let folder = ScratchFolder()
        let wish = try request("persona/may_synctalk_512_25fps.mp4", folder, from: 2, to: 3.2)
        // Interrupted in the middle of the frames, it goes on.
        let count = Mutex(0)
        #expect(throws: EngineError.self) { try capture(wish) { report in report.phase != "parsing" || count.withLock { $0 += 1; return $0 < 8 } } }
        #expect(!FileManager.default.fileExists(atPath: wish.output + "/transforms_train.json"), "an interrupted set is no whole one")
        let found = try capture(wish)
        #expect(found.frames == 30 && found.seen == 30 && found.error < 0.5 && found.error < found.usualError, "\(found)")
        let footage = try DatasetFootage(path: wish.output)
        #expect(footage.train.count == 27 && footage.held.count == 3 && footage.width == 96 && footage.audioKind == LogMelExtractor.kind)
        for frame in [footage.train[3], footage.held[1]] {
            let pixels = try footage.pixels(of: frame), m = frame.cameraToWorld
            // The camera stands before the head, near enough to be a portrait.
            #expect(m[2, 3] > 0.4 && m[2, 3] < 2.5 && m[2, 2] > 0.8)
            // The tip of the nose lies on the head, the corner of the picture behind it.
            let nose = frame.landmarks[30]
            #expect(ParsingClass(rawValue: pixels.parsing[Int(nose.y) * 96 + Int(nose.x)]) == .head && pixels.parsing[2] == ParsingClass.background.rawValue)
            let counts = (0..<5).map { code in pixels.parsing.count { $0 == code } }
            #expect(counts[1] > 1500 && counts[2] > 60 && counts[3] > 100 && counts[4] > 20, "\(counts)")
            // Where the head is, the body is not drawn, but for what goes on under it.
            #expect(pixels.torso[4 * (Int(nose.y) * 96 + Int(nose.x)) + 3] == 0)
        }
        // The same wishes once more: nothing to do, the same bytes.
        let before = try Data(contentsOf: URL(fileURLWithPath: wish.output + "/transforms_train.json"))
        _ = try capture(wish)
        #expect(try Data(contentsOf: URL(fileURLWithPath: wish.output + "/transforms_train.json")) == before)
        // Another film does not go into it.
        #expect(throws: CaptureRefusal.self) { try capture(request("persona/aoc_512_25fps.mp4", folder, to: 1.4)) }
    }

    @Test(arguments: [
        ("dub/noface_960x540_24fps.mp4", "no face"), ("dub/cut_face_to_noface_960x540_30fps.mov", "cut at 2.4"),
        ("persona/presenter_garden_720x974_30fps.mp4", "silent"), ("persona/presenter_greenscreen_720x1080_25fps.mp4", "no sound"),
    ])
    func `footage that teaches nothing is refused with the reason`(film: String, words: String) throws {
        let folder = ScratchFolder()
        var wish = try request(film, folder, to: film.contains("cut") ? 4 : 2)
        // The cut film's sound begins behind the cut.
        if film.contains("dub/") { wish.sound = SharedFolder.file("data/persona/may_synctalk_512_25fps.wav") }
        do {
            _ = try capture(wish)
            Issue.record("it was captured")
        } catch let refusal as CaptureRefusal { #expect(refusal.reason.contains(words) && !refusal.advice.isEmpty, "\(refusal)") }
    }

    @Test func `an interrupted look goes on where it stopped, and the data set is the same`() throws {
        let folder = ScratchFolder()
        var wish = try request("persona/may_synctalk_512_25fps.mp4", folder, from: 2, to: 3.2)
        func looked(stop: Int) throws -> [Int] {
            let seen = Mutex<[Int]>([])
            let stopped = #expect(throws: EngineError.self) {
                try capture(wish) { report in
                    guard report.phase == "faces" else { return false }
                    seen.withLock { $0.append(report.done) }
                    return report.done < stop
                }
            }
            #expect(stopped.map { if case .interrupted = $0 { true } else { false } } == true)
            return seen.withLock { $0 }
        }
        #expect(try looked(stop: 11).first == 0)
        #expect(FileManager.default.fileExists(atPath: wish.output + "/looks"))
        #expect(try looked(stop: 20).first == 11)
        _ = try capture(wish)
        #expect(!FileManager.default.fileExists(atPath: wish.output + "/looks"), "what is done is not kept")
        let first = wish.output
        wish.output = folder.path + "/straight"
        _ = try capture(wish)
        for name in ["looks.safetensors", "transforms_train.json", "au.csv", "gt_imgs/7.jpg", "parsing/29.png"] {
            #expect(try Data(contentsOf: URL(fileURLWithPath: first + "/" + name)) == Data(contentsOf: URL(fileURLWithPath: wish.output + "/" + name)), "\(name)")
        }
    }

    /// Two films side by side, half as large; the second one's face is the larger.
    private func pair(_ path: String) throws {
        let readers = try ["persona/may_synctalk_512_25fps.mp4", "persona/aoc_512_25fps.mp4"].map { try VideoReader(path: #require(SharedFolder.file("data/" + $0))) }
        let writer = try FilmWriter(path: path, video: VideoSettings(width: 512, height: 256, rate: FrameRate(25)), audio: nil)
        for n in 0..<27 {
            var whole = Frame.filled(width: 512, height: 256, SIMD4(0, 0, 0, 1))
            for (k, reader) in readers.enumerated() {
                let place = PixelRect(x: Double(256 * k), y: 0, width: 256, height: 256)
                whole = try reader.picture(at: Rational(Int64(n), 25)).frame.drawn(into: place, canvasWidth: 512, canvasHeight: 256).over(whole)
            }
            try writer.write(whole)
        }
        try writer.finish()
    }

    @Test func `of several faces one has to be chosen; what was seen serves the choice`() throws {
        let folder = ScratchFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try pair(folder.path + "/pair.mov")
        var wish = CaptureRequest(film: folder.path + "/pair.mov", output: folder.path + "/set")
        (wish.size, wish.sound) = (96, SharedFolder.file("data/persona/may_synctalk_512_25fps.wav"))
        let several = #expect(throws: CaptureRefusal.self) { try capture(wish) }
        let refusal = try #require(several)
        #expect(refusal.reason.contains("several faces are seen: face 1 (") && refusal.reason.contains("; face 2 (") && refusal.advice.contains("--face N"), "\(refusal)")
        wish.face = 3
        let third = #expect(throws: CaptureRefusal.self) { try capture(wish) }
        let unknown = try #require(third)
        #expect(unknown.reason.contains("there is no face 3; seen are 1, 2") && unknown.advice.contains("--face"), "\(unknown)")
        // The chosen face's square lies in its own half; the film is not looked at again.
        wish.face = 2
        let again = Mutex(0)
        let found = try capture(wish) { report in
            if report.phase == "faces", report.done < report.total { again.withLock { $0 += 1 } }
            return true
        }
        #expect(again.withLock { $0 } == 0)
        #expect(found.seen == 27 && found.crop.count == 3)
        let middle = found.crop[0] + found.crop[2] / 2
        // The larger face has the lower number.
        #expect(middle < 256, "\(found.crop)")
        // By now the folder holds a data set: another face does not go into it.
        wish.face = 1
        #expect(throws: CaptureRefusal.self) { try capture(wish) }
    }

    @Test func `a part that is too short is refused, and one beyond the end`() throws {
        let folder = ScratchFolder()
        #expect(throws: CaptureRefusal.self) { try capture(request("persona/may_synctalk_512_25fps.mp4", folder, from: 1, to: 1.5)) }
        #expect(throws: CaptureRefusal.self) { try capture(request("persona/may_synctalk_512_25fps.mp4", folder, from: 60)) }
    }
}
