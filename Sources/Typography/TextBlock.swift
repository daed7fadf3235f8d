// What is to be set, and how.

/// A colour of text: straight RGBA, 0…1.
package typealias InkColor = SIMD4<Float>

/// How a paragraph is set. Lengths in pixels.
package struct TextSetting: Sendable, Hashable {
    package enum Alignment: Sendable { case left, center, right }
    /// Family name, or nil for the house font.
    package var family = "Inter"
    /// A font file; wins over the family.
    package var file: String?
    package var size: Double = 48
    package var weight = 400
    package var color: InkColor = [1, 1, 1, 1]
    package var alignment: Alignment = .left
    package var lineHeight: Double = 1.2
    package var outlineWidth: Double = 0
    package var outlineColor: InkColor = [0, 0, 0, 1]
    package var shadowBlur: Double = 0
    package var shadowColor: InkColor = [0, 0, 0, 0.6]
    package init() {}
}

/// Paragraphs that stand under each other on one plate.
package struct TextBlock: Sendable, Hashable {
    package var paragraphs: [(text: String, setting: TextSetting)]
    /// Wrapping width; nil: none.
    package var width: Double?
    package var box: InkColor?
    package var padding: Double = 0
    package init(paragraphs: [(text: String, setting: TextSetting)], width: Double? = nil, box: InkColor? = nil, padding: Double = 0) {
        self.paragraphs = paragraphs
        self.width = width
        self.box = box
        self.padding = padding
    }
    package static func == (a: TextBlock, b: TextBlock) -> Bool {
        a.width == b.width && a.box == b.box && a.padding == b.padding && a.paragraphs.elementsEqual(b.paragraphs) { $0.text == $1.text && $0.setting == $1.setting }
    }
    package func hash(into hasher: inout Hasher) {
        for p in paragraphs { hasher.combine(p.text); hasher.combine(p.setting) }
        hasher.combine(width)
    }
}
