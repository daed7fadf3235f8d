// From nothing to a persona that renders, on the smallest data set that there is.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct TrainingTests {
    static let recipe = """
    {"seed": 7, "audioSteps": 4, "coarseSteps": 24, "lipsSteps": 4, "torsoSteps": 20, "raysPerStep": 256,
     "planeRate": 0.02, "networkRate": 0.005, "audioRate": 0.0002, "lastRate": 0.1}
    """

    @Test func aStageSetTrainsAPersonaThatRenders() throws {
        let shop = try Workshop()
        let stage = try shop.studio("stage", "-o", "set", "--seconds", "1", "--size", "64", "--lessons", "1", "--progress", "none")
        #expect(stage.exitCode == 0, "\(stage.errors)")
        try shop.write("small.json", Self.recipe)
        // Twice: the same weights whatever the number of threads.
        for (name, threads) in [("mini.persona", "2"), ("again/mini.persona", "1")] {
            let train = try shop.studio("train", "set", "-o", name, "--recipe", "small.json", "--threads", threads, "--progress", "none")
            #expect(train.exitCode == 0, "\(train.errors)")
            #expect(train.output == "\(name)\n")
        }
        for file in ["weights.safetensors", "manifest.json"] {
            #expect(try shop.folder.bytes("mini.persona/\(file)") == shop.folder.bytes("again/mini.persona/\(file)"), "\(file)")
        }

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
    }

    @Test(arguments: [
        (#"{"seed": 7}"#, "audioSteps is missing"),
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
