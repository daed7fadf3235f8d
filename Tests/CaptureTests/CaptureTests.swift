// Laws of the stage and of the data set folder.
import Base
@testable import Capture
import Engines
import Foundation
import Media
import Motion
import Presenter
import Speech
import Synchronization
import Tensors
import Testing

/// A folder that goes away with the test.
final class ScratchFolder: Sendable {
    let path = NSTemporaryDirectory() + "studio-capture-" + UUID().uuidString
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct StageTests {
    static let plan = StagePlan(seconds: 1, size: 64, seed: 3, heldOut: true)

    @Test func `the same plan gives the same take, another seed another one`() throws {
        let (a, b) = (try StageScript(Self.plan), try StageScript(Self.plan))
        var other = Self.plan
        other.seed = 4
        let c = try StageScript(other)
        #expect(a.rigs == b.rigs && a.sound == b.sound)
        #expect(a.rigs.map(\.pose) != c.rigs.map(\.pose))
    }

    @Test func `training never hears the held voices and lines`() {
        #expect(Set(StageScript.trainVoices).isDisjoint(with: StageScript.heldVoices))
        #expect(Set(StageText.lines).isDisjoint(with: StageText.heldLines))
    }

    @Test func `a take covers turns, blinks and mouths, and shuts the mouth in pauses`() throws {
        let script = try StageScript(StagePlan(seconds: 60, size: 64, seed: 7))
        let yaw = script.rigs.map(\.pose.yaw), blink = script.rigs.map(\.blink), jaw = script.rigs.map { $0.jaw * (1 - $0.press) }
        #expect((yaw.max() ?? 0) > 0.26 && (yaw.min() ?? 0) < -0.26)
        #expect(blink.max() == 1 && blink.min() == 0)
        #expect(blink.contains { $0 > 0.3 && $0 < 0.7 })
        #expect((jaw.max() ?? 0) > 0.5)
        #expect(jaw.filter { $0 < 0.02 }.count > script.rigs.count / 20)
        #expect(script.trainCount > 60 * 25 && script.trainCount < script.rigs.count)
        // A tenth of the take, at least, is held back.
        #expect(script.rigs.count - script.trainCount >= script.trainCount / 11)
    }

    @Test func `composed sentences differ and end as sentences`() {
        let lines = (0..<200).map { StageText.composed($0, seed: 5) }
        #expect(Set(lines).count > 195)
        #expect(lines.allSatisfy { $0.hasSuffix(".") && $0.split(separator: " ").count > 4 })
    }

    @Test func `impossible plans are refused before anything is written`() {
        let folder = ScratchFolder()
        for plan in [StagePlan(seconds: 0, size: 64), StagePlan(seconds: 1, size: 100), StagePlan(seconds: 1, size: 8)] {
            #expect(throws: EngineError.self) { try StageProducer(plan: plan, folder: folder.path).run(budget: .single) { _ in true } }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func `lessons carry mouths with their sound, and noise keeps the length`() throws {
        let lessons = SpeechLessons(steps: (0..<20).map { [Float](repeating: Float($0), count: 32) }, loudness: [Float](repeating: 1, count: 20), mouths: [[Float]](repeating: [0, 0, 0, 0, 0, 0, 0], count: 10))
        let lesson = lessons.lesson(nil)
        #expect(lesson.features.rows.count == lesson.mouth.count)
        // Row 4 holds step 8 at slot 8.
        #expect(lesson.features.rows[4][8] == 8)
        let samples = [Float](repeating: 0.25, count: 320)
        let (a, b) = (SpeechLessons.recorded(samples, SeededRandom(seed: 1)), SpeechLessons.recorded(samples, SeededRandom(seed: 1)))
        let same = a == b && a.count == samples.count
        #expect(same)
    }
}

@Suite(.serialized) struct DatasetTests {
    static let plan = StagePlan(seconds: 1, size: 64, seed: 3, heldOut: true)

    /// A take of a few seconds at 64 pixels, shot once for all tests.
    static let shot: (folder: ScratchFolder, count: Int)? = {
        let folder = ScratchFolder()
        guard let count = try? StageProducer(plan: plan, folder: folder.path).run(budget: ComputeBudget(threads: 2), progress: { _ in true }) else { return nil }
        return (folder, count)
    }()

    @Test func `what the stage writes, the loader reads`() throws {
        let shot = try #require(Self.shot)
        let footage = try DatasetFootage(path: shot.folder.path)
        let script = try StageScript(Self.plan)
        #expect(footage.train.isEmpty && footage.held.count == shot.count && shot.count == script.rigs.count)
        #expect(footage.width == 64 && footage.height == 64 && footage.center == SIMD2(32, 32))
        #expect(footage.audioKind == LogMelExtractor.kind)
        let renderer = PresenterRenderer(size: 64)
        #expect(footage.focal == renderer.camera.focal)
        #expect(footage.background == renderer.background)
        for (frame, rig) in zip(footage.held, script.rigs) {
            #expect(frame.cameraToWorld == renderer.camera.cameraToWorld(rig.pose))
            #expect(abs(frame.eyeClosure - rig.blink) < 1e-4)
        }
        let features = try LogMelExtractor().features(of: script.sound, frameCount: shot.count, framesPerSecond: Rational(25))
        let same = features == footage.features
        #expect(same)
    }

    @Test func `pixels are the presenter's`() throws {
        let shot = try #require(Self.shot)
        let footage = try DatasetFootage(path: shot.folder.path)
        let script = try StageScript(Self.plan)
        let index = 12
        let truth = PresenterRenderer(size: 64).render(script.rigs[index])
        let frame = footage.held[index]
        let pixels = try footage.pixels(of: frame)
        #expect(pixels.parsing == truth.parsing)
        #expect(Set(pixels.parsing).isSuperset(of: [0, 1, 3]))
        #expect(pixels.torso == truth.torso)
        // JPEG at its best quality.
        let worst = zip(pixels.image, truth.rgb).map { abs(Int($0) - Int($1)) }.reduce(0, +)
        #expect(Double(worst) / Double(truth.rgb.count) < 1.6)
        for (a, b) in zip(frame.landmarks, truth.landmarks) { #expect(abs(a.x - b.x) < 0.001 && abs(a.y - b.y) < 0.001) }
    }

    @Test func `a stopped shoot goes on where it stopped, with the same pictures`() throws {
        let shot = try #require(Self.shot)
        let folder = ScratchFolder()
        let stop = AtomicCounter()
        let stopped = #expect(throws: EngineError.self) {
            try StageProducer(plan: Self.plan, folder: folder.path).run(budget: .single) { _ in stop.take() < 4 }
        }
        guard case .interrupted = stopped else { Issue.record("stopped with \(String(describing: stopped))"); return }
        let done = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/parsing")
        #expect(done.count == 5)
        let kept = folder.path + "/gt_imgs/1.jpg"
        let before = try FileManager.default.attributesOfItem(atPath: kept)[.systemFileNumber] as? Int
        try StageProducer(plan: Self.plan, folder: folder.path).run(budget: .single) { _ in true }
        let after = try FileManager.default.attributesOfItem(atPath: kept)[.systemFileNumber] as? Int
        #expect(before == after && before != nil)
        for name in ["gt_imgs/1.jpg", "gt_imgs/20.jpg", "parsing/30.png", "torso_imgs/30.png", "aud_mel.npy", "transforms_val.json"] {
            #expect(FileManager.default.contents(atPath: folder.path + "/" + name) == FileManager.default.contents(atPath: shot.folder.path + "/" + name), "\(name)")
        }
    }

    @Test func `another take does not go into a used folder`() throws {
        let shot = try #require(Self.shot)
        var other = Self.plan
        other.seed = 99
        #expect(throws: EngineError.self) { try StageProducer(plan: other, folder: shot.folder.path).run(budget: .single) { _ in true } }
    }

    /// A copy of the take with one file spoilt.
    static func spoilt(_ name: String, _ content: String?) throws -> ScratchFolder {
        let shot = try #require(Self.shot)
        let folder = ScratchFolder()
        try FileManager.default.copyItem(atPath: shot.folder.path, toPath: folder.path)
        try FileManager.default.removeItem(atPath: folder.path + "/" + name)
        if let content { try content.write(toFile: folder.path + "/" + name, atomically: true, encoding: .utf8) }
        return folder
    }

    @Test(arguments: [
        ("transforms_train.json", nil), ("transforms_val.json", "{"), ("transforms_val.json", #"{"focal_len":0,"cx":1,"cy":1,"frames":[]}"#),
        ("au.csv", "frame, AU01_r\n1, 0\n"), ("au.csv", "frame, AU45_r\n1, 0\n"), ("aud_mel.npy", "no array"), ("ori_imgs/3.lms", "1 2\n3 4\n"),
    ] as [(String, String?)]) func `a broken part is named`(name: String, content: String?) throws {
        let folder = try Self.spoilt(name, content)
        let error = #expect(throws: EngineError.self) { try DatasetFootage(path: folder.path) }
        #expect(error?.description.contains(name) == true)
    }

    @Test func `a broken picture is named when it is read`() throws {
        let folder = try Self.spoilt("parsing/5.png", "no picture")
        let footage = try DatasetFootage(path: folder.path)
        let error = #expect(throws: EngineError.self) { try footage.pixels(of: footage.held[5]) }
        #expect(error?.description.contains("parsing/5.png") == true)
    }

    @Test func `Windows line ends, missing landmarks and frames without a picture are accepted`() throws {
        let shot = try #require(Self.shot)
        let rows = (0..<shot.count).map { "\($0 + 1), 0.0, \($0 % 3)" }.joined(separator: "\r\n")
        let folder = try Self.spoilt("au.csv", "frame, timestamp, AU45_r\r\n" + rows + "\r\n")
        try FileManager.default.removeItem(atPath: folder.path + "/ori_imgs/2.lms")
        try FileManager.default.removeItem(atPath: folder.path + "/gt_imgs/4.jpg")
        let footage = try DatasetFootage(path: folder.path)
        #expect(footage.held.count == shot.count - 1)
        #expect(footage.held[2].landmarks.isEmpty && footage.held[2].eyeClosure == 1)
        #expect(footage.held[1].eyeClosure == 0.5)
    }

    @Test func `the original's parsing colours keep their classes`() {
        // As the file holds them, RGB: head blue, neck green, torso red, background white; lips are ours.
        let found = [(255, 255, 255), (0, 0, 255), (0, 255, 0), (255, 0, 0), (0, 128, 255)].map { ParsingColors.code(UInt8($0.0), UInt8($0.1), UInt8($0.2)) }
        #expect(found == [0, 1, 2, 3, 4])
        for code in UInt8(0)...4 { let c = ParsingColors.color(of: code); #expect(ParsingColors.code(c[0], c[1], c[2]) == code) }
    }
}
