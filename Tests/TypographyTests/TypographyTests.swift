// Text: sizes, wrapping, directions, alignment, plates, outlines, and characters that nobody has.
import Foundation
import Imaging
import Testing
@testable import Typography

private func setting(_ size: Double = 40, _ change: (inout TextSetting) -> Void = { _ in }) -> TextSetting {
    var s = TextSetting()
    s.size = size
    change(&s)
    return s
}
private func block(_ text: String, _ s: TextSetting = setting(), width: Double? = nil) -> TextBlock { TextBlock(paragraphs: [(text: text, setting: s)], width: width) }
/// Left, right, top and bottom of what is not transparent.
private func ink(_ frame: Frame) -> (left: Int, right: Int, top: Int, bottom: Int)? {
    var result: (Int, Int, Int, Int)?
    for y in 0..<frame.height { for x in 0..<frame.width where frame[x, y].w > 0.3 {
        let r = result ?? (x, x, y, y)
        result = (min(r.0, x), max(r.1, x), min(r.2, y), max(r.3, y))
    } }
    return result
}

@Suite struct TextTests {
    @Test func measuringEqualsPainting() throws {
        for text in ["Nova", "One line\nand another", "AVAVA To", "مرحبا", ""] {
            let made = try TextPainter.paint(block(text)), extent = try TextPainter.measure(block(text))
            #expect(made.frame.width == extent.width && made.frame.height == extent.height && made.missing == extent.missing)
        }
    }
    @Test func twiceTheSizeIsTwiceAsWide() throws {
        let small = try #require(ink(TextPainter.paint(block("Hamburg", setting(20))).frame)), large = try #require(ink(TextPainter.paint(block("Hamburg", setting(40))).frame))
        let ratio = Double(large.right - large.left) / Double(small.right - small.left)
        #expect(abs(ratio - 2) < 0.1)
    }
    @Test func longTextWrapsWithinItsWidth() throws {
        let text = "Many words that do not fit on one line of this width at all"
        let one = try TextPainter.measure(block(text)), wrapped = try TextPainter.measure(block(text, width: 300))
        #expect(wrapped.width <= 312 && wrapped.height > 2 * one.height && one.width > 600)
        // A single long word stays whole.
        #expect(try TextPainter.measure(block("Donaudampfschifffahrtsgesellschaft", width: 100)).width > 300)
    }
    @Test func kerningBringsLettersTogether() throws {
        let pair = try TextPainter.measure(block("AV", setting(200))), a = try TextPainter.measure(block("A", setting(200))), v = try TextPainter.measure(block("V", setting(200)))
        let single = try TextPainter.measure(block("", setting(200))).width
        #expect(pair.width < a.width + v.width - single)
    }
    @Test func combiningMarksStandOverTheirLetter() throws {
        let plain = try TextPainter.paint(block("e", setting(100))).frame, marked = try TextPainter.paint(block("e\u{301}", setting(100))).frame
        let (p, m) = (try #require(ink(plain)), try #require(ink(marked)))
        #expect(m.top < p.top - 5 && abs(m.bottom - p.bottom) <= 2 && abs((m.right - m.left) - (p.right - p.left)) < 20)
    }
    @Test("alignment", arguments: [TextSetting.Alignment.left, .center, .right]) func alignment(side: TextSetting.Alignment) throws {
        let s = setting(40) { $0.alignment = side }
        let frame = try TextPainter.paint(block("A long first line\nii", s)).frame
        var (left, right) = (Int.max, Int.min)
        for y in (frame.height * 6 / 10)..<frame.height { for x in 0..<frame.width where frame[x, y].w > 0.3 { (left, right) = (min(left, x), max(right, x)) } }
        let middle = Double(left + right) / 2 / Double(frame.width)
        switch side {
        case .left: #expect(middle < 0.2)
        case .center: #expect(abs(middle - 0.5) < 0.05)
        case .right: #expect(middle > 0.8)
        }
    }
    @Test func plateOutlineAndColour() throws {
        let s = setting(60) { $0.color = InkColor(1, 0, 0, 1); $0.outlineWidth = 4; $0.outlineColor = InkColor(0, 0, 1, 1) }
        let frame = try TextPainter.paint(TextBlock(paragraphs: [(text: "I", setting: s)], box: InkColor(0, 1, 0, 0.5), padding: 20)).frame
        var red = 0, blue = 0, green = 0
        for y in 0..<frame.height { for x in 0..<frame.width {
            let p = frame[x, y]
            if p.x > 0.9 { red += 1 }
            if p.z > 0.9 { blue += 1 }
            if abs(p.y - 0.5) < 0.02, abs(p.w - 0.5) < 0.02 { green += 1 }
        } }
        #expect(red > 50 && blue > 50 && green > 500)
        #expect(frame[0, 0] == .zero)
    }
    @Test func whatNoFontHasIsNamed() throws {
        let extent = try TextPainter.measure(block("a\u{10FFFD}b"))
        #expect(extent.missing == ["\u{10FFFD}"] && extent.width > 10)
    }
    @Test func aFileThatIsNoFontIsRefused() {
        #expect(throws: TypographyError.self) { try TextPainter.measure(block("a", setting { $0.file = "/nowhere/x.ttf" })) }
    }
    @Test func theSameTextIsTheSamePicture() throws {
        let a = try TextPainter.paint(block("Repeat")).frame, b = try TextPainter.paint(block("Repeat")).frame
        #expect(a.meanSquaredDifference(to: b) == 0)
    }
}
