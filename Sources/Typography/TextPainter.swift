// Shaping, line breaking and painting of text blocks.
import CFreeType
import CHarfBuzz
import Foundation
import Imaging

/// Draws text blocks. Each call has its own FreeType library, so calls may run on several threads.
package enum TextPainter {
    /// A painted block, and the characters that no font has.
    package struct Result: Sendable {
        package var frame: Frame
        package var missing: [Character]
    }

    /// Pixels that a block takes, and the characters that no font has, without painting it.
    package struct Extent: Sendable {
        package var width: Int
        package var height: Int
        package var missing: [Character]
    }

    package static func measure(_ block: TextBlock) throws(TypographyError) -> Extent {
        var library: FT_Library?
        guard FT_Init_FreeType(&library) == 0, let library else { throw .noFont("FreeType did not start") }
        defer { FT_Done_FreeType(library) }
        let composition = try Composition(block, library)
        let layout = composition.layout
        return Extent(width: layout.width, height: layout.height, missing: composition.missing)
    }

    package static func paint(_ block: TextBlock) throws(TypographyError) -> Result {
        var library: FT_Library?
        guard FT_Init_FreeType(&library) == 0, let library else { throw .noFont("FreeType did not start") }
        defer { FT_Done_FreeType(library) }
        return try Composition(block, library).result()
    }
}

/// One glyph with its place on a line.
private struct PlacedGlyph {
    var face: FontFace
    var index: UInt32
    var x: Double
    var y: Double
}
private struct Line {
    var glyphs: [PlacedGlyph]
    var width: Double
}
private struct Paragraph {
    var setting: TextSetting
    var lines: [Line]
    var ascent: Double
    var descent: Double
    var step: Double
    var height: Double { lines.isEmpty ? 0 : ascent + descent + step * Double(lines.count - 1) }
    var width: Double { lines.map(\.width).max() ?? 0 }
}

private struct Composition {
    let block: TextBlock
    var paragraphs: [Paragraph] = []
    var missing: [Character] = []
    private let library: FT_Library

    init(_ block: TextBlock, _ library: FT_Library) throws(TypographyError) {
        self.block = block
        self.library = library
        for (text, setting) in block.paragraphs { paragraphs.append(try set(text, setting)) }
    }

    private mutating func set(_ text: String, _ setting: TextSetting) throws(TypographyError) -> Paragraph {
        let main = try face(setting)
        var fallbacks: [FontFace] = []
        var lines: [Line] = []
        for raw in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var current = Line(glyphs: [], width: 0)
            var words: [Substring] = []
            for word in raw.split(separator: " ", omittingEmptySubsequences: true) { words.append(word) }
            var sentence = ""
            for word in words {
                let candidate = sentence.isEmpty ? String(word) : sentence + " " + word
                let shaped = shape(candidate, setting, main, &fallbacks)
                if let limit = block.width, shaped.width > limit, !sentence.isEmpty {
                    lines.append(current)
                    sentence = String(word)
                    current = shape(sentence, setting, main, &fallbacks)
                } else {
                    sentence = candidate
                    current = shaped
                }
            }
            lines.append(current)
        }
        return Paragraph(setting: setting, lines: lines, ascent: main.ascent, descent: main.descent, step: setting.size * setting.lineHeight)
    }

    private func face(_ setting: TextSetting) throws(TypographyError) -> FontFace {
        if let file = setting.file { return try FontFace(library: library, path: file, index: 0, pixels: setting.size) }
        guard let found = FontSearch.file(family: setting.family, weight: setting.weight) else { throw .noFont(setting.family) }
        return try FontFace(library: library, path: found.path, index: found.index, pixels: setting.size)
    }

    /// Runs of one font each, shaped in the direction of their script.
    private mutating func shape(_ text: String, _ setting: TextSetting, _ main: FontFace, _ fallbacks: inout [FontFace]) -> Line {
        var line = Line(glyphs: [], width: 0)
        var run: (face: FontFace, text: String)?
        var runs: [(face: FontFace, text: String)] = []
        for character in text {
            let face = font(for: character, setting, main, &fallbacks)
            if let open = run, open.face === face { run = (face, open.text + String(character)) } else {
                if let open = run { runs.append(open) }
                run = (face, String(character))
            }
        }
        if let open = run { runs.append(open) }
        for (face, piece) in runs { append(piece, face, to: &line) }
        return line
    }

    private mutating func font(for character: Character, _ setting: TextSetting, _ main: FontFace, _ fallbacks: inout [FontFace]) -> FontFace {
        guard let scalar = character.unicodeScalars.first, !character.isWhitespace, !main.has(scalar) else { return main }
        if let known = fallbacks.first(where: { $0.has(scalar) }) { return known }
        if let found = FontSearch.file(family: setting.family, weight: setting.weight, containing: scalar),
           let face = try? FontFace(library: library, path: found.path, index: found.index, pixels: setting.size), face.has(scalar) {
            fallbacks.append(face)
            return face
        }
        if !missing.contains(character) { missing.append(character) }
        return main
    }

    private func append(_ text: String, _ face: FontFace, to line: inout Line) {
        guard let buffer = hb_buffer_create() else { return }
        defer { hb_buffer_destroy(buffer) }
        hb_buffer_add_utf8(buffer, text, -1, 0, -1)
        hb_buffer_guess_segment_properties(buffer)
        hb_shape(face.shaper, buffer, nil, 0)
        var count: UInt32 = 0
        guard let infos = hb_buffer_get_glyph_infos(buffer, &count), let positions = hb_buffer_get_glyph_positions(buffer, &count) else { return }
        for i in 0..<Int(count) {
            let p = positions[i]
            line.glyphs.append(PlacedGlyph(face: face, index: infos[i].codepoint, x: line.width + Double(p.x_offset) / 64, y: Double(p.y_offset) / 64))
            line.width += Double(p.x_advance) / 64
        }
    }

    // MARK: painting

    /// The picture's size, the widest line, the room for outline and shadow around the plate, and the gap between paragraphs.
    var layout: (width: Int, height: Int, inner: Double, bleed: Double, gap: Double) {
        let inner = max(paragraphs.map(\.width).max() ?? 1, 1)
        let bleed = (paragraphs.map { $0.setting.outlineWidth + 2 * $0.setting.shadowBlur }.max() ?? 0).rounded(.up) + 2
        let gap = paragraphs.count > 1 ? 0.15 * (paragraphs.first?.setting.size ?? 0) : 0
        let height = paragraphs.map(\.height).reduce(0, +) + gap * Double(paragraphs.count - 1)
        return (max(Int((inner + 2 * block.padding + 2 * bleed).rounded(.up)), 1), max(Int((height + 2 * block.padding + 2 * bleed).rounded(.up)), 1), inner, bleed, gap)
    }

    func result() -> TextPainter.Result {
        let (width, height, inner, bleed, gap) = layout
        var canvas = Frame.filled(width: width, height: height, .zero)
        if let box = block.box { canvas = plate(canvas, box, inset: bleed) }
        var y = bleed + block.padding
        for paragraph in paragraphs {
            let setting = paragraph.setting
            let coverage = mask(paragraph, inner: inner, left: bleed + block.padding, top: y, width: canvas.width, height: canvas.height, grow: 0)
            if setting.shadowBlur > 0 {
                canvas = tinted(coverage, setting.shadowColor, canvas.width, canvas.height).blurred(radius: setting.shadowBlur).over(canvas)
            }
            if setting.outlineWidth > 0 {
                let wide = mask(paragraph, inner: inner, left: bleed + block.padding, top: y, width: canvas.width, height: canvas.height, grow: setting.outlineWidth)
                canvas = tinted(wide, setting.outlineColor, canvas.width, canvas.height).over(canvas)
            }
            canvas = tinted(coverage, setting.color, canvas.width, canvas.height).over(canvas)
            y += paragraph.height + gap
        }
        return TextPainter.Result(frame: canvas, missing: missing)
    }

    /// A plate with softly rounded corners.
    private func plate(_ canvas: Frame, _ color: InkColor, inset: Double) -> Frame {
        var coverage = [Float](repeating: 0, count: canvas.width * canvas.height)
        let radius = min(block.padding * 0.5, 14)
        let (x0, y0, x1, y1) = (inset, inset, Double(canvas.width) - inset, Double(canvas.height) - inset)
        for y in 0..<canvas.height {
            for x in 0..<canvas.width {
                let (px, py) = (Double(x) + 0.5, Double(y) + 0.5)
                let dx = max(x0 + radius - px, px - (x1 - radius), 0), dy = max(y0 + radius - py, py - (y1 - radius), 0)
                coverage[y * canvas.width + x] = Float(min(max(radius + 0.5 - (dx * dx + dy * dy).squareRoot(), 0), 1))
            }
        }
        return tinted(coverage, color, canvas.width, canvas.height).over(canvas)
    }

    private func tinted(_ coverage: [Float], _ color: InkColor, _ width: Int, _ height: Int) -> Frame {
        let builder = FrameBuilder(width: width, height: height)
        let p = builder.pixels
        for i in 0..<(width * height) where coverage[i] > 0 {
            let a = coverage[i] * color.w
            p[4 * i] = color.x * a; p[4 * i + 1] = color.y * a; p[4 * i + 2] = color.z * a; p[4 * i + 3] = a
        }
        return builder.freeze()
    }

    /// Coverage of a paragraph's glyphs, their outlines grown by some pixels.
    private func mask(_ paragraph: Paragraph, inner: Double, left: Double, top: Double, width: Int, height: Int, grow: Double) -> [Float] {
        var coverage = [Float](repeating: 0, count: width * height)
        var baseline = top + paragraph.ascent
        for line in paragraph.lines {
            let slack = inner - line.width
            let start = left + (paragraph.setting.alignment == .left ? 0 : paragraph.setting.alignment == .center ? slack / 2 : slack)
            for glyph in line.glyphs { draw(glyph, x: start + glyph.x, y: baseline - glyph.y, grow, &coverage, width, height) }
            baseline += paragraph.step
        }
        return coverage
    }

    private func draw(_ glyph: PlacedGlyph, x: Double, y: Double, _ grow: Double, _ coverage: inout [Float], _ width: Int, _ height: Int) {
        guard FT_Load_Glyph(glyph.face.face, glyph.index, FT_Int32(FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP)) == 0 else { return }
        var made: FT_Glyph?
        guard FT_Get_Glyph(glyph.face.face.pointee.glyph, &made) == 0, made != nil else { return }
        defer { FT_Done_Glyph(made) }
        if grow > 0 {
            var stroker: FT_Stroker?
            guard FT_Stroker_New(library, &stroker) == 0 else { return }
            FT_Stroker_Set(stroker, FT_Fixed((grow * 64).rounded()), FT_STROKER_LINECAP_ROUND, FT_STROKER_LINEJOIN_ROUND, 0)
            FT_Glyph_StrokeBorder(&made, stroker, 0, 1)
            FT_Stroker_Done(stroker)
        }
        var origin = FT_Vector(x: FT_Pos(((x - x.rounded(.down)) * 64).rounded()), y: FT_Pos((-(y - y.rounded(.down)) * 64).rounded()))
        guard FT_Glyph_To_Bitmap(&made, FT_RENDER_MODE_NORMAL, &origin, 1) == 0, let bitmapGlyph = made else { return }
        bitmapGlyph.withMemoryRebound(to: FT_BitmapGlyphRec.self, capacity: 1) { b in
            let bitmap = b.pointee.bitmap
            guard let data = bitmap.buffer else { return }
            for row in 0..<Int(bitmap.rows) {
                for column in 0..<Int(bitmap.width) {
                    let (px, py) = (Int(x.rounded(.down)) + Int(b.pointee.left) + column, Int(y.rounded(.down)) - Int(b.pointee.top) + row)
                    guard px >= 0, py >= 0, px < width, py < height else { continue }
                    let value = Float(data[row * Int(bitmap.pitch) + column]) / 255
                    coverage[py * width + px] = max(coverage[py * width + px], value)
                }
            }
        }
    }
}
