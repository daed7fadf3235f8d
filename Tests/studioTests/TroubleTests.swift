// Bad input and bad places through the whole program: one clear error each, the right exit code, nothing under the final name.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct TroubleTests {
    /// A refused render: its code, words that its talk must hold, and nothing left behind.
    private func refuse(_ shop: Workshop, _ arguments: [String], code: Int32, words: [String], limit: Int? = nil, place: SourceLocation = #_sourceLocation) throws {
        let before = shop.folder.contents
        let ended = try shop.run(arguments, limit: limit)
        #expect(ended.exitCode == code, "\(ended.errors)", sourceLocation: place)
        for word in words { #expect(ended.errors.contains(word), "“\(word)” is missing in: \(ended.errors)", sourceLocation: place) }
        // What failed, and what to do next.
        #expect(ended.errors.contains("studio: "), "\(ended.errors)", sourceLocation: place)
        #expect(ended.errors.contains("help: "), "\(ended.errors)", sourceLocation: place)
        #expect(!ended.errors.contains("Fatal error") && !ended.errors.contains("NSCocoa"), "\(ended.errors)", sourceLocation: place)
        #expect(ended.output.isEmpty, "\(ended.output)", sourceLocation: place)
        let left = shop.leftovers(before)
        #expect(left.isEmpty, "left behind: \(left)", sourceLocation: place)
    }

    private func scene(_ declaration: String, _ layer: String) -> String {
        "scene { size 64x64 ; rate 25fps }\n\(declaration)\nshot a for 2s {\n    background black\n    \(layer)\n}\noutput \"out.mp4\"\n"
    }

    // MARK: media

    @Test func missingMediaNameTheLineAndTheNearestName() throws {
        let shop = try Workshop()
        try shop.folder.write("voice.wav", PlainMedia.speechLike(seconds: 0.5))
        try shop.write("a.scene", scene(#"audio line = "voise.wav""#, "sound line"))
        try refuse(shop, ["render", "a.scene"], code: 3, words: ["a.scene:2:14", "voise.wav", "did you mean `voice.wav`", "missing-file"])
    }

    @Test func aSoundOfNoLengthIsUnreadable() throws {
        let shop = try Workshop()
        try shop.folder.write("silent.wav", PlainMedia.wav([]))
        try shop.folder.write("nothing.wav", [UInt8]())
        for name in ["silent.wav", "nothing.wav"] {
            try shop.write("a.scene", scene("audio line = \"\(name)\"", "sound line"))
            try refuse(shop, ["render", "a.scene"], code: 3, words: ["a.scene:2:14", name, "unreadable-file"])
        }
    }

    @Test func aFilmThatWasCutOffIsRefusedAtItsLastPicture() throws {
        let shop = try Workshop()
        try shop.film("whole.mp4", seconds: 2)
        try shop.cut("whole.mp4", to: 0.8, as: "cut.mp4")
        try shop.write("a.scene", scene(#"video v = "cut.mp4""#, "footage v"))
        try refuse(shop, ["render", "a.scene", "-q"], code: 3, words: ["a.scene:5:5", "footage, frame", "cut.mp4", "cut off", "it lasts to 2.00 s", "studio probe"])
        // The whole one is taken.
        try shop.write("b.scene", scene(#"video v = "whole.mp4""#, "footage v"))
        let whole = try shop.studio("render", "b.scene", "-q")
        #expect(whole.exitCode == 0, "\(whole.errors)")
    }

    @Test func aFilmThatEndsInItsIndexIsUnreadable() throws {
        let shop = try Workshop()
        try shop.film("whole.mp4", seconds: 1)
        try shop.folder.write("stub.mp4", Array(try shop.folder.bytes("whole.mp4").prefix(300)))
        try shop.write("a.scene", scene(#"video v = "stub.mp4""#, "footage v"))
        try refuse(shop, ["render", "a.scene"], code: 3, words: ["a.scene:2:11", "stub.mp4", "unreadable-file"])
        try refuse(shop, ["probe", "stub.mp4"], code: 3, words: ["stub.mp4"])
    }

    @Test func aSoundThatWasCutOffIsRefused() throws {
        let shop = try Workshop()
        try shop.film("whole.mp4", seconds: 2, sound: true)
        try shop.cut("whole.mp4", to: 0.5, as: "cut.mp4")
        try shop.write("a.scene", scene(#"audio s = "cut.mp4""#, "sound s"))
        try refuse(shop, ["render", "a.scene"], code: 3, words: ["a.scene:2:11", "cut.mp4", "cut off"])
    }

    @Test func aPictureThatIsNoneIsRefused() throws {
        let shop = try Workshop()
        try shop.write("logo.png", "this is text")
        try shop.write("a.scene", scene(#"image logo = "logo.png""#, "picture logo"))
        try refuse(shop, ["render", "a.scene"], code: 3, words: ["a.scene:2:14", "logo.png", "unreadable-file"])
    }

    // MARK: scenes

    @Test func tenMistakesGiveTenFindings() throws {
        let shop = try Workshop()
        try shop.write("ten.scene", """
        scene "Ten" { size 64x64 ; rate 25fps ; seeed 4 }
        param tempo: speed = 1
        path glance { at 0s yaw 3px }
        blink calm { every 2s lasting }
        style big { like huge }
        shot one for 2s {
            backgruond black
            title "Hi" { opacity 3 }
            sound nothing
            title "x" { from 0s to 1 }
        }
        output "out.mp4" { video mpeg9 }
        """)
        let found = try shop.studio("lint", "ten.scene", "--format", "json")
        #expect(found.exitCode == 1)
        struct Document: Decodable {
            struct Entry: Decodable {
                struct Place: Decodable { var line: Int }
                var id: String
                var severity: String
                var primary: Place
            }
            var diagnostics: [Entry]
        }
        let findings = try JSONDecoder().decode(Document.self, from: Data(found.output.utf8)).diagnostics
        #expect(findings.map(\.primary.line) == [1, 2, 3, 4, 5, 7, 8, 9, 10, 12], "\(findings.map { "\($0.primary.line) \($0.id)" })")
        #expect(findings.allSatisfy { $0.severity == "error" })
        let before = shop.folder.contents
        let render = try shop.studio("render", "ten.scene")
        #expect(render.exitCode == 1)
        #expect(render.errors.components(separatedBy: "error[").count - 1 == 10, "\(render.errors)")
        #expect(render.errors.contains("the scene has 10 errors"))
        #expect(shop.leftovers(before).isEmpty)
    }

    @Test func anEngineThatIsNotBuiltIsNamedWithItsClause() throws {
        let shop = try Workshop()
        try shop.film("whole.mp4", seconds: 2)
        try shop.folder.write("line.wav", PlainMedia.speechLike(seconds: 1))
        try shop.write("a.scene", scene("video v = \"whole.mp4\" ; audio line = \"line.wav\"", "footage v { dub line from 0s to 1s }"))
        try refuse(shop, ["render", "a.scene"], code: 1, words: ["engine-not-built", "a.scene:5:17", "dub"])
    }

    @Test func aSceneThatIsNotThereIsMissing() throws {
        let shop = try Workshop()
        for verb in [["render", "none.scene"], ["plan", "none.scene"], ["lint", "none.scene"], ["still", "none.scene", "--at", "0s", "-o", "x.png"]] {
            try refuse(shop, verb, code: 3, words: ["none.scene"])
        }
    }

    // MARK: personas and checkpoints

    @Test func aPersonaOfAWrongShapeIsRefusedByName() throws {
        let shop = try Workshop()
        try shop.tiny()
        // A plausible file whose first layer has lost a column.
        let path = shop.file("nova.persona/weights.safetensors")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = (0..<8).reduce(0) { $0 + Int(bytes[$1]) << (8 * $1) }
        var header = try #require(try JSONSerialization.jsonObject(with: bytes.subdata(in: 8..<(8 + length))) as? [String: [String: Any]])
        let shape = try #require(header["sigma_net.net.0.weight"]?["shape"] as? [Int])
        header["sigma_net.net.0.weight"]?["shape"] = [shape[1], shape[0]]
        bytes = try SmallPersona.file(header, bytes.subdata(in: (8 + length)..<bytes.count))
        try bytes.write(to: URL(fileURLWithPath: path))
        try refuse(shop, ["render", "tiny.scene", "-q"], code: 3, words: ["nova.persona", "sigma_net.net.0.weight", "\(shape[1]), \(shape[0])"])
    }

    @Test func aPersonaThatWasCutOffIsRefused() throws {
        let shop = try Workshop()
        try shop.tiny()
        try shop.cut("nova.persona/weights.safetensors", to: 0.7, as: "nova.persona/weights.safetensors")
        try refuse(shop, ["render", "tiny.scene", "-q"], code: 3, words: ["nova.persona", "weights.safetensors"])
        try refuse(shop, ["persona", "info", "nova.persona"], code: 3, words: ["weights.safetensors"])
    }

    @Test(arguments: [false, true]) func aPickleThatWantsToRunCodeIsRefusedUnrun(zipped: Bool) throws {
        let shop = try Workshop()
        // Python's classic: os.system("touch ran").
        let pickle = Array("cposix\nsystem\n(S'touch ran'\ntR.".utf8)
        try shop.folder.write("evil.pth", zipped ? StoredZip.archive([("archive/data.pkl", pickle), ("archive/version", Array("3\n".utf8))]) : pickle)
        try shop.write("data/transforms_train.json", "{}")
        try refuse(shop, ["persona", "import", "evil.pth", "--dataset", "data", "-o", "evil.persona"], code: 3, words: ["evil.pth", "posix.system", "nothing of the file was run", "a source that you trust"])
        #expect(!shop.folder.exists("ran"))
    }

    // MARK: places

    @Test func aFullDiskLeavesNothingBehind() throws {
        let shop = try Workshop()
        try shop.tiny()
        try shop.film("whole.mp4", seconds: 1)
        try refuse(shop, ["render", "tiny.scene", "-q"], code: 6, words: ["tiny.mp4", "the disk is full"], limit: 8)
        try refuse(shop, ["still", "tiny.scene", "--at", "0.5s", "-o", "frame.png"], code: 6, words: ["frame.png", "the disk is full"], limit: 1)
        try refuse(shop, ["stage", "-o", "set", "--seconds", "1", "--size", "64", "--lessons", "0", "--progress", "none"], code: 6, words: ["the disk is full"], limit: 4, keeps: "set")
    }

    /// A data set folder keeps what was finished; only its own files may be there.
    private func refuse(_ shop: Workshop, _ arguments: [String], code: Int32, words: [String], limit: Int, keeps folder: String) throws {
        let before = shop.folder.contents
        let ended = try shop.run(arguments, limit: limit)
        #expect(ended.exitCode == code, "\(ended.errors)")
        for word in words { #expect(ended.errors.contains(word), "\(ended.errors)") }
        let left = shop.leftovers(before).filter { !$0.hasPrefix(folder) || $0.hasSuffix(".part") }
        #expect(left.isEmpty, "left behind: \(left)")
    }

    @Test func anUnwritablePlaceIsNamed() throws {
        let shop = try Workshop()
        try shop.tiny()
        // A file where a folder is wanted, and a folder that the system itself keeps shut: both refuse root as well.
        for place in ["badge.ppm/film.mp4", "/proc/film.mp4", "/proc/none/film.mp4"] {
            try refuse(shop, ["render", "tiny.scene", "-q", "-o", place], code: 4, words: [place, "cannot be written", "-o"])
        }
        try refuse(shop, ["still", "tiny.scene", "--at", "0s", "-o", "/proc/x.png"], code: 4, words: ["/proc/x.png"])
        try refuse(shop, ["stage", "-o", "badge.ppm/set", "--seconds", "1", "--size", "64"], code: 4, words: ["badge.ppm/set"])
        try refuse(shop, ["train", "set", "-o", "badge.ppm/x.persona"], code: 4, words: ["badge.ppm/x.persona"])
        guard getuid() != 0 else { return }
        try FileManager.default.createDirectory(atPath: shop.file("shut"), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o555])
        try refuse(shop, ["render", "tiny.scene", "-q", "-o", "shut/film.mp4"], code: 4, words: ["shut/film.mp4", "Permission denied"])
    }

    @Test func aFileThatIsThereIsKeptWhenAsked() throws {
        let shop = try Workshop()
        try shop.tiny()
        try shop.write("tiny.mp4", "precious")
        try refuse(shop, ["render", "tiny.scene", "--overwrite", "never"], code: 2, words: ["tiny.mp4", "is there already"])
        #expect(try shop.folder.bytes("tiny.mp4") == Array("precious".utf8))
    }

    @Test func aFolderThatIsNoPersonaIsNeverReplaced() throws {
        let shop = try Workshop()
        try shop.write("home.persona/letters.txt", "precious")
        try refuse(shop, ["train", "set", "-o", "home.persona"], code: 2, words: ["home.persona", "not replaced"])
        try refuse(shop, ["train", "set", "-o", "."], code: 2, words: ["NAME.persona"])
        #expect(try shop.folder.bytes("home.persona/letters.txt") == Array("precious".utf8))
    }

    // MARK: interrupts

    @Test func anInterruptStopsAfterTheFrameAndLeavesNoFilm() throws {
        let shop = try Workshop()
        try shop.write("long.scene", "scene { size 64x64 ; rate 25fps }\nshot a for 120s { background #204060 }\noutput \"long.mp4\"\n")
        let before = shop.folder.contents
        let ended = try shop.run(["render", "long.scene", "--progress", "plain"]) { $0.contains("render ") }
        #expect(ended.exitCode == 130, "\(ended.errors)")
        #expect(ended.errors.contains("interrupted") && ended.errors.contains("help: "), "\(ended.errors)")
        #expect(shop.leftovers(before).filter { !$0.hasPrefix(".") }.isEmpty)
        #expect(!shop.folder.exists("long.mp4"))
    }

    @Test func anInterruptedShootGoesOnWhereItStopped() throws {
        let shop = try Workshop()
        let shoot = ["stage", "-o", "set", "--held-out", "--seconds", "1", "--size", "64", "--progress", "plain"]
        let ended = try shop.run(shoot) { $0.contains("stage ") }
        #expect(ended.exitCode == 130, "\(ended.errors)")
        #expect(ended.errors.contains("goes on where it stopped"))
        let again = try shop.run(shoot)
        #expect(again.exitCode == 0, "\(again.errors)")
        let whole = try Workshop()
        #expect(try whole.run(shoot).exitCode == 0)
        #expect(whole.folder.contents == shop.folder.contents)
        for name in whole.folder.contents where name.hasSuffix(".jpg") || name.hasSuffix(".png") || name.hasSuffix(".npy") {
            #expect(try whole.folder.bytes(name) == shop.folder.bytes(name), "\(name)")
        }
    }
}
