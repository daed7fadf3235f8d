// Titles and captions: styles to settings, texts to nodes that paint when they are due.
import Base
import Diagnostics
import Imaging
import Interchange
import RenderGraph
import RenderNodes
import SceneModel
import Typography

extension SceneCompiler {
    private func setting(_ style: SceneModel.TextStyle, scale: Double = 1, lighter: Bool = false) -> TextSetting {
        let h = Double(size.height)
        var s = TextSetting()
        switch style.font {
        case .family(let name): s.family = name
        case .asset(let name): s.file = timeline.assets[name]?.path ?? name
        case nil: break
        }
        s.size = (style.size ?? .fraction(0.05)).pixels(of: h) * scale
        s.weight = lighter ? 400 : style.weight ?? 400
        s.color = Self.ink(style.color ?? .white)
        if lighter { s.color.w *= 0.82 }
        s.alignment = style.align == .center ? .center : style.align == .right ? .right : .left
        s.lineHeight = style.lineHeight ?? 1.2
        if let outline = style.outline {
            s.outlineWidth = outline.width.pixels(of: h)
            s.outlineColor = Self.ink(outline.color)
        }
        if let shadow = style.shadow {
            s.shadowBlur = shadow.width.pixels(of: h) * 2
            s.shadowColor = Self.ink(shadow.color)
        }
        return s
    }

    /// A text on the canvas. It is measured now and painted when its first frame is drawn.
    private mutating func text(_ paragraphs: [(text: String, setting: TextSetting)], _ style: SceneModel.TextStyle, _ origin: Origin) throws -> PlaceNode {
        let h = Double(size.height), w = Double(size.width)
        let margin = (style.margin ?? .fraction(0.05)).pixels(of: h)
        let width = style.width.map { $0.pixels(of: w) } ?? (w - 2 * margin)
        let block = TextBlock(paragraphs: paragraphs, width: width, box: style.box.map(Self.ink), padding: style.box == nil ? 0 : (style.padding ?? .fraction(0.02)).pixels(of: h))
        let extent = try TextPainter.measure(block)
        missing += extent.missing.map { "“\($0)” in “\(paragraphs.first?.text ?? "")”" }
        var key = ContentKey("text")
        for p in paragraphs { key.mix(p.text); key.mix("\(p.setting)") }
        key.mix("\(block.width ?? 0) \(String(describing: block.box)) \(block.padding)")
        let rect = PlacementGeometry.rect(style.placement ?? Placement(.center), width: nil, height: nil, content: (Double(extent.width), Double(extent.height)),
                                          canvas: canvas, natural: true, margin: margin)
        let node = MadeNode(kind: "text", key: key, summary: paragraphs.first?.text ?? "", origin: origin) { try TextPainter.paint(block).frame }
        // On whole pixels: glyphs stay as sharp as they were painted.
        return PlaceNode(node, rect: PixelRect(x: rect.x.rounded(), y: rect.y.rounded(), width: rect.width, height: rect.height),
                         width: size.width, height: size.height, isStill: true, origin: origin)
    }

    mutating func title(_ t: TitleLayer, _ layer: PlacedLayer, _ origin: Origin) throws -> any PictureNode {
        var style = t.style
        if layer.layer.placement.isWritten { style.placement = layer.layer.placement.value }
        var paragraphs = [(text: t.text, setting: setting(style))]
        if let subtitle = t.subtitle { paragraphs.append((subtitle, setting(style, scale: 0.58, lighter: true))) }
        return try text(paragraphs, style, origin)
    }

    mutating func captions(_ c: CaptionsLayer, _ shot: PlacedShot, _ origin: Origin) throws -> any PictureNode {
        var cues: [CueNode.Cue] = []
        for cue in try CaptionFile.read(asset(c.asset).path) where !cue.text.isEmpty {
            let range = cue.range.shifted(by: shot.range.start).clamped(to: shot.range)
            let first = timeline.rate.nearestFrame(to: range.start), last = timeline.rate.nearestFrame(to: range.end)
            guard first < last else { continue }
            cues.append(CueNode.Cue(frames: first..<last, node: try text([(text: cue.text, setting: setting(c.style))], c.style, origin)))
        }
        return CueNode(cues: cues, width: size.width, height: size.height, origin: origin)
    }
}
