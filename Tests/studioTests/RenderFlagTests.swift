// The flags of `render` one by one and together, on real films: what they do, and what wrong values say.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct RenderFlagTests {
    /// Two shots of a second each at 25 frames a second.
    private static let two = """
    scene { size 64x64 ; rate 25fps }
    param tint: color = #204060
    shot one for 1s { background tint ; title "one" { fade 0.4s } }
    shot two for 1s { background black ; title "two" { fade 0.4s } }
    output "two.mp4"
    output "two.mkv" { video ffv1 }

    """

    private func shop() throws -> Workshop {
        let shop = try Workshop()
        try shop.write("two.scene", Self.two)
        return shop
    }

    private struct Info: Decodable {
        struct Video: Decodable { var frames: Int?; var codec: String; var width: Int }
        struct Audio: Decodable { var codec: String }
        var video: [Video]
        var audio: [Audio]
    }
    private func info(_ shop: Workshop, _ file: String) throws -> Info {
        let ended = try shop.studio("probe", file, "--json")
        #expect(ended.exitCode == 0, "\(ended.errors)")
        return try JSONDecoder().decode(Info.self, from: Data(ended.output.utf8))
    }

    /// A refusal: its code and words, nothing on standard output, nothing left behind.
    private func refuse(_ shop: Workshop, _ arguments: [String], code: Int32, _ words: String..., place: SourceLocation = #_sourceLocation) throws {
        let before = shop.folder.contents
        let ended = try shop.run(arguments)
        #expect(ended.exitCode == code, "\(ended.errors)", sourceLocation: place)
        for word in words + ["help: "] { #expect(ended.errors.contains(word), "“\(word)” is missing in: \(ended.errors)", sourceLocation: place) }
        #expect(ended.output.isEmpty, sourceLocation: place)
        #expect(shop.leftovers(before).isEmpty, "left behind: \(shop.leftovers(before))", sourceLocation: place)
    }

    // MARK: --frames

    @Test(arguments: [("10-19", 10), ("0.4s..0.8s", 10), ("400ms..0.8", 10), ("10f..20f", 10), ("00:00:00:10..00:00:00:20", 10), ("0:00.4..0:00.8", 10), ("shot:two", 25), ("45-300", 5)])
    func everySpellingOfFramesTakesThoseFrames(range: String, count: Int) throws {
        let shop = try shop()
        let ended = try shop.studio("render", "two.scene", "--frames", range, "-o", "part.mp4", "--progress", "none")
        #expect(ended.exitCode == 0 && ended.output == "part.mp4\n", "\(ended.errors)")
        #expect(try info(shop, "part.mp4").video.first?.frames == count)
        // Frames that are not there are said, and -q is silent about them.
        #expect(ended.errors.contains("it has frames 0-49") == (range == "45-300"), "\(ended.errors)")
        #expect(try shop.studio("render", "two.scene", "--frames", range, "-o", "part.mp4", "-q").errors.isEmpty)
    }

    @Test func theSameFramesAreTheSameInEverySpelling() throws {
        let shop = try shop()
        for (index, range) in ["10-19", "10f..20f", "00:00:00:10..00:00:00:20"].enumerated() {
            #expect(try shop.studio("render", "two.scene", "--frames", range, "-o", "\(index).mp4", "-q").exitCode == 0)
        }
        #expect(try shop.folder.bytes("0.mp4") == shop.folder.bytes("1.mp4") && shop.folder.bytes("0.mp4") == shop.folder.bytes("2.mp4"))
        // A draft has every second of them.
        #expect(try shop.studio("render", "two.scene", "--frames", "10-19", "-o", "draft.mp4", "--quality", "draft", "-q").exitCode == 0)
        #expect(try info(shop, "draft.mp4").video.first?.frames == 5)
    }

    @Test(arguments: [("19-10", "the last frame is before the first"), ("1s..", "is no time"), ("3s..1s", "the end is not behind the start"), ("shot:three", "it is one"), ("60-70", "it has frames 0-49"), ("1:75..2:00", "is no time")])
    func aRangeThatIsNoneSaysWhy(range: String, words: String) throws {
        try refuse(shop(), ["render", "two.scene", "--frames", range, "-o", "x.mp4"], code: 2, words == "it is one" ? "the scene has one, two" : words)
    }

    // MARK: -o and --overwrite

    @Test(arguments: [(".", "is a folder"), ("new/deep/", "is no file name"), ("film", "no container"), ("film.xyz", "no container"), (".mp4", "no name before the ending"), ("film.wav", "holds no pictures"),
                      ("film.gif", "cannot hold h264"), ("one.png", "a picture holds one frame"), ("%d-%d.png", "one number"), ("%04d.bmp", ".png or .jpg"), ("new/x.xyz", "no container"), ("new%d/x.png", "a picture holds one frame")])
    func aNameThatCannotBeWrittenIsSaidAtOnce(name: String, words: String) throws {
        try refuse(shop(), ["render", "two.scene", "--output=\(name)"], code: 2, words)
    }

    @Test func aNameOfTheSceneThatCannotBeWrittenShowsItsLine() throws {
        let shop = try Workshop()
        try shop.write("a.scene", "scene { size 64x64 ; rate 25fps }\nshot a for 1s { background black }\noutput \"good.mp4\"\noutput \"bad.webm\" { video h264 }\n")
        try refuse(shop, ["render", "a.scene"], code: 1, "a.scene:4:8", "bad.webm: .webm cannot hold h264; it holds", "vp9")
        try refuse(shop, ["render", "a.scene", "--dry-run"], code: 1, "a.scene:4:8")
    }

    @Test func theEndingChoosesTheCodecs() throws {
        let shop = try Workshop()
        try shop.folder.write("line.wav", PlainMedia.speechLike(seconds: 0.4))
        try shop.write("a.scene", "scene { size 64x64 ; rate 25fps }\naudio line = \"line.wav\"\nshot a for 0.4s { background black ; sound line }\noutput \"a.mp4\"\n")
        for (name, codecs) in [("a.webm", ["vp9", "opus"]), ("a.mkv", ["h264", "aac"]), ("A.MP4", ["h264", "aac"])] {
            let ended = try shop.studio("render", "a.scene", "-o", name, "-q")
            #expect(ended.exitCode == 0, "\(ended.errors)")
            let info = try info(shop, name)
            #expect(info.video.map(\.codec) + info.audio.map(\.codec) == codecs)
        }
    }

    @Test func nothingIsReplacedThatMustNotBe() throws {
        let shop = try shop()
        try shop.write("two.mkv", "mine")
        // The second output is there already: the first is not begun.
        for word in ["never", "ask"] { try refuse(shop, ["render", "two.scene", "--overwrite", word], code: 2, "two.mkv: is there already") }
        #expect(try shop.folder.bytes("two.mkv") == Array("mine".utf8))
        try shop.write("p-0002.png", "mine")
        try refuse(shop, ["render", "two.scene", "--overwrite", "never", "--frames", "0-4", "-o", "p-%04d.png"], code: 2, "p-0002.png: is there already")
        #expect(try shop.studio("render", "two.scene", "--overwrite", "never", "--frames", "5-6", "-o", "p-%04d.png", "-q").exitCode == 0)
        #expect(shop.folder.exists("p-0006.png") && shop.folder.exists("p-0007.png"))
        let dry = try shop.studio("render", "two.scene", "--dry-run")
        #expect(dry.output == "two.mp4  64x64  25fps  50 frames\ntwo.mkv  64x64  25fps  50 frames  replaces what is there\n", "\(dry.output)\(dry.errors)")
        #expect(try shop.studio("render", "two.scene", "--overwrite", "always", "-q").exitCode == 0)
        #expect(try info(shop, "two.mp4").video.first?.frames == 50 && info(shop, "two.mkv").video.first?.codec == "ffv1")
    }

    @Test func standardOutputTakesTheFilmAndNothingElse() throws {
        let shop = try shop()
        #expect(try shop.studio("render", "two.scene", "-o", "file.mp4", "-q").exitCode == 0)
        var child = ChildProcess("/bin/sh", ["-c", "'\(Workshop.program)' render two.scene -o - > piped.mp4"], in: shop.folder.path)
        child.input = ""
        let ended = try child.run()
        #expect(ended.exitCode == 0, "\(ended.errors)")
        #expect(try shop.folder.bytes("piped.mp4") == shop.folder.bytes("file.mp4"))
        // Nothing of a stream is kept, and nothing is promised.
        try refuse(shop, ["render", "two.scene", "-o", "-", "--timeout", "1ms"], code: 6, "standard output: 0 of 50 frames are kept", "starts again")
        try refuse(shop, ["render", "two.scene", "-o", "-", "--frames", "70-80"], code: 2, "it has frames 0-49")
    }

    // MARK: time, kept pieces

    @Test(arguments: ["0s", "soon", "-5", "1:75", "7w"]) func aTimeoutThatIsNoneIsWrongUse(text: String) throws {
        try refuse(shop(), ["render", "two.scene", "--timeout=\(text)"], code: 2, "--timeout")
        if text != "0s" { try refuse(shop(), ["cache", "gc", "--older=\(text)"], code: 2, "--older") }
    }

    @Test(arguments: ["90", "90s", "10:00", "1:00:00", "10min", "2h", "1d"]) func everyLengthOfTimeIsUnderstood(text: String) throws {
        let shop = try shop()
        #expect(try shop.studio("render", "two.scene", "--frames", "0-4", "--timeout", text, "-q").exitCode == 0)
        #expect(try shop.studio("cache", "gc", "--older", text).exitCode == 0)
    }

    @Test func filmsOfOneNameFromTwoFoldersKeepTheirPiecesApart() throws {
        let shop = try Workshop()
        for folder in ["a", "b"] { try shop.write("\(folder)/x.scene", "scene { size 64x64 ; rate 25fps }\nshot a for 40s { background black ; title \"\(folder)\" { fade 9s } }\noutput \"x.mp4\"\n") }
        for folder in ["a", "b"] {
            let stopped = try shop.run(["render", "\(folder)/x.scene", "--work", "kept", "--progress", "plain"]) { $0.contains("render 2") || $0.contains("render 1") && $0.contains("00/1000") }
            #expect([0, 130].contains(stopped.exitCode), "\(stopped.errors)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: shop.file("kept")).filter { $0.hasPrefix(".x.mp4@") && $0.hasSuffix(".work") }
        #expect(Set(names).count == names.count && names.count <= 2)
        let listed = try shop.studio("cache", "ls", "kept", "--json")
        struct Kept: Decodable { var output: String; var kind: String }
        let kept = try JSONDecoder().decode([Kept].self, from: Data(listed.output.utf8))
        #expect(kept.count == names.count && kept.allSatisfy { $0.output.hasSuffix("x.mp4") && $0.kind == "film" }, "\(listed.output)")
        for folder in ["a", "b"] {
            #expect(try shop.studio("render", "\(folder)/x.scene", "--work", "kept", "-q").exitCode == 0)
            #expect(try info(shop, "\(folder)/x.mp4").video.first?.frames == 1000)
        }
    }

    @Test func twoRendersOfOneFilmDoNotMeet() throws {
        let shop = try Workshop()
        try shop.write("x.scene", "scene { size 64x64 ; rate 25fps }\nshot a for 1s { background black }\noutput \"x.mp4\"\n")
        // What a render holds while it works.
        try FileManager.default.createDirectory(atPath: shop.file(".x.mp4.work"), withIntermediateDirectories: true)
        let lock = open(shop.file(".x.mp4.work/lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(lock) }
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        try refuse(shop, ["render", "x.scene"], code: 4, "x.mp4: another studio is rendering it")
        #expect(try shop.studio("render", "x.scene", "-o", "y.mp4", "-q").exitCode == 0)
        #expect(flock(lock, LOCK_UN) == 0)
        #expect(try shop.studio("render", "x.scene", "-q").exitCode == 0)
        #expect(!shop.folder.exists(".x.mp4.work"))
    }

    // MARK: --set, together

    @Test func aParamThatIsSetWronglyIsWrongUse() throws {
        let shop = try shop()
        try refuse(shop, ["render", "two.scene", "--set", "tnit=red"], code: 2, "the scene has no param `tnit`", "did you mean `tint`")
        try refuse(shop, ["render", "two.scene", "--set", "tint=redd"], code: 2, "`redd` is not a color for `tint`")
        try refuse(shop, ["render", "two.scene", "--set", "=red"], code: 2, "expected NAME=VALUE")
        try refuse(shop, ["plan", "two.scene", "--set", "tint"], code: 2, "expected NAME=VALUE")
        for (name, value) in [("a.mkv", "#204060"), ("b.mkv", "red")] {
            #expect(try shop.studio("render", "two.scene", "--set", "tint=\(value)", "--frames", "0-4", "-o", name, "-q").exitCode == 0)
        }
        #expect(try shop.folder.bytes("a.mkv") != shop.folder.bytes("b.mkv"))
    }

    @Test func flagsWorkTogether() throws {
        let shop = try shop()
        let ended = try shop.studio("render", "two.scene", "--set", "tint=red", "--frames", "shot:one", "-o", "all.mp4", "--quality", "exact", "--threads", "3", "--device", "cpu", "--seed", "9",
                                    "--work", "w", "--fresh", "--overwrite", "never", "--max-memory", "2G", "--timeout", "1h", "--progress", "json", "-v", "--color", "never")
        #expect(ended.exitCode == 0 && ended.output == "all.mp4\n", "\(ended.errors)")
        #expect(ended.errors.contains("3 threads") && ended.errors.contains("25 frames in"))
        for line in ended.errors.split(separator: "\n") where line.hasPrefix("{") {
            #expect(throws: Never.self) { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
        #expect(try info(shop, "all.mp4").video.first?.frames == 25)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shop.file("w")).isEmpty)
        let silent = try shop.studio("render", "two.scene", "-q", "--no-cache", "--frames", "0-4", "--progress", "bar")
        #expect(silent.exitCode == 0 && silent.errors.isEmpty && silent.output == "two.mp4\ntwo.mkv\n")
    }

    @Test func colourIsShownWhereItIsWanted() throws {
        let shop = try Workshop()
        try shop.write("a.scene", "shot a for 1s { backgruond black }\n")
        for verb in [["render", "a.scene"], ["plan", "a.scene"], ["still", "a.scene", "--at", "0s", "-o", "a.png"], ["curve", "a.scene"]] {
            #expect(try shop.run(verb + ["--color", "always"]).errors.contains("\u{1B}["))
            #expect(try !shop.run(verb).errors.contains("\u{1B}["))
        }
        #expect(try shop.studio("render", "a.scene", "--color", "pink").exitCode == 2)
    }
}
