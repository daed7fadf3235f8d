// From the timeline to a graph and a mix.
import Base
import Engines
import Foundation
import Imaging
import Interchange
import Media
import Motion
import RenderGraph
import RenderNodes
import SceneModel
import Sound
import Typography

/// A scene that is ready to render.
package struct CompiledScene: Sendable {
    package var root: any PictureNode
    package var mix: SoundMix
    package var timeline: Timeline
    /// Characters that no font has, with the text they stand in.
    package var missingGlyphs: [String]
}

/// Builds the graph of a timeline.
package struct SceneCompiler {
    private let timeline: Timeline
    private let provider: any EngineProvider
    private let size: (width: Int, height: Int)
    private var engines: [String: any PersonaEngine] = [:]
    private var sounds: [String: AudioBuffer] = [:]
    private var missing: [String] = []

    package static func compile(_ timeline: Timeline, provider: any EngineProvider) throws -> CompiledScene {
        var compiler = SceneCompiler(timeline, provider)
        return try compiler.scene()
    }

    private init(_ timeline: Timeline, _ provider: any EngineProvider) {
        self.timeline = timeline
        self.provider = provider
        size = (timeline.size.width, timeline.size.height)
    }

    private mutating func scene() throws -> CompiledScene {
        var shots: [(node: any PictureNode, frames: Range<Int>)] = []
        for shot in timeline.shots { shots.append((try self.shot(shot), shot.frames)) }
        let crosses = timeline.transitions.map { placed in
            let kind: SequenceNode.Cross.Kind = switch placed.transition.kind {
            case .dissolve: .dissolve
            case .fade: .fade(Self.premultiplied(placed.transition.color))
            case .wipe: switch placed.transition.direction {
                case .left: .wipe(-1, 0)
                case .right: .wipe(1, 0)
                case .up: .wipe(0, -1)
                case .down: .wipe(0, 1)
                }
            }
            return SequenceNode.Cross(kind: kind, frames: placed.frames)
        }
        return CompiledScene(root: SequenceNode(shots: shots, crosses: crosses), mix: try mix(), timeline: timeline, missingGlyphs: missing)
    }

    static func premultiplied(_ c: SceneColor) -> SIMD4<Float> {
        let a = Float(c.alpha) / 255
        return SIMD4(Float(c.red) / 255 * a, Float(c.green) / 255 * a, Float(c.blue) / 255 * a, a)
    }
    private static func ink(_ c: SceneColor) -> InkColor { InkColor(Float(c.red) / 255, Float(c.green) / 255, Float(c.blue) / 255, Float(c.alpha) / 255) }

    private mutating func shot(_ placed: PlacedShot) throws -> any PictureNode {
        let base = ColorNode(width: size.width, height: size.height, color: Self.premultiplied(timeline.background))
        var layers: [StackNode.Layer] = []
        for layer in placed.layers {
            let origin = Origin(layer.layer.place.label())
            let (node, isStill) = try self.node(layer, placed, origin)
            layers.append(StackNode.Layer(node: node, frames: layer.frames, opacity: opacity(layer), isStill: isStill))
        }
        return StackNode(base: base, layers: layers, origin: Origin(placed.shot.place.label()))
    }

    /// Opacity of each frame: curve times fades.
    private func opacity(_ layer: PlacedLayer) -> [Float] {
        let fades = layer.fadeIn > .zero || layer.fadeOut > .zero
        if !fades, layer.opacity.keys.count < 2 { return [Float(layer.opacity.value(at: .zero))] }
        return layer.frames.map { frame in
            let time = timeline.rate.time(ofFrame: frame)
            let since = time - layer.range.start, until = layer.range.end - time
            var value = layer.opacity.value(at: since)
            if layer.fadeIn > .zero { value *= min(max((since / layer.fadeIn).doubleValue, 0), 1) }
            if layer.fadeOut > .zero { value *= min(max((until / layer.fadeOut).doubleValue, 0), 1) }
            return Float(value)
        }
    }

    private mutating func node(_ layer: PlacedLayer, _ shot: PlacedShot, _ origin: Origin) throws -> (any PictureNode, Bool) {
        switch layer.layer.content {
        case .background(let background): return try self.background(background, layer, shot, origin)
        case .footage(let footage): return (try self.footage(footage, layer, origin), false)
        case .actor(let actor): return (try self.actor(actor, layer, shot, origin), false)
        case .picture(let name): return try picture(name, layer, origin)
        case .title(let title): return (try self.title(title, layer, origin), true)
        case .captions(let captions): return (try self.captions(captions, shot, origin), false)
        }
    }

    private var whole: PixelRect { PixelRect(x: 0, y: 0, width: Double(size.width), height: Double(size.height)) }
    private var canvas: (Double, Double) { (Double(size.width), Double(size.height)) }

    private func asset(_ name: String) throws -> Asset {
        guard let asset = timeline.assets[name] else { throw EngineError.badInput("there is no asset \(name)") }
        return asset
    }
    private func still(_ asset: Asset, _ origin: Origin) throws -> StillNode {
        var key = ContentKey("still")
        key.mix(asset.path)
        return StillNode(kind: "image", frame: try ImageFile.read(asset.path), key: key, summary: asset.writtenPath, origin: origin)
    }

    private mutating func background(_ b: BackgroundLayer, _ layer: PlacedLayer, _ shot: PlacedShot, _ origin: Origin) throws -> (any PictureNode, Bool) {
        let mode: FitNode.Mode = switch layer.layer.fit.value {
        case .cover: .cover
        case .contain: .contain
        case .stretch: .stretch
        }
        var node: any PictureNode
        var isStill = true
        switch b.source {
        case .color(let color): return (ColorNode(width: size.width, height: size.height, color: Self.premultiplied(color), origin: origin), true)
        case .original:
            let persona = shot.layers.lazy.compactMap(\.actor?.persona).first
            guard let persona, let plate = try engine(persona.path).background else { throw EngineError.badInput("no actor of this shot has a background of its own") }
            var key = ContentKey("plate")
            key.mix(persona.path)
            node = StillNode(kind: "plate", frame: plate, key: key, summary: persona.name, origin: origin)
        case .asset(let name):
            let asset = try asset(name)
            if asset.kind == .video {
                node = FootageNode(path: asset.path, firstFrame: layer.frames.lowerBound, start: layer.fileStart, speed: layer.speed, rate: timeline.rate, origin: origin)
                isStill = false
            } else { node = try still(asset, origin) }
        }
        node = FitNode(node, mode: mode, area: whole, width: size.width, height: size.height, isStill: isStill, origin: origin)
        let radius = b.blur.pixels(of: Double(size.height))
        guard radius > 0 else { return (node, isStill) }
        if let curve = layer.blurCurve {
            let values = layer.frames.map { radius * curve.value(at: timeline.rate.time(ofFrame: $0) - layer.range.start) }
            return (BlurNode(node, radius: values, firstFrame: layer.frames.lowerBound, origin: origin), false)
        }
        return (BlurNode(node, radius: [radius], firstFrame: 0, origin: origin), isStill)
    }

    private func footage(_ f: FootageLayer, _ layer: PlacedLayer, _ origin: Origin) throws -> any PictureNode {
        let asset = try asset(f.asset)
        let node = FootageNode(path: asset.path, firstFrame: layer.frames.lowerBound, start: layer.fileStart, speed: layer.speed, rate: timeline.rate, origin: origin)
        let facts = asset.facts?.size ?? PixelSize(width: size.width, height: size.height)
        let rect = PlacementGeometry.rect(layer.layer.placement.value, width: layer.layer.width, height: layer.layer.height,
                                          content: (Double(facts.width), Double(facts.height)), canvas: canvas, natural: false)
        return PlaceNode(node, rect: rect, width: size.width, height: size.height, isStill: false, origin: origin)
    }

    private mutating func engine(_ path: String) throws -> any PersonaEngine {
        if let known = engines[path] { return known }
        let made = try provider.persona(path)
        engines[path] = made
        return made
    }

    private mutating func actor(_ a: ActorLayer, _ layer: PlacedLayer, _ shot: PlacedShot, _ origin: Origin) throws -> any PictureNode {
        guard let placed = layer.actor else { throw EngineError.badInput("the actor \(a.persona) has no persona") }
        let engine = try engine(placed.persona.path)
        let baking = ActorBaking(engine: engine, provider: provider, actor: placed, layer: a, shotStart: shot.range.start, frames: layer.frames, rate: timeline.rate)
        let node = ActorNode(engine: engine, firstFrame: layer.frames.lowerBound, conditions: try baking.conditions(), origin: origin)
        let rect = PlacementGeometry.rect(layer.layer.placement.value, width: layer.layer.width, height: layer.layer.height,
                                          content: (Double(engine.facts.width), Double(engine.facts.height)), canvas: canvas, natural: false)
        return PlaceNode(node, rect: rect, width: size.width, height: size.height, isStill: false, origin: origin)
    }

    private func picture(_ name: String, _ layer: PlacedLayer, _ origin: Origin) throws -> (any PictureNode, Bool) {
        let asset = try asset(name)
        let isStill = asset.kind != .video
        let input: any PictureNode
        let content: (Double, Double)
        if isStill {
            let picture = try ImageFile.read(asset.path)
            var key = ContentKey("still")
            key.mix(asset.path)
            input = StillNode(kind: "image", frame: picture, key: key, summary: asset.writtenPath, origin: origin)
            content = (Double(picture.width), Double(picture.height))
        } else {
            input = FootageNode(path: asset.path, firstFrame: layer.frames.lowerBound, start: layer.fileStart, speed: layer.speed, rate: timeline.rate, origin: origin)
            let facts = asset.facts?.size ?? PixelSize(width: size.width, height: size.height)
            content = (Double(facts.width), Double(facts.height))
        }
        let rect = PlacementGeometry.rect(layer.layer.placement.value, width: layer.layer.width, height: layer.layer.height, content: content, canvas: canvas, natural: isStill)
        return (PlaceNode(input, rect: rect, width: size.width, height: size.height, isStill: isStill, origin: origin), isStill)
    }

    // MARK: text

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

    private mutating func painted(_ paragraphs: [(text: String, setting: TextSetting)], _ style: SceneModel.TextStyle, _ origin: Origin) throws -> (StillNode, PixelRect) {
        let h = Double(size.height), w = Double(size.width)
        let margin = (style.margin ?? .fraction(0.05)).pixels(of: h)
        let width = style.width.map { $0.pixels(of: w) } ?? (w - 2 * margin)
        let block = TextBlock(paragraphs: paragraphs, width: width, box: style.box.map(Self.ink), padding: style.box == nil ? 0 : (style.padding ?? .fraction(0.02)).pixels(of: h))
        let result = try TextPainter.paint(block)
        missing += result.missing.map { "“\($0)” in “\(paragraphs.first?.text ?? "")”" }
        var key = ContentKey("text")
        for p in paragraphs { key.mix(p.text); key.mix("\(p.setting)") }
        key.mix("\(block.width ?? 0) \(String(describing: block.box)) \(block.padding)")
        let node = StillNode(kind: "text", frame: result.frame, key: key, summary: paragraphs.first?.text ?? "", origin: origin)
        let rect = PlacementGeometry.rect(style.placement ?? Placement(.center), width: nil, height: nil, content: (Double(result.frame.width), Double(result.frame.height)),
                                          canvas: canvas, natural: true, margin: margin)
        // On whole pixels: glyphs stay as sharp as they were painted.
        return (node, PixelRect(x: rect.x.rounded(), y: rect.y.rounded(), width: rect.width, height: rect.height))
    }

    private mutating func title(_ t: TitleLayer, _ layer: PlacedLayer, _ origin: Origin) throws -> any PictureNode {
        var style = t.style
        if layer.layer.placement.isWritten { style.placement = layer.layer.placement.value }
        var paragraphs = [(text: t.text, setting: setting(style))]
        if let subtitle = t.subtitle { paragraphs.append((subtitle, setting(style, scale: 0.58, lighter: true))) }
        let (node, rect) = try painted(paragraphs, style, origin)
        return PlaceNode(node, rect: rect, width: size.width, height: size.height, isStill: true, origin: origin)
    }

    private mutating func captions(_ c: CaptionsLayer, _ shot: PlacedShot, _ origin: Origin) throws -> any PictureNode {
        let cues = try CaptionFile.read(asset(c.asset).path)
        var list: [(frames: Range<Int>, still: StillNode, rect: PixelRect)] = []
        for cue in cues where !cue.text.isEmpty {
            let range = cue.range.shifted(by: shot.range.start).clamped(to: shot.range)
            let first = timeline.rate.nearestFrame(to: range.start), last = timeline.rate.nearestFrame(to: range.end)
            guard first < last else { continue }
            let (still, rect) = try painted([(text: cue.text, setting: setting(c.style))], c.style, origin)
            list.append((first..<last, still, rect))
        }
        return CueNode(cues: list, width: size.width, height: size.height, origin: origin)
    }

    // MARK: sound

    private mutating func mix() throws -> SoundMix {
        var stretches: [SoundStretch] = []
        for sound in timeline.sounds {
            let key = "\(sound.asset.path)|\(sound.asset.channel)"
            if sounds[key] == nil {
                let channel = sound.asset.channel
                sounds[key] = try SoundMix.load(sound.asset.path) { buffer in
                    switch channel {
                    case .all: return buffer
                    case .left: return AudioBuffer(channels: [buffer.channels[0]], sampleRate: buffer.sampleRate)
                    case .right: return AudioBuffer(channels: [buffer.channels[min(1, buffer.channels.count - 1)]], sampleRate: buffer.sampleRate)
                    case .mix: return AudioBuffer(channels: [buffer.mono], sampleRate: buffer.sampleRate)
                    case .number(let n): return AudioBuffer(channels: [buffer.channels[min(max(n - 1, 0), buffer.channels.count - 1)]], sampleRate: buffer.sampleRate)
                    }
                }
            }
            guard let samples = sounds[key] else { continue }
            stretches.append(SoundStretch(samples: samples, range: sound.range, fileStart: sound.fileStart, fileEnd: sound.fileEnd, decibels: sound.gain, volume: sound.volume,
                                          fadeIn: sound.fadeIn, fadeOut: sound.fadeOut, loops: sound.loops, speed: sound.speed, ducks: sound.ducks.map { ($0.level, $0.under) }))
        }
        return SoundMix(stretches: stretches)
    }
}
