// `render --each`: every row is looked at before the first is rendered, and a cell is no way out of the folder.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct TableFlagTests {
    private func shop(_ table: String) throws -> Workshop {
        let shop = try Workshop()
        try shop.write("each.scene", #"""
        param name: text
        param tint: color = #204060
        param pic: file
        scene { size 64x64 ; rate 25fps }
        image p = pic
        shot a for 0.2s { background tint ; picture p at center { width 50% } ; title "Hi \(name)" }
        output "films/\(name).mp4"
        """#)
        for name in ["a", "b"] { try shop.folder.write("tab/\(name).ppm", PlainMedia.ppm(width: 16, height: 16)) }
        try shop.write("tab/t.csv", table)
        return shop
    }

    private func run(_ shop: Workshop, _ flags: String...) throws -> ProcessOutcome { try shop.run(["render", "each.scene", "--each", "tab/t.csv", "--progress", "none"] + flags) }

    @Test func rowsAreRenderedWithTheirCells() throws {
        let shop = try shop("name,pic,tint\nAda,a.ppm,red\n\"Ben, \"\"B\"\"\",b.ppm,\n")
        let ended = try run(shop)
        // Files count from the table; an empty cell leaves the default.
        #expect(ended.exitCode == 0 && ended.output == "films/Ada.mp4\nfilms/Ben, \"B\".mp4\n", "\(ended.errors)")
        let json = try shop.studio("render", "each.scene", "--each", "tab/t.csv", "--progress", "json")
        #expect(json.errors.contains(#""detail":"row 2 of 2""#), "\(json.errors)")
    }

    @Test(arguments: [
        ("name,pic\nAda,a.ppm\nBen,none.ppm\n", 3, "tab/t.csv:3, column pic “none.ppm”"),
        ("name,pic,tint\nAda,a.ppm,red\nBen,b.ppm,redd\n", 2, "tab/t.csv:3, column tint “redd”"),
        ("name,pic\nAda,a.ppm\nAda,b.ppm\n", 2, "it writes films/Ada.mp4, as line 2 does"),
        ("name,pic\nAda,a.ppm\nBen,\n", 2, "`pic`"),
        ("name,pic\nAda,a.ppm\n../../x,b.ppm\n", 2, "would lead the output out of its folder"),
        ("name,pic\nAda,a.ppm\n/x,b.ppm\n", 2, "would lead the output out of its folder"),
    ])
    func aWrongRowStopsAllBeforeTheFirstFrame(table: String, code: Int32, words: String) throws {
        let shop = try shop(table)
        let ended = try run(shop)
        #expect(ended.exitCode == code && ended.errors.contains(words) && ended.output.isEmpty, "\(ended.exitCode) \(ended.errors)")
        #expect(!shop.folder.exists("films"))
        // The others go on where they may; a dry run says the same.
        let rest = try run(shop, "--keep-going")
        #expect(rest.exitCode == code && rest.errors.contains(words) && rest.output == "films/Ada.mp4\n", "\(rest.errors)")
        if !words.contains("as line") { #expect(try run(shop, "--dry-run").exitCode == code) }
    }

    @Test(arguments: [("name,pic\n", 3, "a header and no row"), ("", 3, "the table is empty"), ("name,pic\nAda\n", 3, "1 cells under a header of 2"), ("name,pic,age\nAda,a.ppm,7\n", 2, "no param `age`"),
                      ("name,pic\n\"Ada,a.ppm\n", 3, "is not closed"), ("name,pic\nAda\u{0},a.ppm\n", 3, "t.csv:2: is not UTF-8")])
    func aTableThatIsNoneSaysWhere(table: String, code: Int32, words: String) throws {
        let shop = try shop(table)
        let ended = try run(shop, "--keep-going")
        #expect(ended.exitCode == code && ended.errors.contains(words) && ended.errors.contains("help: ") && ended.output.isEmpty, "\(ended.exitCode) \(ended.errors)")
    }

    @Test func aTableOfAnotherEncodingIsRefused() throws {
        let shop = try shop("")
        try shop.folder.write("tab/t.csv", Array("name,pic\nAda,a.ppm\nJ".utf8) + [0xF6] + Array("rg,b.ppm\n".utf8))
        let ended = try run(shop)
        #expect(ended.exitCode == 3 && ended.errors.contains("tab/t.csv:3: is not UTF-8"), "\(ended.errors)")
    }

    @Test func whatIsThereAlreadyIsLeftOut() throws {
        let shop = try shop("name,pic\nAda,a.ppm\nBen,b.ppm\n")
        try shop.write("films/Ada.mp4", "mine")
        let ended = try run(shop, "--keep-going", "--overwrite", "never")
        #expect(ended.exitCode == 2 && ended.output == "films/Ben.mp4\n" && ended.errors.contains("tab/t.csv:2"), "\(ended.errors)")
        #expect(try shop.folder.bytes("films/Ada.mp4") == Array("mine".utf8))
        let alone = try shop.studio("render", "each.scene", "--keep-going")
        #expect(alone.exitCode == 2 && alone.errors.contains("--keep-going goes with --each"))
        let both = try run(shop, "--set", "name=X")
        #expect(both.exitCode == 2 && both.errors.contains("both give a value"))
        let one = try run(shop, "-o", "one.mp4")
        #expect(one.exitCode == 2 && one.errors.contains("2 rows"))
    }
}
