// How text looks: the clauses that titles, captions and styles share.
import Diagnostics

/// Text settings; what is nil comes from the style below or from the renderer's default.
package struct TextStyle: Sendable, Hashable {
    package enum Align: String, Sendable, CaseIterable { case left, center, right }
    package struct Outline: Sendable, Hashable {
        package var width: Length
        package var color: SceneColor
    }
    /// Family name or the path of a font asset's file.
    package enum Font: Sendable, Hashable { case family(String), asset(String) }

    package var font: Font?
    package var size: Length?
    package var weight: Int?
    package var color: SceneColor?
    package var box: SceneColor?
    package var padding: Length?
    package var outline: Outline?
    package var shadow: Outline?
    package var align: Align?
    package var lineHeight: Double?
    package var margin: Length?
    package var placement: Placement?
    package var width: Length?

    package init() {}

    /// This style with the gaps filled from another.
    package func over(_ base: TextStyle) -> TextStyle {
        var result = self
        result.font = font ?? base.font
        result.size = size ?? base.size
        result.weight = weight ?? base.weight
        result.color = color ?? base.color
        result.box = box ?? base.box
        result.padding = padding ?? base.padding
        result.outline = outline ?? base.outline
        result.shadow = shadow ?? base.shadow
        result.align = align ?? base.align
        result.lineHeight = lineHeight ?? base.lineHeight
        result.margin = margin ?? base.margin
        result.placement = placement ?? base.placement
        result.width = width ?? base.width
        return result
    }

    /// The styles that need no declaration (section 5).
    package static let builtIn: [String: TextStyle] = {
        var lowerThird = TextStyle()
        lowerThird.size = .fraction(0.06)
        lowerThird.weight = 600
        lowerThird.color = .white
        lowerThird.box = SceneColor(0, 0, 0, 160)
        lowerThird.padding = .fraction(0.02)
        lowerThird.align = .left
        lowerThird.margin = .fraction(0.06)
        lowerThird.placement = Placement(.bottomLeft)
        var caption = TextStyle()
        caption.size = .fraction(0.05)
        caption.color = .white
        caption.outline = Outline(width: .fraction(0.004), color: .black)
        caption.align = .center
        caption.margin = .fraction(0.05)
        caption.placement = Placement(.bottom)
        caption.width = .fraction(0.8)
        var headline = TextStyle()
        headline.size = .fraction(0.12)
        headline.weight = 700
        headline.color = .white
        headline.align = .center
        headline.placement = Placement(.center)
        headline.width = .fraction(0.85)
        var credit = TextStyle()
        credit.size = .fraction(0.035)
        credit.color = SceneColor(220, 220, 220)
        credit.align = .right
        credit.margin = .fraction(0.04)
        credit.placement = Placement(.bottomRight)
        return ["lower-third": lowerThird, "caption": caption, "headline": headline, "credit": credit]
    }()
}
