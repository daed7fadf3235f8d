// `studio speech`: features out of sounds, and features that others made.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct SpeechVerbTests {
    /// Shape of an array file, as its header says.
    private func shape(_ shop: Workshop, _ name: String) throws -> String {
        let header = String(decoding: try shop.folder.bytes(name).prefix(128), as: UTF8.self)
        return header.components(separatedBy: "'shape': ").last.map { String($0.prefix { $0 != ")" }) + ")" } ?? ""
    }

    @Test func aSoundBecomesRows() throws {
        let shop = try Workshop()
        try shop.tiny()
        // A second has 25 frames.
        let mel = try shop.studio("speech", "features", "line.wav", "-o", "made/line.npy")
        #expect(mel.exitCode == 0 && mel.output == "made/line.npy\n" && mel.errors.contains("log-mel-32: 25 rows"), "\(mel.errors)")
        #expect(try shape(shop, "made/line.npy") == "(25, 16, 32)")
        let heard = try shop.studio("speech", "features", "line.wav", "-o", "heard.npy", "--persona", "nova.persona")
        #expect(heard.exitCode == 0 && heard.errors.contains("heard-mouth-7"), "\(heard.errors)")
        #expect(try shape(shop, "heard.npy") == "(25, 16, 7)")
        // A film is heard as well.
        try shop.film("clip.mp4", seconds: 1, sound: true)
        #expect(try shop.studio("speech", "features", "clip.mp4", "-o", "clip.npy").exitCode == 0)
    }

    /// The numbers of an array file.
    private func numbers(_ shop: Workshop, _ name: String) throws -> [Float] {
        let bytes = try shop.folder.bytes(name), first = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        return stride(from: first, to: bytes.count - 3, by: 4).map { at in Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }) }
    }

    @Test func theStagesOwnFeaturesAreTheSame() throws {
        let shop = try Workshop()
        #expect(try shop.studio("stage", "-o", "set", "--seconds", "1", "--size", "64", "--lessons", "0", "--progress", "none").exitCode == 0)
        #expect(try shop.studio("speech", "features", "set/aud.wav", "-o", "again.npy").exitCode == 0)
        // The stage heard its sound before it was rounded to 16 bits.
        let kept = try numbers(shop, "set/aud_mel.npy"), again = try numbers(shop, "again.npy")
        let rows = (kept.count - again.count) / 512
        #expect(abs(rows) <= 1 && kept.count > 100 * 512)
        let difference = zip(kept, again).map { abs($0 - $1) }.max() ?? 1
        #expect(difference < 0.01, "\(difference)")
    }

    @Test func publishedOutputsAreCutAndTakenIn() throws {
        let shop = try Workshop()
        #expect(try shop.studio("stage", "-o", "set", "--seconds", "1", "--size", "64", "--lessons", "0", "--progress", "none").exitCode == 0)
        try shop.folder.write("raw.npy", PlainMedia.numpy([300, 29]))
        let taken = try shop.studio("speech", "import", "raw.npy", "--kind", "deepspeech", "-o", "set")
        #expect(taken.exitCode == 0 && taken.output.contains("set/aud_ds.npy: deepspeech, 150 rows of 16 steps and 29 channels"), "\(taken.errors)\(taken.output)")
        #expect(try shape(shop, "set/aud_ds.npy") == "(150, 16, 29)")
        // Step 2k stands at slot 8 of row k: eight rows of zeros come first. (The array counts its numbers.)
        let windows = try numbers(shop, "set/aud_ds.npy")
        func value(_ row: Int, _ slot: Int, _ channel: Int) -> Float { windows[(row * 16 + slot) * 29 + channel] }
        #expect(value(0, 7, 5) == 0 && value(0, 8, 5) == 5 && value(3, 8, 2) == Float(6 * 29 + 2) && value(149, 15, 0) == 0)
        // A training hears them.
        try shop.write("small.json", TrainingTests.recipe)
        let train = try shop.studio("train", "set", "-o", "ds.persona", "--recipe", "small.json", "--progress", "none")
        #expect(train.exitCode == 0, "\(train.errors)")
        #expect(try shop.studio("persona", "info", "ds.persona").output.contains("\"audioKind\" : \"deepspeech\""))
        // A second kind beside the first would be a riddle.
        try shop.folder.write("h.npy", PlainMedia.numpy([20, 2, 1024]))
        let second = try shop.studio("speech", "import", "h.npy", "--kind", "hubert", "-o", "set")
        #expect(second.exitCode == 2 && second.errors.contains("aud_ds.npy"), "\(second.errors)")
        #expect(try shop.studio("speech", "import", "h.npy", "--kind", "hubert", "-o", "pairs.npy").exitCode == 0)
    }

    @Test func whatCannotBeHeardIsSaid() throws {
        let shop = try Workshop()
        try shop.tiny()
        try shop.folder.write("raw.npy", PlainMedia.numpy([6, 31]))
        try shop.folder.write("cut.npy", Array(PlainMedia.numpy([600, 29]).prefix(4000)))
        try shop.write("text.npy", "these are no numbers")
        let cases: [(arguments: [String], code: Int32, words: [String])] = [
            (["speech", "features", "none.wav", "-o", "x.npy"], 3, ["none.wav"]),
            (["speech", "features", "badge.ppm", "-o", "x.npy"], 3, ["badge.ppm"]),
            (["speech", "features", "line.wav", "-o", "x.txt"], 2, ["NAME.npy"]),
            (["speech", "features", "line.wav", "-o", "x.npy", "--kind", "heard-mouth-7"], 2, ["--persona"]),
            (["speech", "features", "line.wav", "-o", "x.npy", "--kind", "hubert"], 2, ["hubert", "studio speech import"]),
            (["speech", "features", "line.wav", "-o", "x.npy", "--kind", "ears"], 2, ["log-mel-32 or heard-mouth-7"]),
            (["speech", "import", "raw.npy", "--kind", "deepspeech", "-o", "x.npy"], 3, ["raw.npy", "[6, 31]", "[steps, 29]"]),
            (["speech", "import", "cut.npy", "--kind", "deepspeech", "-o", "x.npy"], 3, ["cut.npy", "more than the file holds"]),
            (["speech", "import", "text.npy", "--kind", "deepspeech", "-o", "x.npy"], 3, ["text.npy", "not a NumPy array"]),
            (["speech", "import", "raw.npy", "--kind", "ears", "-o", "x.npy"], 2, ["deepspeech, wav2vec-eo"]),
            (["speech", "import", "raw.npy", "--kind", "deepspeech", "-o", "nowhere"], 3, ["[6, 31]"]),
        ]
        let before = shop.folder.contents
        for (arguments, code, words) in cases {
            let ended = try shop.run(arguments)
            #expect(ended.exitCode == code, "\(arguments): \(ended.exitCode) \(ended.errors)")
            for word in words { #expect(ended.errors.contains(word), "“\(word)” is missing: \(ended.errors)") }
            #expect(ended.errors.contains("help: "), "\(ended.errors)")
        }
        #expect(shop.leftovers(before).isEmpty)
    }
}
