// Still pictures, sound files, broken files, and the real files of the shared folder.
import Base
import Foundation
import Imaging
import Sound
import Testing
import TestSupport
@testable import Media

private func gradient(_ width: Int, _ height: Int) -> RawImage {
    var bytes: [UInt8] = []
    for y in 0..<height { for x in 0..<width { bytes += [UInt8(x * 255 / width), UInt8(y * 255 / height), UInt8((x + y) & 255), 255] } }
    return RawImage(width: width, height: height, channels: 4, bytes: bytes)
}

@Suite struct StillTests {
    @Test func pngIsExact() throws {
        let folder = try ScratchFolder()
        let image = gradient(61, 37)
        try ImageFile.write(image, to: folder.file("a.png"))
        #expect(try ImageFile.readRaw(folder.file("a.png")).bytes == image.bytes)
        let frame = try ImageFile.read(folder.file("a.png"))
        try ImageFile.write(frame, to: folder.file("b.png"))
        #expect(try ImageFile.readRaw(folder.file("b.png")).bytes == image.bytes)
        #expect(folder.entries == ["a.png", "b.png"])
    }
    @Test("one and three channels", arguments: [1, 3]) func channels(count: Int) throws {
        let folder = try ScratchFolder()
        let image = RawImage(width: 33, height: 9, channels: count, bytes: (0..<(33 * 9 * count)).map { UInt8(truncatingIfNeeded: $0 * 7) })
        try ImageFile.write(image, to: folder.file("a.png"))
        #expect(try ImageFile.readRaw(folder.file("a.png"), channels: count).bytes == image.bytes)
    }
    @Test func transparencySurvives() throws {
        let folder = try ScratchFolder()
        try ImageFile.write(Frame.filled(width: 5, height: 4, SIMD4(0.2, 0.4, 0, 0.4)), to: folder.file("t.png"))
        let pixel = try ImageFile.read(folder.file("t.png"))[2, 2]
        #expect(abs(pixel.x - 0.2) < 0.003 && abs(pixel.y - 0.4) < 0.003 && abs(pixel.w - 0.4) < 0.003)
    }
    @Test func jpegIsClose() throws {
        let folder = try ScratchFolder()
        let frame = Frame.filled(width: 64, height: 64, SIMD4(0.8, 0.3, 0.1, 1))
        try ImageFile.write(frame, to: folder.file("a.jpg"))
        #expect(try ImageFile.read(folder.file("a.jpg")).psnr(to: frame) > 40)
    }
    @Test func otherNamesAreRefused() throws {
        let folder = try ScratchFolder()
        #expect(throws: MediaError.self) { try ImageFile.write(gradient(4, 4), to: folder.file("a.gif")) }
        #expect(throws: MediaError.self) { try ImageFile.write(gradient(4, 4), to: folder.file("no/a.png")) }
        #expect(folder.entries == [])
    }
}

@Suite struct SoundFileTests {
    @Test func wavComesBack() throws {
        let folder = try ScratchFolder()
        let sound = AudioBuffer(channels: [(0..<9000).map { Float(sin(Double($0) * 0.1)) * 0.7 }, (0..<9000).map { Float(cos(Double($0) * 0.03)) * 0.3 }], sampleRate: 44_100)
        try AudioFile.write(sound, to: folder.file("a.wav"))
        let back = try AudioFile.read(folder.file("a.wav"))
        #expect(back.sampleRate == 44_100 && back.frameCount == 9000 && back.channels.count == 2)
        let error = zip(back.channels[1], sound.channels[1]).map { abs($0 - $1) }.max() ?? 1
        #expect(error < 1.0 / 16_000)
        let slow = try AudioFile.read(folder.file("a.wav"), sampleRate: 16_000)
        #expect(slow.sampleRate == 16_000 && abs(slow.frameCount - 9000 * 16_000 / 44_100) <= 2)
    }
    @Test("more bits, smaller error", arguments: [(WavFormat.pcm16, 1e-4), (.pcm24, 1e-6), (.float32, 1e-9)])
    func depths(format: WavFormat, bound: Double) throws {
        let folder = try ScratchFolder()
        let sound = AudioBuffer(channels: [(0..<2000).map { Float(sin(Double($0) * 0.1)) * 0.7 }], sampleRate: 48_000)
        try AudioFile.write(sound, to: folder.file("a.wav"), format: format)
        let back = try AudioFile.read(folder.file("a.wav"))
        let error = zip(back.channels[0], sound.channels[0]).map { abs(Double($0) - Double($1)) }.max() ?? 1
        #expect(back.frameCount == 2000 && error < bound)
    }
    @Test func nothingIsNotASound() throws {
        let folder = try ScratchFolder()
        try AudioFile.write(AudioBuffer(channels: [[]], sampleRate: 48_000), to: folder.file("e.wav"))
        #expect(throws: MediaError.self) { try AudioFile.read(folder.file("e.wav")) }
        try Data().write(to: URL(fileURLWithPath: folder.file("z.wav")))
        #expect(throws: MediaError.self) { try AudioFile.read(folder.file("z.wav")) }
        #expect(throws: MediaError.missing(path: folder.file("none.wav"))) { try AudioFile.read(folder.file("none.wav")) }
    }
}

@Suite struct BrokenFileTests {
    @Test("a film cut anywhere is refused or read in part, never worse", arguments: [0, 20, 500, 2000])
    func truncated(keep: Int) throws {
        let folder = try ScratchFolder()
        let whole = folder.file("w.mp4")
        let writer = try FilmWriter(path: whole, video: VideoSettings(width: 64, height: 48, rate: FrameRate(25)), audio: nil)
        for n in 0..<30 { try writer.write(Frame.filled(width: 64, height: 48, SIMD4(Float(n) / 30, 0.5, 0.2, 1))) }
        try writer.finish()
        let data = try Data(contentsOf: URL(fileURLWithPath: whole))
        try data.prefix(keep).write(to: URL(fileURLWithPath: folder.file("cut.mp4")))
        var count = 0
        do {
            let reader = try VideoReader(path: folder.file("cut.mp4"))
            while try reader.next() != nil { count += 1 }
        } catch { #expect(error.description.contains("cut.mp4")) }
        #expect(count < 30)
    }
    @Test func noiseIsRefused() throws {
        let folder = try ScratchFolder()
        for (index, name) in ["n.mp4", "n.png", "n.jpg", "n.wav"].enumerated() {
            var state = UInt32(index + 1)
            let bytes = (0..<4000).map { _ in state = state &* 1664525 &+ 1013904223; return UInt8(state >> 24) }
            try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
            #expect(throws: MediaError.self) { try ImageFile.read(folder.file(name)) }
            #expect(throws: MediaError.self) { try AudioFile.read(folder.file(name)) }
        }
    }
    @Test func wrongKindIsSaid() throws {
        let folder = try ScratchFolder()
        try ImageFile.write(gradient(8, 8), to: folder.file("a.png"))
        #expect(throws: MediaError.noAudio(path: folder.file("a.png"))) { try AudioFile.read(folder.file("a.png")) }
    }
}

private let films = ["data/backgrounds/office_720x1280_25fps.mp4", "data/dub/cut_face_to_noface_960x540_30fps.mov", "data/dub/noface_960x540_24fps.mp4",
                     "data/persona/may_synctalk_512_25fps.mp4", "data/persona/presenter_garden_720x974_30fps.mp4"]
private let sounds = ["data/audio/en_librispeech_16k.flac", "data/audio/en_radio31_16k_stereo.wav", "data/audio/fr_48k_24bit_stereo.wav", "data/audio/zh_24k.wav"]

@Suite(.enabled(if: SharedFolder.file("data/README.md") != nil, "shared folder is missing: data"))
struct RealFileTests {
    @Test("probed and decoded", arguments: films) func film(name: String) throws {
        let path = try #require(SharedFolder.file(name))
        let info = try MediaProbe.probe(path)
        let video = try #require(info.video.first)
        #expect(video.width > 100 && video.height > 100)
        let reader = try VideoReader(path: path)
        var last: Rational?, count = 0
        while count < 40, let picture = try reader.next() {
            if let last { #expect(picture.time > last) }
            last = picture.time
            count += 1
        }
        #expect(count == 40 || count == video.frames)
        let turned = video.quarterTurns % 2 == 1
        let frame = try reader.picture(at: Rational(1)).frame
        #expect(frame.width == (turned ? video.height : video.width))
    }
    @Test("read whole", arguments: sounds) func sound(name: String) throws {
        let path = try #require(SharedFolder.file(name))
        let info = try MediaProbe.probe(path)
        let sound = try AudioFile.read(path)
        #expect(abs(sound.seconds - (info.duration ?? 0)) < 0.05 && sound.peak > 0.01 && sound.peak < 1.5)
        let other = try AudioFile.read(path, sampleRate: 22_050)
        #expect(abs(other.seconds - sound.seconds) < 0.01)
    }
}

@Suite struct RotationTests {
    @Test("a turned film is shown upright", arguments: [0, 1, 2, 3]) func turned(turns: Int) {
        // A 3 × 2 picture whose red names the pixel.
        var bytes: [UInt8] = []
        for i in 0..<6 { bytes += [UInt8(i), UInt8(i), 0, 0, 0, 0] }
        let frame = bytes.withUnsafeBytes { Frame(words: $0, width: 3, height: 2, turns: turns) }
        var seen: [Int] = []
        for y in 0..<frame.height { for x in 0..<frame.width { seen.append(Int((frame[x, y].x * 255).rounded())) } }
        #expect(seen == [[0, 1, 2, 3, 4, 5], [3, 0, 4, 1, 5, 2], [5, 4, 3, 2, 1, 0], [2, 5, 1, 4, 0, 3]][turns])
    }
}
