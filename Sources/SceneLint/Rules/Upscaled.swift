// A picture that is drawn much larger than it is.
import Diagnostics
import SceneModel

struct Upscaled: LintRule {
    let id = "upscaled"
    let kind = RuleKind.media
    let explanation = "Footage, a picture or a persona is drawn at more than twice its own size. It looks soft, and next to sharp titles that is seen."
    let wrong = """
        scene { size 1920x1080 }
        image stamp = "stamp.png"
        shot for 2s { background stamp }
        """
    let right = """
        scene { size 1920x1080 }
        image stamp = "stamp.png"
        shot for 2s { background stamp { blur 12px } }
        """
    let nearMiss = """
        scene { size 1920x1080 }
        image stamp = "stamp.png"
        shot for 2s { background black ; picture stamp { width 20% } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        return context.placedLayers.compactMap { _, layer in
            guard let own = size(layer, timeline), own.width > 0, own.height > 0 else { return nil }
            let factor = drawn(layer.layer, own, timeline.size)
            guard factor > 2.05 else { return nil }
            return warning("it is drawn \(Words.number(factor)) times as large as its \(own)", layer.layer.place, help: "use a larger file, or draw it smaller")
        }
    }

    private func size(_ layer: PlacedLayer, _ timeline: Timeline) -> PixelSize? {
        switch layer.layer.content {
        case .background(let background):
            // What is out of focus has nothing to lose.
            if case .pixels(let blur) = background.blur, blur >= 4 { return nil }
            if case .fraction(let blur) = background.blur, blur > 0.002 { return nil }
            guard case .asset(let name) = background.source else { return nil }
            return timeline.assets[name]?.facts?.size
        case .footage(let footage): return timeline.assets[footage.asset]?.facts?.size
        case .picture(let name): return timeline.assets[name]?.facts?.size
        case .actor(let actor): return timeline.assets[actor.persona]?.facts?.persona?.size
        default: return nil
        }
    }

    /// Drawn size over own size, by the longer way.
    private func drawn(_ layer: Layer, _ own: PixelSize, _ canvas: PixelSize) -> Double {
        let place = layer.placement.value
        let half = [.leftHalf, .rightHalf].contains(place.anchor) && place.x == nil ? 0.5 : 1
        let tall = [.topHalf, .bottomHalf].contains(place.anchor) && place.x == nil ? 0.5 : 1
        if let width = (layer.width ?? place.width)?.pixels(of: Double(canvas.width)) { return width / Double(own.width) }
        if let height = (layer.height ?? place.height)?.pixels(of: Double(canvas.height)) { return height / Double(own.height) }
        let x = Double(canvas.width) * half / Double(own.width), y = Double(canvas.height) * tall / Double(own.height)
        switch layer.content {
        case .picture: return 1
        case .background: return layer.fit.value == .contain ? min(x, y) : max(x, y)
        default: return min(x, y)
        }
    }
}
