// Films in segments and sounds in pieces: the same bytes and samples as in one go.
import Base
import Foundation
import Imaging
import Sound
import Testing
import TestSupport
@testable import Media

private func picture(_ n: Int) -> Frame {
    let builder = FrameBuilder(width: 64, height: 48)
    for y in 0..<48 { for x in 0..<64 {
        let p = builder.pixels + 4 * (y * 64 + x)
        p[0] = Float((x + 3 * n) % 64) / 64; p[1] = Float(y) / 48; p[2] = Float((n * 7) % 50) / 50; p[3] = 1
    } }
    return builder.freeze()
}

@Suite struct SegmentTests {
    private func settings(_ codec: String) -> VideoSettings {
        var video = VideoSettings(width: 64, height: 48, rate: FrameRate(25))
        video.codec = codec
        return video
    }
    private func segment(_ folder: ScratchFolder, _ name: String, _ frames: Range<Int>, _ codec: String, film: String) throws -> SegmentReader {
        let writer = try SegmentWriter(path: folder.file(name), film: film, key: ContentKey(name), settings: settings(codec))
        for n in frames { try writer.write(picture(n)) }
        try writer.finish()
        return try #require(SegmentReader(path: folder.file(name), key: ContentKey(name)))
    }

    @Test("segments join without a gap", arguments: [("h264", "mp4"), ("h265", "mp4"), ("vp9", "webm"), ("prores", "mov"), ("ffv1", "mkv")])
    func join(codec: String, ending: String) throws {
        let folder = try ScratchFolder()
        let film = folder.file("film." + ending)
        let parts = try [0..<20, 20..<40, 40..<41, 41..<57].enumerated().map { try segment(folder, "s\($0)", $1, codec, film: film) }
        var audio = AudioSettings()
        audio.codec = ending == "webm" ? "opus" : ending == "mkv" ? "flac" : "aac"
        let writer = try FilmWriter(path: film, video: settings(codec), audio: audio)
        for part in parts {
            try writer.append(part, delay: parts.map(\.delay).max() ?? 0)
            try writer.write(AudioBuffer.silence(frames: part.frameCount * 1920))
        }
        try writer.finish()
        let reader = try VideoReader(path: film)
        var n = 0
        while let seen = try reader.next() {
            #expect(abs(seen.time.doubleValue - Double(n) / 25) < 0.0011, "picture \(n) at \(seen.time)")
            #expect(seen.frame.psnr(to: picture(n)) > 24, "picture \(n)")
            n += 1
        }
        #expect(n == 57)
    }

    @Test func aSegmentAppearsOnlyWhole() throws {
        let folder = try ScratchFolder()
        let writer = try SegmentWriter(path: folder.file("a"), film: "x.mp4", key: ContentKey("a"), settings: settings("h264"))
        try writer.write(picture(0))
        #expect(folder.entries == ["a.part"])
        writer.cancel()
        #expect(folder.entries == [])
    }

    @Test("a damaged segment is not taken", arguments: [0, 10, 30, 200, -1, -30]) func damage(at: Int) throws {
        let folder = try ScratchFolder()
        _ = try segment(folder, "a", 0..<10, "h264", film: "x.mp4")
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("a"))))
        bytes[at < 0 ? bytes.count + at : at] ^= 0x40
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file("a")))
        #expect(SegmentReader(path: folder.file("a"), key: ContentKey("a")) == nil)
        try Data(bytes.prefix(bytes.count / 2)).write(to: URL(fileURLWithPath: folder.file("a")))
        #expect(SegmentReader(path: folder.file("a"), key: ContentKey("a")) == nil)
    }
    @Test func anotherKeyIsAnotherSegment() throws {
        let folder = try ScratchFolder()
        _ = try segment(folder, "a", 0..<3, "h264", film: "x.mp4")
        #expect(SegmentReader(path: folder.file("a"), key: ContentKey("b")) == nil && SegmentReader(path: folder.file("none"), key: ContentKey("a")) == nil)
    }
}

@Suite struct SoundReaderTests {
    private func file(_ folder: ScratchFolder, rate: Int, seconds: Double = 1.5) throws -> String {
        let count = Int(Double(rate) * seconds)
        let sound = AudioBuffer(channels: [(0..<count).map { Float(sin(Double($0) * 0.05)) * 0.7 }, (0..<count).map { Float(sin(Double($0) * 0.013)) * 0.3 }], sampleRate: rate)
        try AudioFile.write(sound, to: folder.file("s.wav"), format: .float32)
        return folder.file("s.wav")
    }
    @Test("pieces equal the whole", arguments: [48_000, 44_100, 16_000], [1000, 4096, 33_333]) func pieces(rate: Int, size: Int) throws {
        let folder = try ScratchFolder()
        let path = try file(folder, rate: rate)
        let whole = try AudioFile.read(path, sampleRate: 48_000)
        let reader = try SoundReader(path: path, sampleRate: 48_000, channels: 2)
        for start in stride(from: 0, to: whole.frameCount + 5000, by: size) {
            #expect(try reader.read(from: start, count: size) == whole.slice(from: start, frames: size).channels)
        }
        // Back again, far ahead, and before the beginning.
        for start in [100, 60_000, 3, -500] { #expect(try reader.read(from: start, count: 700) == whole.slice(from: start, frames: 700).channels) }
    }
    @Test func channelsAreChosen() throws {
        let folder = try ScratchFolder()
        let path = try file(folder, rate: 48_000)
        let whole = try AudioFile.read(path)
        func first(_ pick: SoundReader.Pick) throws -> [[Float]] { try SoundReader(path: path, sampleRate: 48_000, channels: 2, pick: pick).read(from: 0, count: 3000) }
        #expect(try first(.one(0)) == [Array(whole.channels[0][..<3000]), Array(whole.channels[0][..<3000])])
        #expect(try first(.one(1))[0] == Array(whole.channels[1][..<3000]))
        #expect(try first(.one(9)) == first(.one(1)))
        #expect(try first(.mean)[1] == Array(whole.mono[..<3000]))
        #expect(try SoundReader(path: path, sampleRate: 48_000, channels: 1, pick: .mean).read(from: 0, count: 3000) == [Array(whole.mono[..<3000])])
    }
    @Test func lengthIsCountedWithoutKeeping() throws {
        let folder = try ScratchFolder()
        let (samples, rate) = try AudioFile.length(file(folder, rate: 44_100))
        #expect(samples == 66_150 && rate == 44_100)
    }
    @Test(.enabled(if: SharedFolder.file("data/dub/cut_face_to_noface_960x540_30fps.mov") != nil, "shared folder is missing: footage with late sound"))
    func lateSoundStaysLate() throws {
        let path = try #require(SharedFolder.file("data/dub/cut_face_to_noface_960x540_30fps.mov"))
        let whole = try AudioFile.read(path, sampleRate: 48_000)
        let reader = try SoundReader(path: path, sampleRate: 48_000, channels: 2)
        let early = try reader.read(from: 0, count: 100_000)[0]
        #expect(early.allSatisfy { $0 == 0 })
        let later = try reader.read(from: 100_000, count: 48_000)[0], level = later.map { abs($0) }.max() ?? 0
        #expect(level > 0.001 && whole.slice(from: 100_000, frames: 48_000).withChannels(2).channels[0] == later)
    }
}

@Suite struct KeptTrackTests {
    @Test("tracks are copied with their language and cut with the film", arguments: ["mp4", "mkv"]) func kept(ending: String) throws {
        let folder = try ScratchFolder()
        let source = folder.file("source." + ending), rate = FrameRate(25)
        var audio = AudioSettings()
        audio.language = "deu"
        let made = try FilmWriter(path: source, video: VideoSettings(width: 64, height: 48, rate: rate), audio: audio)
        for n in 0..<75 {
            try made.write(picture(n))
            // One click a second.
            var sound = AudioBuffer.silence(frames: 1920)
            if n % 25 == 10 { for i in 0..<200 { for c in 0..<2 { sound.channels[c][i] = i % 24 < 12 ? 0.8 : -0.8 } } }
            try made.write(sound)
        }
        try made.finish()
        audio.language = "fra"
        let film = try FilmWriter(path: folder.file("film." + ending), video: VideoSettings(width: 64, height: 48, rate: rate), audio: audio,
                                  keeping: [KeptSound(path: source, fileStart: Rational(1), fileEnd: Rational(3), filmStart: .zero)])
        for n in 0..<40 {
            try film.write(picture(n))
            try film.write(AudioBuffer.silence(frames: 1920))
        }
        try film.finish()
        let info = try MediaProbe.probe(folder.file("film." + ending))
        #expect(info.audio.map(\.language) == ["fra", "deu"])
        #expect(abs((info.duration ?? 0) - 1.6) < 0.05)
    }
}
