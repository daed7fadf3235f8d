// From nothing to a persona that renders, on the smallest data set that there is.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct TrainingTests {
    static let recipe = """
    {"seed": 7, "speechSteps": 6, "audioSteps": 4, "coarseSteps": 70, "lipsSteps": 6, "torsoSteps": 20, "raysPerStep": 256,
     "planeRate": 0.02, "networkRate": 0.005, "audioRate": 0.0002, "lastRate": 0.1}
    """

    @Test func aStageSetTrainsAPersonaThatRenders() throws {
        let shop = try Workshop()
        let stage = try shop.studio("stage", "-o", "set", "--seconds", "1", "--size", "64", "--lessons", "1", "--progress", "none")
        #expect(stage.exitCode == 0, "\(stage.errors)")
        try shop.write("small.json", Self.recipe)
        let train = ["train", "set", "-o", "mini.persona", "--recipe", "small.json"]
        // Interrupted as soon as the head is under way, and gone on with.
        let state = shop.file("mini.persona.training/head.safetensors")
        let stopped = try shop.run(train + ["--threads", "2"]) { _ in FileManager.default.fileExists(atPath: state) }
        #expect(stopped.exitCode == 130 && stopped.errors.contains("goes on where it stopped"), "\(stopped.errors)")
        #expect(!shop.folder.exists("mini.persona"))
        let resumed = try shop.run(train + ["--threads", "2", "--resume", "--progress", "none"])
        #expect(resumed.exitCode == 0 && resumed.output == "mini.persona\n", "\(resumed.errors)")
        #expect(!shop.folder.exists("mini.persona.training"))
        // Without an interrupt, and on another number of threads: the same bytes.
        let whole = try shop.studio("train", "set", "-o", "again/mini.persona", "--recipe", "small.json", "--threads", "1", "--progress", "none")
        #expect(whole.exitCode == 0, "\(whole.errors)")
        for file in ["weights.safetensors", "manifest.json"] {
            #expect(try shop.folder.bytes("mini.persona/\(file)") == shop.folder.bytes("again/mini.persona/\(file)"), "\(file)")
        }
        // Nothing is kept any more.
        let nothing = try shop.run(train + ["--resume"])
        #expect(nothing.exitCode == 2 && nothing.errors.contains("--resume"), "\(nothing.errors)")

        let info = try shop.studio("persona", "info", "mini.persona")
        #expect(info.output.contains("\"width\" : 64") && info.output.contains("\"name\" : \"mini\""), "\(info.output)")
        let check = try shop.studio("persona", "check", "mini.persona", "set", "-o", "check.png", "--every", "4")
        #expect(check.exitCode == 0, "\(check.errors)")
        let head = try #require(check.output.split(separator: "\n").first { $0.hasPrefix("head ") })
        let decibels = try #require(Double(head.split(separator: " ")[1]))
        // A few steps colour the head; a black one is below 10 dB.
        #expect(decibels > 12, "\(check.output)")
        #expect(shop.folder.exists("check.png"))

        try shop.folder.write("line.wav", PlainMedia.speechLike(seconds: 0.4))
        try shop.write("mini.scene", """
        scene { size 64x64 ; rate 25fps }
        persona mini = "mini.persona"
        audio line = "line.wav"
        shot a { actor mini { speaks line ; background original } }
        output "mini.mp4"
        """)
        let render = try shop.studio("render", "mini.scene", "-q")
        #expect(render.exitCode == 0, "\(render.errors)")
        #expect(shop.folder.exists("mini.mp4"))

        // Another persona that hears with its encoder: nothing is taught to hear, whatever the recipe says.
        try shop.write("other.json", Self.recipe.replacingOccurrences(of: "\"seed\": 7", with: "\"seed\": 8"))
        let heard = try shop.studio("train", "set", "-o", "heard.persona", "--recipe", "other.json", "--hearing", "mini.persona", "--progress", "plain")
        #expect(heard.exitCode == 0 && !heard.errors.contains("speech encoder"), "\(heard.errors)")
        for name in ["mini", "heard"] { #expect(try shop.studio("speech", "features", "line.wav", "-o", "\(name).npy", "--persona", "\(name).persona").exitCode == 0) }
        #expect(try shop.folder.bytes("mini.npy") == shop.folder.bytes("heard.npy"))
        #expect(try shop.folder.bytes("mini.persona/weights.safetensors") != shop.folder.bytes("heard.persona/weights.safetensors"))
        let deaf = try shop.run(["train", "set", "-o", "deaf.persona", "--hearing", "nobody.persona"])
        #expect(deaf.exitCode == 3 && deaf.errors.contains("nobody.persona"), "\(deaf.errors)")
        let older = try shop.run(["train", "set", "-o", "deaf.persona", "--engine", "ad-nerf", "--hearing", "mini.persona"])
        #expect(older.exitCode == 2 && older.errors.contains("--hearing mini.persona"), "\(older.errors)")

        // Out as the original's checkpoint, and in again: the same picture.
        #expect(try shop.studio("persona", "export", "mini.persona", "-o", "mini.pth").exitCode == 0)
        let back = try shop.studio("persona", "import", "mini.pth", "--dataset", "set", "-o", "back.persona")
        #expect(back.exitCode == 0, "\(back.errors)")
        try shop.write("back.scene", "scene { size 64x64 ; rate 25fps }\npersona mini = \"back.persona\"\naudio line = \"line.wav\"\nshot a { actor mini { speaks line ; background original } }\n")
        for name in ["mini", "back"] { #expect(try shop.studio("still", "\(name).scene", "--at", "0.2s", "-o", "\(name).png").exitCode == 0) }
        #expect(try shop.folder.bytes("mini.png") == shop.folder.bytes("back.png"))
    }

    /// The smallest network that there is: its trial takes a second on an idle machine.
    static let fitted = """
    {"seed": 7, "sizes": {"depth": 3, "width": 16, "skips": [1], "viewDepth": 1, "viewWidth": 8, "positionOctaves": 4, "directionOctaves": 1, "audioWidth": 64},
     "coarse": 8, "draws": 8, "headSteps": 20, "torsoSteps": 10, "headRays": 64, "torsoRays": 64, "smoothFrom": 10, "rate": 0.004, "decaySteps": 40,
     "faceShare": 0.8, "mouthShare": 0.1, "transposedRectangles": false}
    """

    @Test func aTrainingFitsATimeAndASizeAndShowsHowFarItIs() throws {
        let shop = try Workshop()
        #expect(try shop.studio("stage", "-o", "set", "--seconds", "1", "--size", "128", "--lessons", "0", "--progress", "none").exitCode == 0)
        try shop.write("small.json", Self.fitted)
        let train = ["train", "set", "-o", "quick.persona", "--engine", "ad-nerf", "--recipe", "small.json", "--progress", "none"]
        // There is no time at all.
        let none = try shop.run(train + ["--minutes", "0.001"])
        #expect(none.exitCode == 2 && none.errors.contains("the time is over before the first step"), "\(none.errors)")
        #expect(!shop.folder.exists("quick.persona") && !shop.folder.exists("quick.persona.training"))
        // Enlarged pictures teach nothing.
        let large = try shop.run(train + ["--size", "256"])
        #expect(large.exitCode == 2 && large.errors.contains("128x128"), "\(large.errors)")

        // Where other tests keep the machine busy, the shorter times may be over before the first step.
        var quick = none, minutes = ""
        for time in ["0.1", "1", "8"] where quick.exitCode != 0 {
            minutes = time
            quick = try shop.run(train + ["--minutes", time, "--size", "64", "--preview"])
        }
        #expect(quick.exitCode == 0, "\(quick.errors)")
        let words = try #require(quick.errors.split(separator: "\n").first { $0.contains("fitted to \(minutes) min: ") })
        var counts: [String: Int] = [:]
        for pair in words.components(separatedBy: "min: ")[1].components(separatedBy: ", ") {
            let parts = pair.split(separator: " ")
            counts[String(parts[0])] = Int(parts[1])
        }
        #expect(counts.keys.sorted() == ["decaySteps", "headSteps", "smoothFrom", "torsoSteps"], "\(words)")
        #expect(try shop.studio("persona", "info", "quick.persona").output.contains("\"width\" : 64"))
        let manifest = String(decoding: try shop.folder.bytes("quick.persona/manifest.json"), as: UTF8.self)
        #expect(manifest.contains("headSteps \(counts["headSteps"] ?? 0)"), "\(manifest)")
        #expect(shop.folder.exists("quick.preview.png") && !shop.folder.exists("quick.persona.training"))

        // The steps that were said, as a recipe: the same persona, without looking at a clock, and without pictures of the way.
        var recipe = try #require(try JSONSerialization.jsonObject(with: Data(Self.fitted.utf8)) as? [String: Any])
        for (name, count) in counts { recipe[name] = count }
        recipe["rate"] = NSDecimalNumber(string: "0.004")
        recipe["faceShare"] = NSDecimalNumber(string: "0.8")
        recipe["mouthShare"] = NSDecimalNumber(string: "0.1")
        try JSONSerialization.data(withJSONObject: recipe).write(to: URL(fileURLWithPath: shop.file("fitted.json")))
        let again = try shop.studio("train", "set", "-o", "again/quick.persona", "--engine", "ad-nerf", "--recipe", "fitted.json", "--size", "64", "--threads", "1",
                                    "--progress", "none")
        #expect(again.exitCode == 0, "\(again.errors)")
        #expect(try shop.folder.bytes("quick.persona/weights.safetensors") == shop.folder.bytes("again/quick.persona/weights.safetensors"))
        #expect(!shop.folder.exists("again/quick.preview.png"))
    }

    @Test(arguments: [
        (#"{"seed": 7}"#, "speechSteps is missing"),
        ("not json", "no valid JSON"),
        (Self.recipe.replacingOccurrences(of: "256", with: "-1"), "raysPerStep is -1"),
        (Self.recipe.replacingOccurrences(of: "0.02", with: "7"), "planeRate is 7"),
    ])
    func aRecipeThatMakesNoSenseIsRefused(text: String, words: String) throws {
        let shop = try Workshop()
        try shop.write("r.json", text)
        let train = try shop.studio("train", "set", "-o", "x.persona", "--recipe", "r.json")
        #expect(train.exitCode == 3 && train.errors.contains("r.json") && train.errors.contains(words), "\(train.errors)")
        #expect(!shop.folder.exists("x.persona"))
    }

    @Test func aDataSetThatIsNoneIsRefused() throws {
        let shop = try Workshop()
        let train = try shop.studio("train", "nowhere", "-o", "x.persona")
        #expect(train.exitCode == 3 && train.errors.contains("nowhere"), "\(train.errors)")
    }
}
