// Nodes with inputs: placing, blurring, stacking, cutting and crossing.
import Base
import Imaging
import Motion
import RenderGraph

/// A picture drawn into a rectangle of the canvas.
package struct PlaceNode: PictureNode {
    package let kind = "place"
    package let origin: Origin?
    let input: any PictureNode
    let rect: PixelRect
    let size: (width: Int, height: Int)
    let isStill: Bool

    /// `isStill`: the input is the same for all frames, so the placed picture is worth keeping.
    package init(_ input: any PictureNode, rect: PixelRect, width: Int, height: Int, isStill: Bool, origin: Origin?) {
        self.input = input
        self.rect = rect
        size = (width, height)
        self.isStill = isStill
        self.origin = origin
    }
    package var inputs: [any PictureNode] { [input] }
    package var summary: String { rect.words }
    package func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(input.contentKey(frame))
        for v in [rect.x, rect.y, rect.width, rect.height] { key.mix(v) }
        key.mix(size.width); key.mix(size.height)
        return key
    }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame {
        let picture = try session.picture(input, frame)
        if rect == PixelRect(x: 0, y: 0, width: Double(size.width), height: Double(size.height)), picture.width == size.width, picture.height == size.height { return picture }
        return picture.drawn(into: rect, canvasWidth: size.width, canvasHeight: size.height)
    }
}

/// A picture fitted to cover, to be contained in, or stretched over a rectangle, whatever its size.
package struct FitNode: PictureNode {
    package enum Mode: String, Sendable { case cover, contain, stretch }
    package let kind = "fit"
    package let origin: Origin?
    let input: any PictureNode
    let mode: Mode
    let area: PixelRect
    let size: (width: Int, height: Int)
    let isStill: Bool

    package init(_ input: any PictureNode, mode: Mode, area: PixelRect, width: Int, height: Int, isStill: Bool, origin: Origin?) {
        self.input = input
        self.mode = mode
        self.area = area
        size = (width, height)
        self.isStill = isStill
        self.origin = origin
    }
    package var inputs: [any PictureNode] { [input] }
    package var summary: String { "\(mode.rawValue) \(area.words)" }
    package func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(input.contentKey(frame))
        key.mix(mode == .cover ? 1 : mode == .contain ? 2 : 3)
        for v in [area.x, area.y, area.width, area.height] { key.mix(v) }
        key.mix(size.width); key.mix(size.height)
        return key
    }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame {
        let picture = try session.picture(input, frame)
        let rect = mode == .stretch ? area : area.fitting(width: picture.width, height: picture.height, cover: mode == .cover)
        return picture.drawn(into: rect, canvasWidth: size.width, canvasHeight: size.height)
    }
}

/// Gaussian blur.
package struct BlurNode: PictureNode {
    package let kind = "blur"
    package let origin: Origin?
    let input: any PictureNode
    /// Radius of each frame, pixels.
    let radius: [Double]
    let firstFrame: Int
    package init(_ input: any PictureNode, radius: [Double], firstFrame: Int, origin: Origin?) {
        self.input = input
        self.radius = radius
        self.firstFrame = firstFrame
        self.origin = origin
    }
    package var inputs: [any PictureNode] { [input] }
    package var summary: String {
        let least = radius.min() ?? 0, most = radius.max() ?? 0
        return least == most ? "radius \(PixelRect.words(most)) px" : "radius \(PixelRect.words(least)) to \(PixelRect.words(most)) px"
    }
    private func radius(_ frame: Int) -> Double { radius.isEmpty ? 0 : radius[min(max(frame - firstFrame, 0), radius.count - 1)] }
    package func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(input.contentKey(frame))
        key.mix(radius(frame))
        return key
    }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame { try session.picture(input, frame).blurred(radius: radius(frame)) }
}

/// Layers from the bottom up.
package struct StackNode: PictureNode {
    /// One layer: when it is there and how dense.
    package struct Layer: Sendable {
        package var node: any PictureNode
        package var frames: Range<Int>
        /// Opacity of each of its frames; one value: constant.
        package var opacity: [Float]
        /// The same picture at all times: kept.
        package var isStill: Bool
        package init(node: any PictureNode, frames: Range<Int>, opacity: [Float], isStill: Bool) {
            self.node = node
            self.frames = frames
            self.opacity = opacity
            self.isStill = isStill
        }
        func opacity(_ frame: Int) -> Float { opacity.count == 1 ? opacity[0] : opacity[min(max(frame - frames.lowerBound, 0), opacity.count - 1)] }
    }
    package let kind = "stack"
    package let origin: Origin?
    let base: any PictureNode
    let layers: [Layer]

    package init(base: any PictureNode, layers: [Layer], origin: Origin?) {
        self.base = base
        self.layers = layers
        self.origin = origin
    }
    package var inputs: [any PictureNode] { [base] + layers.map(\.node) }
    package var summary: String { layers.count == 1 ? "1 layer" : "\(layers.count) layers" }
    package func frames(ofInput index: Int, _ frames: Range<Int>) -> Range<Int> { index == 0 ? frames : layers[index - 1].frames.clamped(to: frames) }
    package func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(base.contentKey(frame))
        for layer in layers where layer.frames.contains(frame) {
            key.mix(layer.node.contentKey(frame))
            key.mix(layer.opacity(frame))
        }
        return key
    }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame {
        var pictures = [StackedPicture(frame: try session.picture(base, frame, keeps: true), opacity: 1)]
        for layer in layers where layer.frames.contains(frame) {
            try Task.checkCancellation()
            let opacity = layer.opacity(frame)
            guard opacity > 0 else { continue }
            pictures.append(StackedPicture(frame: try session.picture(layer.node, frame, keeps: layer.isStill), opacity: opacity))
        }
        return .stacked(pictures)
    }
}

/// Shots one after the other, crossing where a transition says so.
package struct SequenceNode: PictureNode {
    package struct Cross: Sendable {
        package enum Kind: Sendable { case dissolve, fade(SIMD4<Float>), wipe(Int, Int) }
        package var kind: Kind
        package var frames: Range<Int>
        package var easing: Easing
        package init(kind: Kind, frames: Range<Int>, easing: Easing = .linear) {
            self.kind = kind
            self.frames = frames
            self.easing = easing
        }
    }
    package let kind = "sequence"
    package let origin: Origin? = nil
    let shots: [(node: any PictureNode, frames: Range<Int>)]
    let crosses: [Cross]

    package init(shots: [(node: any PictureNode, frames: Range<Int>)], crosses: [Cross]) {
        self.shots = shots
        self.crosses = crosses
    }
    package var inputs: [any PictureNode] { shots.map(\.node) }
    package var summary: String { (shots.count == 1 ? "1 shot" : "\(shots.count) shots") + (crosses.isEmpty ? "" : crosses.count == 1 ? ", 1 transition" : ", \(crosses.count) transitions") }
    package func frames(ofInput index: Int, _ frames: Range<Int>) -> Range<Int> { shots[index].frames.clamped(to: frames) }

    private func active(_ frame: Int) -> [Int] { shots.indices.filter { shots[$0].frames.contains(frame) } }

    package func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        for index in active(frame) { key.mix(shots[index].node.contentKey(frame)) }
        if let cross = crosses.first(where: { $0.frames.contains(frame) }) {
            key.mix(frame - cross.frames.lowerBound)
            key.mix(cross.frames.count)
            key.mix("\(cross.kind) \(cross.easing)")
        }
        return key
    }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame {
        let now = active(frame)
        guard let first = now.first else { return try session.picture(shots[shots.count - 1].node, frame) }
        guard now.count > 1, let cross = crosses.first(where: { $0.frames.contains(frame) }) else {
            return try session.picture(shots[now[now.count - 1]].node, frame)
        }
        let a = try session.picture(shots[first].node, frame), b = try session.picture(shots[now[1]].node, frame)
        let t = Float(min(max(cross.easing.value(at: (Double(frame - cross.frames.lowerBound) + 0.5) / Double(cross.frames.count)), 0), 1))
        switch cross.kind {
        case .dissolve: return a.mixed(with: b, t)
        case .fade(let color):
            let plain = Frame.filled(width: a.width, height: a.height, color)
            return t < 0.5 ? a.mixed(with: plain, 2 * t) : plain.mixed(with: b, 2 * t - 1)
        case .wipe(let dx, let dy): return a.wiped(to: b, t, dx: dx, dy: dy)
        }
    }
}

/// Cues of captions: each is painted when it is due and kept while it stands.
package struct CueNode: PictureNode {
    /// One cue: when it stands, its text already placed on the canvas.
    package struct Cue: Sendable {
        package var frames: Range<Int>
        package var node: any PictureNode
        package init(frames: Range<Int>, node: any PictureNode) {
            self.frames = frames
            self.node = node
        }
    }
    package let kind = "captions"
    package let origin: Origin?
    /// In the order in which they begin.
    private let cues: [Cue]
    /// The longest cue, in frames: how far back a search must look.
    private let longest: Int
    private let size: (width: Int, height: Int)
    package init(cues: [Cue], width: Int, height: Int, origin: Origin?) {
        self.cues = cues.sorted { $0.frames.lowerBound < $1.frames.lowerBound }
        longest = cues.map(\.frames.count).max() ?? 0
        size = (width, height)
        self.origin = origin
    }
    package var summary: String { cues.count == 1 ? "1 cue" : "\(cues.count) cues" }

    private func standing(at frame: Int) -> [Cue] {
        var low = 0, high = cues.count
        while low < high {
            let middle = (low + high) / 2
            if cues[middle].frames.lowerBound + longest <= frame { low = middle + 1 } else { high = middle }
        }
        return Array(cues[low...].prefix { $0.frames.lowerBound <= frame }.filter { $0.frames.contains(frame) })
    }

    package func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(size.width); key.mix(size.height)
        for cue in standing(at: frame) { key.mix(cue.node.contentKey(frame)) }
        return key
    }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame {
        let now = standing(at: frame)
        guard let first = now.first else { return Frame.filled(width: size.width, height: size.height, .zero) }
        let bottom = try session.picture(first.node, frame, keeps: true)
        if now.count == 1 { return bottom }
        return .stacked([StackedPicture(frame: bottom, opacity: 1)] + (try now.dropFirst().map { StackedPicture(frame: try session.picture($0.node, frame, keeps: true), opacity: 1) }))
    }
}

extension PixelRect {
    /// `640x360 at 12, 40`: in pixels of the canvas.
    var words: String { "\(Self.words(width))x\(Self.words(height)) at \(Self.words(x)), \(Self.words(y))" }
    /// A number with at most one digit behind the point.
    static func words(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        guard tenths.magnitude < 1e15 else { return "\(value)" }
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    }
}
