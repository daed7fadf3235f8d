// What `studio bench` measures, on a persona of a few pixels.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct BenchTests {
    private struct Report: Decodable {
        struct Work: Decodable {
            var count: Int
            var seconds, processorSeconds, perSecond, processorSecondsEach: Double
        }
        struct Machine: Decodable { var cores, threads: Int; var multiplyAdds, memoryBytes: Double; var processor: String }
        struct Persona: Decodable {
            struct Frames: Decodable { var quality: String; var opening: Double; var frames: Work; var multiplyAdds: Int?; var shareOfPeak: Double? }
            var engine: String
            var width: Int
            var torso: Bool
            var qualities: [Frames]
            var withoutFast: String?
        }
        struct Film: Decodable { var width, height: Int; var composite, encode, decode: Work }
        struct Language: Decodable { var lines, rules: Int; var lint, keyPress: Double }
        var version: Int
        var machine: Machine
        var persona: Persona
        var film: Film
        var language: Language
    }

    @Test func everyFigureIsMeasuredAndFitsTheOthers() throws {
        let shop = try Workshop()
        try SmallPersona.write(to: shop.file("nova.persona"), side: 32)
        let ended = try shop.studio("bench", "--persona", "nova.persona", "--seconds", "0.1", "--threads", "1", "--json", "--progress", "none")
        #expect(ended.exitCode == 0, "\(ended.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(ended.output.utf8))
        #expect(report.version == 1 && report.machine.threads == 1 && !report.machine.processor.isEmpty)
        // No core since 2013 is outside of these bounds.
        #expect(report.machine.multiplyAdds > 1e9 && report.machine.multiplyAdds < 1e12 && report.machine.memoryBytes > 1e8)
        #expect(report.persona.engine == "er-nerf" && report.persona.width == 32 && report.persona.torso)
        // Fast frames need what is baked, and that takes longer than a test may: it is said, and nothing is written.
        #expect(report.persona.qualities.map(\.quality) == ["exact"] && report.persona.withoutFast?.contains("--bake") == true)
        for frames in report.persona.qualities {
            let share = try #require(frames.shareOfPeak), work = try #require(frames.multiplyAdds)
            #expect(share > 0 && share < 1.1 && work > 0)
            #expect(abs(share - Double(work) / (frames.frames.processorSecondsEach * report.machine.multiplyAdds)) < 0.01 * share)
        }
        for work in report.persona.qualities.map(\.frames) + [report.film.composite, report.film.encode, report.film.decode] {
            #expect(work.count > 0 && work.seconds > 0 && work.processorSeconds > 0)
            #expect(abs(work.perSecond * work.seconds - Double(work.count)) < 1e-6 * Double(work.count))
        }
        // One thread cannot have more of the processor than the clock shows.
        for frames in report.persona.qualities { #expect(frames.frames.processorSeconds < 1.2 * frames.frames.seconds + 0.05) }
        #expect(report.film.encode.count % 50 == 0 && report.film.width == 1280)
        #expect(report.language.lines >= 1000 && report.language.rules >= 45 && report.language.lint > 0 && report.language.keyPress > 0)
        #expect(!shop.folder.exists("nova.persona.baked"))
    }

    @Test func itSaysWhatItNeeds() throws {
        let shop = try Workshop()
        let missing = try shop.studio("bench", "--persona", "none.persona")
        #expect(missing.exitCode == 3 && missing.errors.contains("none.persona: there is no such persona"), "\(missing.errors)")
        try shop.write("text.persona", "no folder")
        let wrong = try shop.studio("bench", "--persona", "text.persona", "--progress", "none")
        #expect(wrong.exitCode == 3 && wrong.errors.contains("text.persona"), "\(wrong.errors)")
        for flags in [["--seconds", "0"], ["--seconds", "nan"], ["--threads", "0"], ["--progress", "loud"]] {
            let refused = try shop.run(["bench"] + flags)
            #expect(refused.exitCode == 2 && refused.output.isEmpty, "\(flags): \(refused.errors)")
        }
    }
}
