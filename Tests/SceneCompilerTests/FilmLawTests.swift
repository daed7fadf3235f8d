// From a scene through graph, encoder and decoder: synchrony, colour, and bytes that do not depend on threads.
import Base
import Foundation
import Imaging
import Media
import RenderGraph
import RenderNodes
import Sound
import Testing
@testable import SceneCompiler

/// Renders a compiled scene as one film, picture and sound side by side.
private func write(_ scene: CompiledScene, to path: String, threads: Int, quality: Double = 68) async throws {
    var video = VideoSettings(width: scene.timeline.size.width, height: scene.timeline.size.height, rate: scene.timeline.rate)
    video.quality = quality
    let writer = try FilmWriter(path: path, video: video, audio: scene.mix.isEmpty ? nil : AudioSettings())
    let mixer = scene.mix.mixer(gain: 0), rate = scene.timeline.rate
    try await FrameScheduler(session: RenderSession(budget: .single, threads: threads), threads: threads).run(scene.root, frames: Array(0..<scene.timeline.frameCount)) { frame, picture in
        try writer.write(picture)
        let start = (rate.time(ofFrame: frame) * Rational(48_000)).rounded, end = (rate.time(ofFrame: frame + 1) * Rational(48_000)).rounded
        if !scene.mix.isEmpty { try writer.write(mixer.block(start: start, count: end - start)) }
        return true
    }
    try writer.finish()
}

@Suite struct FilmLawTests {
    @Test("click and flash stay within a frame through scene, film and reader", arguments: [("25", 25.0), ("24000/1001", 24_000.0 / 1001), ("50", 50)])
    func clickAndFlash(rate: String, fps: Double) async throws {
        let room = try TestRoom()
        // The source: at frame 20 of 25 a second a white picture, and at that moment a click.
        let source = try FilmWriter(path: room.file("source.mp4"), video: VideoSettings(width: 64, height: 48, rate: FrameRate(25)), audio: AudioSettings())
        for n in 0..<50 {
            try source.write(.filled(width: 64, height: 48, n == 20 ? SIMD4(1, 1, 1, 1) : SIMD4(0.1, 0.1, 0.1, 1)))
            var sound = AudioBuffer.silence(frames: 1920)
            if n == 20 { for i in 0..<480 { for c in 0..<2 { sound.channels[c][i] = i % 24 < 12 ? 0.8 : -0.8 } } }
            try source.write(sound)
        }
        try source.finish()
        // Shown from 0.4 s of the file, 0.5 s late: the flash is due at 0.9 s.
        let scene = try room.compile("scene { size 64x48 ; rate \(rate)fps }\nvideo v = \"source.mp4\"\nshot a for 1.8s { background #1a1a1a ; footage v from 0.4s to 1.6s { at 0.5s } }")
        try await write(scene, to: room.file("film.mp4"), threads: 2)
        let reader = try VideoReader(path: room.file("film.mp4"))
        var flash: Double?
        while let picture = try reader.next() { if picture.frame[32, 24].y > 0.5, flash == nil { flash = picture.time.doubleValue } }
        let sound = try AudioFile.read(room.file("film.mp4"))
        let click = try Double(#require(sound.channels[0].firstIndex { abs($0) > 0.3 })) / Double(sound.sampleRate), seen = try #require(flash)
        #expect(abs(seen - 0.9) < 1.01 / fps && abs(click - 0.9) < 0.004 && abs(click - seen) < 1.01 / fps, "flash \(seen), click \(click)")
    }

    @Test("a BT.709 chart goes through decoder, stack and encoder within two levels") func chart() async throws {
        let room = try TestRoom()
        let colors: [SIMD4<Float>] = [SIMD4(0, 0, 0, 1), SIMD4(1, 1, 1, 1), SIMD4(0.5, 0.5, 0.5, 1), SIMD4(0.75, 0, 0, 1), SIMD4(0, 0.75, 0, 1), SIMD4(0, 0, 0.75, 1),
                                      SIMD4(0.75, 0.75, 0, 1), SIMD4(0, 0.75, 0.75, 1), SIMD4(0.75, 0, 0.75, 1), SIMD4(0.9, 0.7, 0.6, 1), SIMD4(0.3, 0.2, 0.15, 1), SIMD4(0.1, 0.1, 0.1, 1)]
        let builder = FrameBuilder(width: 128, height: 96)
        for y in 0..<96 { for x in 0..<128 { for c in 0..<4 { builder.pixels[4 * (y * 128 + x) + c] = colors[y / 32 * 4 + x / 32][c] } } }
        let chart = builder.freeze()
        var settings = VideoSettings(width: 128, height: 96, rate: FrameRate(25))
        settings.quality = 100
        let source = try FilmWriter(path: room.file("chart.mp4"), video: settings, audio: nil)
        for _ in 0..<5 { try source.write(chart) }
        try source.finish()
        // Half of it under a plate of half opacity, so that the stack has something to do.
        try ImageFile.write(Frame.filled(width: 64, height: 96, SIMD4(0.25, 0.25, 0.25, 1)), to: room.file("plate.png"))
        let scene = try room.compile("scene { size 128x96 ; rate 25fps }\nvideo v = \"chart.mp4\"\nimage p = \"plate.png\"\nshot a for 0.2s { footage v ; picture p at top-left { opacity 0.5 } }")
        try await write(scene, to: room.file("film.mp4"), threads: 1, quality: 100)
        let seen = try VideoReader(path: room.file("film.mp4")).picture(at: .zero).frame
        for (index, color) in colors.enumerated() {
            let (column, row) = (index % 4, index / 4)
            let expected = column < 2 ? color * 0.5 + SIMD4(0.125, 0.125, 0.125, 0.5) : color
            let pixel = seen[column * 32 + 16, row * 32 + 16]
            for c in 0..<3 { #expect(abs(pixel[c] - expected[c]) * 255 <= 2.5, "patch \(index) channel \(c): \(pixel[c] * 255) for \(expected[c] * 255)") }
        }
    }

    @Test func oneThreadAndFourMakeTheSameBytes() async throws {
        let room = try TestRoom()
        try room.film("talk.mp4", frames: 40, rate: FrameRate(30), width: 96, height: 64)
        try room.sound("music.wav", seconds: 0.7, level: 0.2)
        try room.write("a.srt", "1\n00:00:00,200 --> 00:00:00,900\nSame bytes\n")
        let text = """
        scene { size 128x72 ; rate 25fps }
        video talk = "talk.mp4"
        audio music = "music.wav"
        captions subs = "a.srt"
        shot one { background talk { blur 6px } ; footage talk { place center height 70% } ; captions subs ; sound music { loop ; duck 9dB under talk } ; title "Title" { style lower-third ; fade 0.2s } }
        transition dissolve 5f
        shot two for 0.6s { background #403010 }
        """
        for threads in [1, 4] { try await write(room.compile(text), to: room.file("\(threads).mp4"), threads: threads) }
        let one = try Data(contentsOf: URL(fileURLWithPath: room.file("1.mp4"))), four = try Data(contentsOf: URL(fileURLWithPath: room.file("4.mp4")))
        #expect(one == four && one.count > 3000)
    }
}
