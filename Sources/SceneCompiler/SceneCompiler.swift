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
    /// Its frames are those of the rate for which the scene was compiled.
    package var timeline: Timeline
    /// Characters that no font has, with the text they stand in.
    package var missingGlyphs: [String]
}

/// Builds the graph of a timeline.
package struct SceneCompiler {
    let timeline: Timeline
    private let provider: any EngineProvider
    let size: (width: Int, height: Int)
    private var engines: [String: any PersonaEngine] = [:]
    var missing: [String] = []

    /// The graph at the scene's own rate, or at another: then every moment is drawn as it is at that time, nothing is repeated.
    package static func compile(_ timeline: Timeline, rate: FrameRate? = nil, provider: any EngineProvider) throws -> CompiledScene {
        var compiler = SceneCompiler(rate.map { timeline.at($0) } ?? timeline, provider)
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
            return SequenceNode.Cross(kind: kind, frames: placed.frames, easing: placed.transition.easing)
        }
        return CompiledScene(root: SequenceNode(shots: shots, crosses: crosses), mix: mix(), timeline: timeline, missingGlyphs: missing)
    }

    static func premultiplied(_ c: SceneColor) -> SIMD4<Float> {
        let a = Float(c.alpha) / 255
        return SIMD4(Float(c.red) / 255 * a, Float(c.green) / 255 * a, Float(c.blue) / 255 * a, a)
    }
    static func ink(_ c: SceneColor) -> InkColor { InkColor(Float(c.red) / 255, Float(c.green) / 255, Float(c.blue) / 255, Float(c.alpha) / 255) }

    private mutating func shot(_ placed: PlacedShot) throws -> any PictureNode {
        let base = ColorNode(width: size.width, height: size.height, color: Self.premultiplied(timeline.background))
        var layers: [StackNode.Layer] = []
        for layer in placed.layers {
            let origin = Origin(layer.layer.place.label())
            do {
                if let plate = try ownBackground(layer, placed, origin) { layers.append(plate) }
                let (node, isStill) = try self.node(layer, placed, origin)
                layers.append(StackNode.Layer(node: node, frames: layer.frames, opacity: opacity(layer), isStill: isStill))
            } catch { throw RenderFailure(node: Self.word(layer), frame: nil, origin: origin, underlying: error) }
        }
        return StackNode(base: base, layers: layers, origin: Origin(placed.shot.place.label()))
    }

    /// The clause of a layer.
    private static func word(_ layer: PlacedLayer) -> String {
        switch layer.layer.content {
        case .background: "background"
        case .footage: "footage"
        case .actor: "actor"
        case .picture: "picture"
        case .title: "title"
        case .captions: "captions"
        }
    }

    /// Opacity of each frame, 0…1: curve times fades.
    private func opacity(_ layer: PlacedLayer) -> [Float] {
        let fades = layer.fadeIn > .zero || layer.fadeOut > .zero
        if !fades, layer.opacity.isConstant { return [Float(min(max(layer.opacity.value(at: .zero), 0), 1))] }
        return layer.frames.map { frame in
            let time = timeline.rate.time(ofFrame: frame)
            let since = time - layer.range.start, until = layer.range.end - time
            var value = min(max(layer.opacity.value(at: since), 0), 1)
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

    /// `background original` in an actor: its plate behind it, where the shot has no background.
    private mutating func ownBackground(_ layer: PlacedLayer, _ shot: PlacedShot, _ origin: Origin) throws -> StackNode.Layer? {
        guard case .actor(let actor) = layer.layer.content, actor.showsOwnBackground, let persona = layer.actor?.persona else { return nil }
        let hasOther = shot.layers.contains { if case .background = $0.layer.content { true } else { false } }
        guard !hasOther, let plate = try engine(persona.path).background else { return nil }
        let rect = PlacementGeometry.rect(layer.layer.placement.value, width: layer.layer.width, height: layer.layer.height,
                                          content: (Double(plate.width), Double(plate.height)), canvas: canvas, natural: false)
        let node = PlaceNode(self.plate(plate, persona, origin), rect: rect, width: size.width, height: size.height, isStill: true, origin: origin)
        return StackNode.Layer(node: node, frames: layer.frames, opacity: opacity(layer), isStill: true)
    }

    private func plate(_ frame: Frame, _ persona: Asset, _ origin: Origin) -> StillNode {
        var key = ContentKey("plate")
        key.mix(FileStamp.key(persona.path + "/manifest.json"))
        key.mix(FileStamp.key(persona.path + "/weights.safetensors"))
        return StillNode(kind: "plate", frame: frame, key: key, summary: persona.name, origin: origin)
    }

    private var whole: PixelRect { PixelRect(x: 0, y: 0, width: Double(size.width), height: Double(size.height)) }
    var canvas: (Double, Double) { (Double(size.width), Double(size.height)) }

    func asset(_ name: String) throws -> Asset {
        guard let asset = timeline.assets[name] else { throw EngineError.badInput("there is no asset \(name)") }
        return asset
    }
    /// Width and height of a picture or film, as the resolver or the file says.
    private func shape(_ asset: Asset) throws -> (Double, Double) {
        if let size = asset.facts?.size { return (Double(size.width), Double(size.height)) }
        guard let video = try MediaProbe.probe(asset.path).video.first else { throw MediaError.noVideo(path: asset.path) }
        let turned = video.quarterTurns % 2 == 1
        return (Double(turned ? video.height : video.width), Double(turned ? video.width : video.height))
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
            node = self.plate(plate, persona, origin)
        case .asset(let name):
            let asset = try asset(name)
            if asset.kind == .video {
                node = FootageNode(path: asset.path, firstFrame: layer.frames.lowerBound, start: layer.fileStart, speed: layer.speed, rate: timeline.rate, origin: origin)
                isStill = false
            } else { node = MadeNode.image(asset.path, summary: asset.writtenPath, origin: origin) }
        }
        node = FitNode(node, mode: mode, area: whole, width: size.width, height: size.height, isStill: isStill, origin: origin)
        let radius = b.blur.pixels(of: Double(size.height))
        guard radius > 0 else { return (node, isStill) }
        if let curve = layer.blurCurve {
            let values = layer.frames.map { radius * max(0, curve.value(at: timeline.rate.time(ofFrame: $0) - layer.range.start)) }
            return (BlurNode(node, radius: values, firstFrame: layer.frames.lowerBound, origin: origin), false)
        }
        return (BlurNode(node, radius: [radius], firstFrame: 0, origin: origin), isStill)
    }

    private func footage(_ f: FootageLayer, _ layer: PlacedLayer, _ origin: Origin) throws -> any PictureNode {
        let asset = try asset(f.asset)
        let node = FootageNode(path: asset.path, firstFrame: layer.frames.lowerBound, start: layer.fileStart, speed: layer.speed, rate: timeline.rate, origin: origin)
        let rect = PlacementGeometry.rect(layer.layer.placement.value, width: layer.layer.width, height: layer.layer.height,
                                          content: try shape(asset), canvas: canvas, natural: false)
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
        let node = ActorNode(engine: engine, firstFrame: layer.frames.lowerBound, track: try baking.track(), origin: origin)
        let rect = PlacementGeometry.rect(layer.layer.placement.value, width: layer.layer.width, height: layer.layer.height,
                                          content: (Double(engine.facts.width), Double(engine.facts.height)), canvas: canvas, natural: false)
        return PlaceNode(node, rect: rect, width: size.width, height: size.height, isStill: false, origin: origin)
    }

    private func picture(_ name: String, _ layer: PlacedLayer, _ origin: Origin) throws -> (any PictureNode, Bool) {
        let asset = try asset(name)
        let isStill = asset.kind != .video
        let content = try shape(asset)
        let input: any PictureNode = isStill ? MadeNode.image(asset.path, summary: asset.writtenPath, origin: origin)
            : FootageNode(path: asset.path, firstFrame: layer.frames.lowerBound, start: layer.fileStart, speed: layer.speed, rate: timeline.rate, origin: origin)
        let rect = PlacementGeometry.rect(layer.layer.placement.value, width: layer.layer.width, height: layer.layer.height, content: content, canvas: canvas, natural: isStill)
        return (PlaceNode(input, rect: rect, width: size.width, height: size.height, isStill: isStill, origin: origin), isStill)
    }
}
