// Films written and read back: colour, synchrony, lengths, repeatable bytes, failures.
import Base
import Foundation
import Imaging
import Sound
import Testing
@testable import Media

/// A folder that goes away with its owner.
final class ScratchFolder {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("media-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func file(_ name: String) -> String { path + "/" + name }
    var entries: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? [] }
}

/// Patches of 32 pixels with known colours.
private let chartColors: [SIMD4<Float>] = [
    SIMD4(0, 0, 0, 1), SIMD4(1, 1, 1, 1), SIMD4(0.5, 0.5, 0.5, 1), SIMD4(0.75, 0, 0, 1), SIMD4(0, 0.75, 0, 1), SIMD4(0, 0, 0.75, 1),
    SIMD4(0.75, 0.75, 0, 1), SIMD4(0, 0.75, 0.75, 1), SIMD4(0.75, 0, 0.75, 1), SIMD4(0.9, 0.7, 0.6, 1), SIMD4(0.3, 0.2, 0.15, 1), SIMD4(0.1, 0.1, 0.1, 1),
]
private func chart() -> Frame {
    let builder = FrameBuilder(width: 128, height: 96)
    for y in 0..<96 { for x in 0..<128 {
        let color = chartColors[y / 32 * 4 + x / 32]
        for c in 0..<4 { builder.pixels[4 * (y * 128 + x) + c] = color[c] }
    } }
    return builder.freeze()
}

private func flat(_ level: Float, _ width: Int = 64, _ height: Int = 48) -> Frame { .filled(width: width, height: height, SIMD4(level, level, level, 1)) }

private func write(_ path: String, frames: Int, rate: FrameRate, codec: String = "h264", audioCodec: String? = "aac", flashAt: Int? = nil) throws {
    var video = VideoSettings(width: 64, height: 48, rate: rate)
    video.codec = codec
    var audio = AudioSettings()
    if let audioCodec { audio.codec = audioCodec }
    let writer = try FilmWriter(path: path, video: video, audio: audioCodec == nil ? nil : audio)
    let samples = (rate.time(ofFrame: frames) * Rational(48_000)).rounded
    var sound = AudioBuffer.silence(frames: samples)
    if let flashAt {
        let at = (rate.time(ofFrame: flashAt) * Rational(48_000)).rounded
        for i in at..<(at + 480) { for c in 0..<2 { sound.channels[c][i] = i % 24 < 12 ? 0.8 : -0.8 } }
    }
    for n in 0..<frames {
        try writer.write(flat(n == flashAt ? 1 : 0.1))
        guard audioCodec != nil else { continue }
        let from = (rate.time(ofFrame: n) * Rational(48_000)).rounded, to = (rate.time(ofFrame: n + 1) * Rational(48_000)).rounded
        try writer.write(sound.slice(from: from, frames: to - from))
    }
    try writer.finish()
}

@Suite struct FilmTests {
    @Test("a BT.709 chart comes back within two levels of 8 bits", arguments: ["h264", "h265", "ffv1", "prores", "vp9"])
    func chartColours(codec: String) throws {
        let folder = try ScratchFolder()
        let path = folder.file(codec == "prores" ? "chart.mov" : codec == "h264" || codec == "h265" ? "chart.mp4" : "chart.mkv")
        var video = VideoSettings(width: 128, height: 96, rate: FrameRate(25))
        video.codec = codec
        video.quality = 100
        let writer = try FilmWriter(path: path, video: video, audio: nil)
        for _ in 0..<3 { try writer.write(chart()) }
        try writer.finish()
        let picture = try VideoReader(path: path).picture(at: .zero).frame
        for (index, color) in chartColors.enumerated() {
            let seen = picture[index % 4 * 32 + 16, index / 4 * 32 + 16]
            for c in 0..<3 { #expect(abs((seen[c] * 255).rounded() - (color[c] * 255).rounded()) <= 2, "patch \(index) channel \(c)") }
        }
        let info = try MediaProbe.probe(path)
        #expect(info.video.first?.colorMatrix == "bt709" && info.video.first?.colorRange == "tv")
    }

    @Test("flash and click stay in one frame", arguments: [("a.mp4", "aac"), ("b.mov", "pcm"), ("c.mkv", "flac"), ("d.mkv", "opus"), ("e.mov", "aac")])
    func synchrony(name: String, audio: String) throws {
        let folder = try ScratchFolder()
        let path = folder.file(name), rate = FrameRate(Rational(24_000, 1001))
        try write(path, frames: 72, rate: rate, audioCodec: audio, flashAt: 40)
        let reader = try VideoReader(path: path)
        var flash: Rational?, count = 0
        while let picture = try reader.next() {
            if picture.frame[32, 24].y > 0.5, flash == nil { flash = picture.time }
            count += 1
        }
        #expect(count == 72)
        let sound = try AudioFile.read(path)
        let click = try #require(sound.channels[0].firstIndex { abs($0) > 0.3 })
        let flashSeconds = try #require(flash).doubleValue
        #expect(abs(flashSeconds - rate.time(ofFrame: 40).doubleValue) < 0.0011)
        // Within two milliseconds: a lossy codec smears the edge, Matroska counts in milliseconds.
        #expect(abs(Double(click) / 48_000 - flashSeconds) < 0.002, "click at \(Double(click) / 48_000), flash at \(flashSeconds)")
        let duration = try #require(MediaProbe.probe(path).duration)
        #expect(abs(duration - rate.time(ofFrame: 72).doubleValue) < 0.03)
    }

    @Test("exact rates survive", arguments: [Rational(24_000, 1001), Rational(25), Rational(30_000, 1001), Rational(60)])
    func rates(rate: Rational) throws {
        let folder = try ScratchFolder()
        try write(folder.file("r.mp4"), frames: 10, rate: FrameRate(rate), audioCodec: nil)
        let info = try MediaProbe.probe(folder.file("r.mp4"))
        #expect(info.video.first?.rate == rate.description && info.video.first?.frames == 10 && info.video.first?.isVariableRate == false)
    }

    @Test func sameInputSameBytes() throws {
        let folder = try ScratchFolder()
        for name in ["1", "2"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
            try write(folder.file(name + "/x.mp4"), frames: 20, rate: FrameRate(25), flashAt: 7)
        }
        let first = try Data(contentsOf: URL(fileURLWithPath: folder.file("1/x.mp4"))), second = try Data(contentsOf: URL(fileURLWithPath: folder.file("2/x.mp4")))
        #expect(first == second)
    }

    @Test func cancelledAndAbandonedFilmsLeaveNothing() throws {
        let folder = try ScratchFolder()
        do {
            let writer = try FilmWriter(path: folder.file("x.mp4"), video: VideoSettings(width: 64, height: 48, rate: FrameRate(25)), audio: nil)
            try writer.write(flat(0.5))
            writer.cancel()
            let other = try FilmWriter(path: folder.file("y.mp4"), video: VideoSettings(width: 64, height: 48, rate: FrameRate(25)), audio: nil)
            try other.write(flat(0.5))
        }
        #expect(folder.entries == [])
    }

    @Test func badRequestsAreRefusedAndLeaveNothing() throws {
        let folder = try ScratchFolder()
        var unknown = VideoSettings(width: 64, height: 48, rate: FrameRate(25))
        unknown.codec = "realvideo"
        #expect(throws: MediaError.self) { try FilmWriter(path: folder.file("x.mp4"), video: unknown, audio: nil) }
        #expect(throws: MediaError.self) { try FilmWriter(path: folder.file("none/x.mp4"), video: VideoSettings(width: 64, height: 48, rate: FrameRate(25)), audio: nil) }
        #expect(throws: MediaError.self) { try FilmWriter(path: folder.file("x.what"), video: VideoSettings(width: 64, height: 48, rate: FrameRate(25)), audio: nil) }
        let writer = try FilmWriter(path: folder.file("z.mp4"), video: VideoSettings(width: 64, height: 48, rate: FrameRate(25)), audio: nil)
        #expect(throws: MediaError.self) { try writer.write(flat(0, 32, 32)) }
        writer.cancel()
        #expect(folder.entries == [])
    }

    @Test func pictureAtATimeEqualsTheSequence() throws {
        let folder = try ScratchFolder()
        let path = folder.file("s.mp4"), rate = FrameRate(25)
        let writer = try FilmWriter(path: path, video: VideoSettings(width: 64, height: 48, rate: rate), audio: nil)
        for n in 0..<60 { try writer.write(flat(Float(n) / 60)) }
        try writer.finish()
        var sequence: [Frame] = []
        let all = try VideoReader(path: path)
        while let picture = try all.next() { sequence.append(picture.frame) }
        #expect(sequence.count == 60)
        let reader = try VideoReader(path: path)
        for n in [50, 3, 59, 30, 31, 29, 0] {
            let picture = try reader.picture(at: rate.time(ofFrame: n) + Rational(1, 100))
            #expect(picture.time == rate.time(ofFrame: n))
            #expect(picture.frame.meanSquaredDifference(to: sequence[n]) == 0)
        }
        #expect(try reader.picture(at: Rational(100)).time == rate.time(ofFrame: 59))
        #expect(try reader.picture(at: Rational(-1)).time == .zero)
    }

    @Test func longJumpsEqualTheSequence() throws {
        let folder = try ScratchFolder()
        let path = folder.file("l.mp4"), rate = FrameRate(10)
        let writer = try FilmWriter(path: path, video: VideoSettings(width: 64, height: 48, rate: rate), audio: nil)
        for n in 0..<600 { try writer.write(flat(Float(n) / 600)) }
        try writer.finish()
        let reader = try VideoReader(path: path)
        for n in [0, 250, 599, 251, 420] {
            let picture = try reader.picture(at: rate.time(ofFrame: n))
            #expect(picture.time == rate.time(ofFrame: n))
            #expect(abs(picture.frame[32, 24].x - Float(n) / 600) < 0.01)
        }
    }

    @Test("settings reach the file", arguments: [("prores", "lt", nil, "yuv422p10le"), ("prores", "4444", nil, "yuv444p12le"),
                                                 ("h264", nil, "yuv444p", "yuv444p"), ("h264", "high", nil, "yuv420p"), ("png", nil, nil, "rgb24")] as [(String, String?, String?, String)])
    func settings(codec: String, profile: String?, pixels: String?, expected: String) throws {
        let folder = try ScratchFolder()
        var video = VideoSettings(width: 128, height: 96, rate: FrameRate(25))
        (video.codec, video.profile, video.pixelFormat) = (codec, profile, pixels)
        var audio = AudioSettings()
        (audio.codec, audio.is24Bit, audio.language) = ("pcm", true, "fra")
        let writer = try FilmWriter(path: folder.file("s.mov"), video: video, audio: audio,
                                    metadata: ["title": "A title", "digitalSourceType": "compositeSynthetic"])
        for _ in 0..<2 {
            try writer.write(chart())
            try writer.write(AudioBuffer.silence(frames: 1920))
        }
        try writer.finish()
        let info = try MediaProbe.probe(folder.file("s.mov"))
        #expect(info.video.first?.pixelFormat == expected)
        #expect(info.audio.first?.codec == "pcm_s24le" && info.audio.first?.language == "fra")
        #expect(info.metadata["title"] == "A title" && info.metadata["digitalSourceType"] == "compositeSynthetic")
        let picture = try VideoReader(path: folder.file("s.mov")).picture(at: .zero).frame
        #expect(picture.psnr(to: chart()) > 20)
        if codec == "png" { #expect(picture.psnr(to: chart()) > 50) }
    }

    @Test func unknownProfilesAndFormatsAreRefused() throws {
        let folder = try ScratchFolder()
        for (codec, profile, pixels) in [("prores", "best", nil), ("dnxhr", "best", nil), ("h264", "best", nil), ("h264", nil, "bgr4711")] as [(String, String?, String?)] {
            var video = VideoSettings(width: 1280, height: 720, rate: FrameRate(25))
            (video.codec, video.profile, video.pixelFormat) = (codec, profile, pixels)
            #expect(throws: MediaError.self, "\(codec)") { try FilmWriter(path: folder.file("s.mov"), video: video, audio: nil) }
        }
        #expect(folder.entries == [])
    }
}

@Suite(.enabled(if: ProcessInfo.processInfo.environment["STUDIO_TIMING"] != nil, "set STUDIO_TIMING=1 to measure"))
struct TimingTests {
    @Test func filmOf720Lines() throws {
        let folder = try ScratchFolder()
        let writer = try FilmWriter(path: folder.file("t.mp4"), video: VideoSettings(width: 1280, height: 720, rate: FrameRate(25)), audio: nil)
        let picture = chart().drawn(into: PixelRect(x: 0, y: 0, width: 1280, height: 720), canvasWidth: 1280, canvasHeight: 720)
        let clock = ContinuousClock()
        let writing = try clock.measure {
            for _ in 0..<100 { try writer.write(picture) }
            try writer.finish()
        }
        let reader = try VideoReader(path: folder.file("t.mp4"))
        let reading = try clock.measure { while try reader.next() != nil {} }
        print("1280x720: write \(writing / 100) a picture, read \(reading / 100), blur \(clock.measure { _ = picture.blurred(radius: 12) }),",
              "resize \(clock.measure { _ = picture.drawn(into: PixelRect(x: 10.3, y: 0, width: 900, height: 600), canvasWidth: 1280, canvasHeight: 720) }),",
              "over \(clock.measure { _ = picture.over(picture, opacity: 0.5) })")
        #expect(writing < .seconds(30) && reading < .seconds(30))
    }
}
