// Verbs that are not there, and inputs of the wrong kind: every answer says what to do.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct VerbTests {
    private func refused(_ shop: Workshop, _ arguments: [String], code: Int32, _ words: [String], place: SourceLocation = #_sourceLocation) throws {
        let before = shop.folder.contents
        let ended = try shop.run(arguments)
        #expect(ended.exitCode == code && ended.output.isEmpty, "\(arguments): \(ended.exitCode) \(ended.errors)", sourceLocation: place)
        for word in words + ["help: "] { #expect(ended.errors.contains(word), "“\(word)” is missing in: \(ended.errors)", sourceLocation: place) }
        #expect(shop.leftovers(before).isEmpty, "left behind: \(shop.leftovers(before))", sourceLocation: place)
    }

    @Test func aVerbThatIsNotThereIsNamed() throws {
        let shop = try Workshop()
        try refused(shop, ["rendr", "a.scene"], code: 2, ["no verb “rendr”", "did you mean `studio render`"])
        try refused(shop, ["a.scene"], code: 2, ["is a scene, not a verb", "studio render a.scene"])
        try refused(shop, ["paint"], code: 2, ["no verb “paint”", "studio --help"])
    }

    @Test(arguments: [["dub", "film.mp4", "--voice", "fr.wav", "-o", "out.mp4"], ["lips", "info", "x.lipdub"]])
    func aVerbWithoutItsEngineSaysSo(arguments: [String]) throws {
        try refused(Workshop(), arguments, code: 2, ["studio: \(arguments[0]): this version"])
    }

    @Test func explainListsAllFindings() throws {
        let shop = try Workshop()
        let all = try shop.studio("explain")
        #expect(all.exitCode == 0)
        let ids = all.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(ids.count > 100 && ids == ids.sorted() && ids.contains("unknown-name") && ids.contains("pose-beyond-recording"))
        // Every line's id has a page with an example.
        for id in ids {
            let page = try shop.studio("explain", id)
            #expect(page.exitCode == 0 && page.output.hasPrefix(id + "\n") && page.output.contains("right:\n"), "\(id): \(page.errors)")
        }
        try refused(shop, ["explain", "nosuch"], code: 2, ["no finding “nosuch”", "`studio explain` lists them all"])
    }

    @Test func inputsOfTheWrongKindAreNamed() throws {
        let shop = try Workshop()
        try shop.write("a.scene", "shot a for 1s { background black }\n")
        try FileManager.default.createDirectory(atPath: shop.file("folder"), withIntermediateDirectories: true)
        try refused(shop, ["probe", "a.scene"], code: 3, ["a.scene", "studio plan a.scene"])
        try refused(shop, ["probe", "none.mp4"], code: 3, ["none.mp4: there is no such file"])
        for verb in [["train"], ["persona", "check", "p.persona"]] {
            try SmallPersona.write(to: shop.file("p.persona"))
            let output = verb[0] == "train" ? ["-o", "new/y.persona"] : []
            try refused(shop, verb + ["none"] + output, code: 3, ["none: there is no such data set folder", "studio stage -o none"])
            try refused(shop, verb + ["folder"] + output, code: 3, ["folder: is no data set"])
        }
        for verb in [["info"], ["export", "-o", "x.pth"]] { try refused(shop, ["persona"] + verb + ["none.persona"], code: 3, ["none.persona: there is no such persona"]) }
        try refused(shop, ["persona", "info", "folder"], code: 3, ["no manifest.json"])
        try refused(shop, ["new", ""], code: 2, ["cannot be the name of a project"])
    }

    @Test func aPictureIsRefusedByItsNameBeforeItIsDrawn() throws {
        let shop = try Workshop()
        try shop.write("a.scene", "scene { size 64x64 ; rate 25fps }\nshot a for 1s { background black }\n")
        for (verb, more) in [("still", ["--at", "12f"]), ("sheet", [])] {
            for name in ["x.bmp", "-", "x"] { try refused(shop, [verb, "a.scene", "--output=\(name)"] + more, code: 2, ["a picture is a .png or a .jpg"]) }
            for name in ["new/\(verb).PNG", "\(verb).JPEG"] {
                #expect(try shop.run([verb, "a.scene", "-o", name] + more).exitCode == 0)
                #expect(shop.folder.exists(name))
            }
        }
        try refused(shop, ["still", "a.scene", "--at", "soon", "-o", "x.png"], code: 2, ["--at: “soon” is no time", "12f"])
        try refused(shop, ["still", "a.scene", "--at", "25f", "-o", "x.png"], code: 2, ["ends at 1.000 s"])
    }
}
