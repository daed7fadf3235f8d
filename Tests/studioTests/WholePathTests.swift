// Every verb on small real files, from the text to the finished file.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct WholePathTests {
    private func done(_ ended: ProcessOutcome, place: SourceLocation = #_sourceLocation) {
        #expect(ended.exitCode == 0, "\(ended.errors)", sourceLocation: place)
    }

    @Test func aSceneIsLintedPlannedAndRendered() throws {
        let shop = try Workshop()
        try shop.tiny()
        let lint = try shop.studio("lint", "tiny.scene", "--deny", "warnings")
        done(lint)
        let plan = try shop.studio("plan", "tiny.scene")
        done(plan)
        for word in ["Tiny", "64x64", "25 frames", "actor nova", "speaks line", "picture badge", "tiny.mp4"] { #expect(plan.output.contains(word), "\(plan.output)") }
        let graph = try shop.studio("graph", "tiny.scene")
        done(graph)
        for word in ["actor", "image", "text", "color"] { #expect(graph.output.contains(word), "\(graph.output)") }
        let render = try shop.studio("render", "tiny.scene", "--progress", "json")
        done(render)
        #expect(render.output == "tiny.mp4\n")
        let last = try #require(render.errors.split(separator: "\n").last)
        struct Event: Decodable { var v: Int; var event: String; var frame: Int; var of: Int; var fps: Double }
        let event = try JSONDecoder().decode(Event.self, from: Data(last.utf8))
        #expect(event.v == 1 && event.event == "progress" && event.frame == 25 && event.of == 25 && event.fps > 0)

        let words = try shop.studio("probe", "tiny.mp4")
        #expect(words.output.contains("picture    h264") && words.output.contains("25 frames/s, 25 frames"), "\(words.output)")
        let probe = try shop.studio("probe", "tiny.mp4", "--json")
        done(probe)
        struct Info: Decodable {
            struct Video: Decodable { var width: Int; var height: Int; var frames: Int; var rate: String; var colorMatrix: String }
            struct Audio: Decodable { var sampleRate: Int }
            var duration: Double
            var video: [Video]
            var audio: [Audio]
            var metadata: [String: String]
        }
        let info = try JSONDecoder().decode(Info.self, from: Data(probe.output.utf8))
        #expect(info.video.first?.frames == 25 && info.video.first?.width == 64 && info.video.first?.rate == "25")
        #expect(abs(info.duration - 1) < 0.05 && info.audio.first?.sampleRate == 48_000)
        #expect(info.metadata["comment"]?.contains("Synthetic media") == true)
    }

    @Test func theBytesDoNotDependOnTheNumberOfThreads() throws {
        let shop = try Workshop()
        try shop.tiny()
        for threads in ["1", "4"] { done(try shop.studio("render", "tiny.scene", "-q", "-o", "t\(threads).mp4", "--threads", threads)) }
        #expect(try shop.folder.bytes("t1.mp4") == shop.folder.bytes("t4.mp4"))
        // The actor is in the picture: another seed, another wander.
        done(try shop.studio("render", "tiny.scene", "-q", "-o", "other.mp4", "--seed", "99"))
        #expect(try shop.folder.bytes("t1.mp4") != shop.folder.bytes("other.mp4"))
    }

    @Test func aStillIsTheFilmsFrame() throws {
        let shop = try Workshop()
        try shop.tiny()
        try shop.write("exact.scene", Workshop.tinyScene.replacingOccurrences(of: "\"tiny.mp4\"", with: "\"exact.mkv\" { video ffv1 }"))
        done(try shop.studio("render", "exact.scene", "-q"))
        done(try shop.studio("render", "exact.scene", "-q", "--frames", "10-10", "-o", "frame-%04d.png"))
        done(try shop.studio("still", "exact.scene", "--at", "0.4s", "-o", "still.png"))
        #expect(try shop.folder.bytes("frame-0011.png") == shop.folder.bytes("still.png"))
        done(try shop.studio("render", "exact.scene", "-q", "--frames", "0.4s..0.44s", "-o", "one.mkv"))
        let compare = try shop.studio("compare", "one.mkv", "still.png", "--json")
        done(compare)
        let report = try JSONDecoder().decode(Report.self, from: Data(compare.output.utf8))
        #expect(report.frames == [1, 1])
        #expect(report.psnr == nil || report.psnr.map { $0 > 45 } == true, "\(compare.output)")
    }

    private struct Report: Decodable {
        struct Picture: Decodable { var frame: Int; var psnr: Double?; var ssim: Double }
        struct Sound: Decodable { var seconds: [Double]; var difference: Double? }
        var version: Int
        var isEqual: Bool
        var frames: [Int]?
        var psnr: Double?
        var ssim: Double?
        var pictures: [Picture]
        var worst: [Picture]
        var sound: Sound?
    }

    @Test func aSheetHoldsItsPictures() throws {
        let shop = try Workshop()
        try shop.tiny()
        done(try shop.studio("sheet", "tiny.scene", "--columns", "3", "--rows", "2", "-o", "sheet.png"))
        let probe = try shop.studio("probe", "sheet.png", "--json")
        #expect(probe.output.contains("\"width\" : 984") && probe.output.contains("\"height\" : 702"), "\(probe.output)")
    }

    @Test func comparingFindsTheFrameThatDiffers() throws {
        let shop = try Workshop()
        try shop.film("a.mkv", seconds: 1, sound: true)
        // The same film with two frames of another colour, and a quieter sound.
        try shop.write("b.scene", """
        scene { size 64x64 ; rate 25fps }
        audio tone = "tone.wav"
        shot a for 1s { background #a03020 ; title "a.mkv" { fade 0.4s } ; background #3050a0 { from 0.4s to 0.48s } ; sound tone { gain -6dB } }
        output "b.mkv"
        """)
        done(try shop.studio("render", "b.scene", "-q"))
        let same = try shop.studio("compare", "a.mkv", "a.mkv")
        done(same)
        #expect(same.output.hasPrefix("equal\n") && same.output.contains("no difference"))
        let compare = try shop.studio("compare", "a.mkv", "b.mkv", "--json", "--progress", "none")
        done(compare)
        let report = try JSONDecoder().decode(Report.self, from: Data(compare.output.utf8))
        #expect(report.version == 1 && !report.isEqual && report.frames == [25, 25] && report.pictures.count == 25 && report.worst.count == 10)
        #expect(Set(report.worst.prefix(2).map(\.frame)) == [10, 11], "\(report.worst)")
        #expect(report.worst.prefix(2).allSatisfy { ($0.psnr ?? 99) < 20 })
        #expect(report.pictures[2].psnr.map { $0 > 35 } ?? true)
        let difference = try #require(report.sound?.difference)
        #expect(difference < -10 && difference > -50)
        let refused = try shop.studio("compare", "a.mkv", "tone.wav")
        #expect(refused.exitCode == 0, "both have sound: \(refused.errors)")
        try shop.folder.write("badge.ppm", PlainMedia.ppm(width: 32, height: 32))
        let sizes = try shop.studio("compare", "a.mkv", "badge.ppm")
        #expect(sizes.exitCode == 2 && sizes.errors.contains("64x64") && sizes.errors.contains("32x32"))
    }

    @Test func thePersonaSaysWhatItIs() throws {
        let shop = try Workshop()
        try SmallPersona.write(to: shop.file("nova.persona"))
        let info = try shop.studio("persona", "info", "nova.persona")
        done(info)
        for word in ["er-nerf", "heard-mouth-7", "Apache-2.0", "procedural"] { #expect(info.output.contains(word), "\(info.output)") }
    }

    @Test func theDoctorAndTheVersionNameWhatIsThere() throws {
        let shop = try Workshop()
        let version = try shop.studio("version")
        done(version)
        for word in ["studio ", "libavcodec ", "freetype ", "harfbuzz "] { #expect(version.output.contains(word), "\(version.output)") }
        struct Finding: Decodable { var name: String; var state: String; var words: String; var advice: String? }
        let doctor = try shop.studio("doctor", "--json")
        let findings = try JSONDecoder().decode([Finding].self, from: Data(doctor.output.utf8))
        #expect(findings.map(\.name) == ["processor", "memory", "disk", "libraries", "codecs", "fonts", "face model", "flite", "espeak-ng"])
        // Whatever is wrong comes with what to do; only trouble makes the exit code.
        #expect(findings.allSatisfy { ($0.state == "fine") == ($0.advice == nil) })
        #expect((doctor.exitCode == 4) == findings.contains { $0.state == "trouble" })
        #expect(findings.first { $0.name == "codecs" }?.words.contains("ffv1") == true)
        let lost = try shop.studio("doctor", "no-such-folder")
        #expect(lost.exitCode == 4 && lost.output.contains("no-such-folder"))
    }
}
