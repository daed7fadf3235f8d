// A folder with media made on the spot, a resolver that looks at it, and an engine whose pictures say what it was asked.
import Base
import Engines
import Foundation
import Imaging
import Interchange
import Media
import Motion
import SceneModel
import Sound
import Synchronization
import Testing
@testable import SceneCompiler

/// A folder that goes away with its owner.
final class TestRoom {
    let folder: String
    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("compiler-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }
    func file(_ name: String) -> String { folder + "/" + name }
    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: file(name))) }

    /// A steady level, mono at 48 kHz.
    func sound(_ name: String, seconds: Double, level: Float = 0.5) throws {
        try AudioFile.write(AudioBuffer(channels: [[Float](repeating: level, count: Int(seconds * 48_000))], sampleRate: 48_000), to: file(name), format: .float32)
    }
    /// Grey pictures, frame n at n × 2 of 255 levels, with a steady sound.
    func film(_ name: String, frames: Int, rate: FrameRate = FrameRate(25), width: Int = 32, height: Int = 16) throws {
        var video = VideoSettings(width: width, height: height, rate: rate)
        video.quality = 100
        let writer = try FilmWriter(path: file(name), video: video, audio: AudioSettings())
        for n in 0..<frames {
            let grey = Float(2 * n) / 255
            try writer.write(.filled(width: width, height: height, SIMD4(grey, grey, grey, 1)))
            let from = (rate.time(ofFrame: n) * Rational(48_000)).rounded, to = (rate.time(ofFrame: n + 1) * Rational(48_000)).rounded
            try writer.write(AudioBuffer(channels: [[Float]](repeating: [Float](repeating: 0.25, count: to - from), count: 2), sampleRate: 48_000))
        }
        try writer.finish()
    }

    func load(_ text: String) -> SceneLoader.Result { SceneLoader.load(path: file("x.scene"), text: text, resolver: RoomResolver(folder: folder)) }
    func timeline(_ text: String) throws -> Timeline {
        let result = load(text)
        #expect(result.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
        return try #require(result.timeline)
    }
    func compile(_ text: String, rate: FrameRate? = nil, provider: some EngineProvider = GreyProvider()) throws -> CompiledScene {
        try SceneCompiler.compile(timeline(text), rate: rate, provider: provider)
    }
}

private struct RoomResolver: AssetResolver {
    let folder: String
    func readText(_ path: String) throws(AssetProblem) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw .missing(folder: folder, nearest: nil) }
        return String(decoding: data, as: UTF8.self)
    }
    func projectFolder(ofScene path: String) -> String { folder }
    func motion(_ kind: MotionDeclaration.Kind, path: String, column: String?, scale: Double) throws(AssetProblem) -> MotionSamples? {
        do throws(InterchangeError) {
            return kind == .path ? .poses(try MotionFile.poses(path)) : .values(try MotionFile.values(path, column: column, scale: scale))
        } catch { throw .unreadable(reason: error.reason) }
    }
    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        if kind == .persona {
            return AssetFacts(persona: .init(name: "grey", engine: "grey", size: PixelSize(width: 16, height: 16), hasTorso: true, hasBackground: true, recordedFrames: 0, identityCount: 1, range: nil))
        }
        guard FileManager.default.fileExists(atPath: path) else { throw .missing(folder: folder, nearest: nil) }
        do {
            var facts = AssetFacts()
            if kind == .audio {
                let (samples, rate) = try AudioFile.length(path)
                facts.duration = Rational(Int64(samples), Int64(rate))
                facts.hasAudio = true
            } else if kind == .video || kind == .image {
                let info = try MediaProbe.probe(path)
                facts.duration = info.duration.map { Rational(approximating: $0) }
                (facts.hasVideo, facts.hasAudio) = (!info.video.isEmpty, !info.audio.isEmpty)
                facts.size = info.video.first.map { PixelSize(width: $0.width, height: $0.height) }
                if kind == .video { facts.rate = try MediaProbe.frameRate(path) }
            }
            return facts
        } catch { throw .unreadable(reason: "\(error)") }
    }
}

/// Red is yaw in tenths of a radian, green the eye's closure, blue the loudness of the speech at that moment.
struct GreyEngine: PersonaEngine {
    let asked: AskedFrames
    var facts: PersonaFacts {
        PersonaFacts(name: "grey", engine: "grey", audioKind: "level", width: 16, height: 16, framesPerSecond: 25, hasTorso: true, hasBackground: true, recordedFrames: 0,
                     range: nil, identityCount: 1, licence: "", consent: "")
    }
    var contentKey: ContentKey { ContentKey("grey") }
    func audioCodes(for features: SpeechFeatures) throws(EngineError) -> [[Float]] { features.rows }
    func recordedPose(_ frame: Int) -> HeadPose? { nil }
    func recordedClosure(_ frame: Int) -> Float? { nil }
    var background: Frame? { .filled(width: 16, height: 16, SIMD4(0.2, 0.2, 0.2, 1)) }
    func render(_ c: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame {
        asked.list.withLock { $0.append(c) }
        return .filled(width: 16, height: 16, SIMD4(min(max(abs(c.pose.yaw) * 10, 0), 1), c.eyeClosure, c.audioCode.first ?? 0, 1))
    }
}
final class AskedFrames: Sendable { let list = Mutex<[ActorConditions]>([]) }

/// The mean level around each frame, as one number.
private struct LevelExtractor: AudioFeatureExtractor {
    let kind = "level"
    func features(of sound: AudioBuffer, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> SpeechFeatures {
        let samples = sound.mono, step = Double(sound.sampleRate) / framesPerSecond.doubleValue
        let rows = (0..<frameCount).map { frame -> [Float] in
            let at = min(Int(Double(frame) * step), max(samples.count - 1, 0))
            return [samples.isEmpty ? 0 : abs(samples[at])]
        }
        return SpeechFeatures(rows: rows, channels: 1, steps: 1)
    }
}

struct GreyProvider: EngineProvider {
    var asked = AskedFrames()
    func persona(_ path: String) throws(EngineError) -> any PersonaEngine { GreyEngine(asked: asked) }
    func extractor(for engine: any PersonaEngine) throws(EngineError) -> any AudioFeatureExtractor { LevelExtractor() }
}
