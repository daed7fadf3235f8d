// Memory follows the picture, not the length of the film.
import Foundation
import TestSupport
import Testing

@Suite struct MemoryTests {
    /// A scene with all that has a length: speech that drives an actor, looped music under it, captions.
    private func scene(_ shop: Workshop, seconds: Int) throws -> String {
        try shop.folder.write("voice\(seconds).wav", PlainMedia.speechLike(seconds: Double(seconds)))
        let stamp = { (second: Int) in String(format: "%02d:%02d:%02d,000", second / 3600, second / 60 % 60, second % 60) }
        try shop.write("words\(seconds).srt", stride(from: 0, to: seconds - 2, by: 3).map { "\($0 / 3 + 1)\n\(stamp($0)) --> \(stamp($0 + 2))\nSome words\n" }.joined(separator: "\n"))
        try shop.write("film\(seconds).scene", """
        scene { size 64x64 ; rate 10fps }
        persona nova = "nova.persona"
        audio voice = "voice\(seconds).wav"
        audio music = "music.wav"
        captions words = "words\(seconds).srt"
        shot only for \(seconds)s {
            background #203040
            actor nova { speaks voice }
            captions words
            sound music { loop ; duck 9dB under voice }
        }
        output "film\(seconds).mp4"
        """)
        return "film\(seconds).scene"
    }

    @Test func `what drives an actor for ten minutes takes no more memory than for ten seconds`() throws {
        let shop = try Workshop()
        try SmallPersona.write(to: shop.file("nova.persona"))
        try shop.folder.write("music.wav", PlainMedia.speechLike(seconds: 3))
        var peaks: [Int] = []
        for seconds in [10, 600] {
            // Everything is baked before the first pixel: a few frames are enough to see it.
            let run = try shop.studio("render", scene(shop, seconds: seconds), "--frames", "0-4", "-q", "--threads", "2")
            #expect(run.exitCode == 0, "\(run.errors)")
            peaks.append(run.peakKiB)
        }
        #expect(peaks[0] > 10_000)
        #expect(Double(peaks[1]) <= 1.05 * Double(peaks[0]), "\(peaks) KiB")
    }
}
