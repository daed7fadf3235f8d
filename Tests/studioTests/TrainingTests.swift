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

        // Out as the original's checkpoint, and in again: the same picture.
        #expect(try shop.studio("persona", "export", "mini.persona", "-o", "mini.pth").exitCode == 0)
        let back = try shop.studio("persona", "import", "mini.pth", "--dataset", "set", "-o", "back.persona")
        #expect(back.exitCode == 0, "\(back.errors)")
        try shop.write("back.scene", "scene { size 64x64 ; rate 25fps }\npersona mini = \"back.persona\"\naudio line = \"line.wav\"\nshot a { actor mini { speaks line ; background original } }\n")
        for name in ["mini", "back"] { #expect(try shop.studio("still", "\(name).scene", "--at", "0.2s", "-o", "\(name).png").exitCode == 0) }
        #expect(try shop.folder.bytes("mini.png") == shop.folder.bytes("back.png"))
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
