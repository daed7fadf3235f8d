// Wrong use, and the examples that the help shows.
import ArgumentParser
import Foundation
import TestSupport
import Testing
@testable import studio

@Suite(.serialized) struct UsageTests {
    @Test(arguments: [
        ["frobnicate"], ["render"], ["render", "--frob", "a.scene"], ["still", "a.scene"], ["persona", "frobnicate"], ["compare", "only-one.mp4"],
        ["render", "a.scene", "--threads", "0"], ["render", "a.scene", "--set", "x"], ["render", "a.scene", "--progress", "loud"], ["render", "a.scene", "--overwrite", "maybe"],
        ["render", "a.scene", "--quality", "best"], ["render", "a.scene", "--device", "abacus"], ["render", "a.scene", "--max-memory", "much"],
        ["cache", "gc", "--older", "soon"],
        ["stage", "-o", "x", "--size", "63"], ["stage", "-o", "x", "--seconds", "0"], ["train", "x", "-o", "y.persona", "--threads", "0"], ["train", "x", "-o", "y.persona", "--minutes", "-1"], ["train", "x", "-o", "y.persona", "--size", "100"], ["explain", "no-such-id"],
    ])
    func wrongUseIsTwo(arguments: [String]) throws {
        let shop = try Workshop()
        let ended = try shop.run(arguments)
        #expect(ended.exitCode == 2, "\(arguments): \(ended.exitCode) \(ended.errors)")
        #expect(!ended.errors.isEmpty && ended.output.isEmpty)
        #expect(ended.errors.contains("help"), "\(ended.errors)")
        #expect(shop.folder.contents.isEmpty)
    }

    @Test(arguments: ["5", "3s..1s", "90-95", "9-1", "0-9223372036854775807", "1s..", "-1-4", "1:1:1:1:1:1:1:1:1:1:1:1:1:1s..2s"])
    func aRangeWithoutFramesIsWrongUse(text: String) throws {
        let shop = try Workshop()
        try shop.write("a.scene", "scene { size 64x64 ; rate 25fps }\nshot a for 1s { background black }\noutput \"a.mp4\"\n")
        let ended = try shop.studio("render", "a.scene", "--frames=\(text)", "-q")
        #expect(ended.exitCode == 2, "\(ended.errors)")
        #expect(!shop.folder.exists("a.mp4"))
    }

    @Test func aTimeAfterTheEndIsWrongUse() throws {
        let shop = try Workshop()
        try shop.write("a.scene", "scene { size 64x64 ; rate 25fps }\nshot a for 1s { background black }\n")
        let ended = try shop.studio("still", "a.scene", "--at", "1s", "-o", "a.png")
        #expect(ended.exitCode == 2 && ended.errors.contains("ends at 1.000 s"), "\(ended.errors)")
        #expect(try shop.studio("still", "a.scene", "--at", "0.99s", "-o", "a.png").exitCode == 0)
    }

    // MARK: examples

    /// Every verb and what its help says.
    static func helps() throws -> [(verb: [String], text: String)] {
        let shop = try Workshop()
        var result: [(verb: [String], text: String)] = []
        func visit(_ verb: [String]) throws {
            let text = try shop.run(verb + ["--help"]).output
            let below = subcommands(text)
            if below.isEmpty { result.append((verb, text)) }
            for name in below { try visit(verb + [name]) }
        }
        try visit([])
        return result
    }

    private static func subcommands(_ help: String) -> [String] {
        guard let start = help.range(of: "SUBCOMMANDS:\n") else { return [] }
        return help[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }.compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    /// The lines below “Examples:”, without what a shell does with pipes and files.
    private static func examples(_ help: String) -> [[String]] {
        guard let start = help.range(of: "Examples:\n") else { return [] }
        return help[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("  studio") }
            .map { line in line.prefix { $0 != "|" && $0 != "<" }.split(separator: " ").dropFirst().map(String.init) }
    }

    @Test func everyVerbShowsTwoExamplesThatTheParserTakes() throws {
        let helps = try Self.helps()
        #expect(helps.count >= 16)
        for (verb, text) in helps {
            let examples = Self.examples(text)
            #expect(examples.count >= 2, "studio \(verb.joined(separator: " ")) shows \(examples.count) examples")
            for example in examples {
                #expect(example.starts(with: verb), "\(example) is no example of \(verb)")
                #expect(throws: Never.self, "studio \(example.joined(separator: " "))") { _ = try StudioCommand.parseAsRoot(example) }
            }
        }
    }

    /// Shooting a hundred seconds, training on them and measuring takes long, and not every machine has a face model: their parsing is enough.
    private static let long = ["stage", "train", "persona import", "persona check", "lsp", "faces", "capture", "bench"]

    /// Small, and long enough for the times of the examples.
    private static let intro = """
    scene "Welcome" { size 64x64 ; rate 25fps ; seed 7 }

    persona nova = "nova.persona"
    audio line = "line.wav"
    image badge = "badge.ppm"

    path glance {
        at 0s yaw 0deg
        at 1s yaw 8deg ease in-out
        at 3s yaw 0deg
    }

    shot greeting for 3s {
        background #204060
        actor nova {
            speaks line
            pose glance
        }
        picture badge at top-right { width 25% }
        title "Hi" { from 0.2s to 2.5s }
    }

    output "../intro.mp4"

    """

    @Test func theExamplesRunOnFilesOfTheirNames() throws {
        let shop = try Workshop()
        try shop.tiny()
        for name in ["scenes/nova.persona", "personas/nova.persona", "other.persona"] { try SmallPersona.write(to: shop.file(name)) }
        for name in ["line.wav", "badge.ppm"] { try shop.folder.write("scenes/" + name, try shop.folder.bytes(name)) }
        try shop.write("studio.toml", "")
        try shop.write("scenes/intro.scene", Self.intro)
        try shop.write("scenes/footage.scene", "scene { size 64x64 ; rate 25fps }\nshot card for 0.4s { background #204060 }\nshot rest for 1s { background black }\noutput \"footage.mp4\"\n")
        try shop.write("batch.scene", "param name: text = \"Ada\"\n" + Workshop.tinyScene.replacingOccurrences(of: "\"Hi\"", with: #""Hello \(name)""#)
            .replacingOccurrences(of: "tiny.mp4", with: #"hello-\(name).mp4"#))
        try shop.write("people.csv", "name\nAda\nGrace\n")
        try shop.film("film.mp4", seconds: 1)
        try shop.film("before.mp4", seconds: 1)
        try shop.film("after.mp4", seconds: 1)
        for name in ["a.png", "b.png"] { #expect(try shop.studio("still", "tiny.scene", "--at", "0.5s", "-o", name).exitCode == 0) }
        try shop.folder.write("voice.wav", PlainMedia.speechLike(seconds: 1))
        try shop.folder.write("aud_ds.npy", PlainMedia.numpy([6, 29]))
        try shop.folder.write("logits.npy", PlainMedia.numpy([6, 32]))
        try shop.write("data/may/transforms_train.json", "{}")
        try FileManager.default.createDirectory(atPath: shop.file("renders"), withIntermediateDirectories: true)
        for (verb, text) in try Self.helps() where !Self.long.contains(verb.joined(separator: " ")) {
            for example in Self.examples(text) {
                let arguments = example.flatMap { $0 == "scenes/*.scene" ? ["scenes/intro.scene"] : [$0] }.map { $0.replacingOccurrences(of: "1:02.5", with: "0:01.5") }
                let ended = try shop.run(arguments)
                #expect([0, verb == ["doctor"] ? 4 : 0].contains(ended.exitCode), "studio \(arguments.joined(separator: " ")): \(ended.exitCode)\n\(ended.errors)\(ended.output)")
            }
        }
    }
}
