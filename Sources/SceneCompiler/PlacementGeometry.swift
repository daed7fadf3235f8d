// Where a layer lies: from the words of `place` to a rectangle.
import Imaging
import SceneModel

enum PlacementGeometry {
    /// The rectangle of content of a size within a canvas.
    static func rect(_ p: Placement, width: Length?, height: Length?, content: (Double, Double), canvas: (Double, Double), natural: Bool, margin: Double = 0) -> PixelRect {
        let (cw, ch) = canvas
        if let area = area(p.anchor, cw, ch), p.x == nil, p.y == nil {
            let r = PixelRect(x: area.x, y: area.y, width: area.width, height: area.height)
            return r.fitting(width: Int(content.0), height: Int(content.1), cover: false)
        }
        let (w, h) = size(p, width, height, content, canvas, natural)
        let (ax, ay) = fractions(p.anchor)
        let x = p.x.map { $0.pixels(of: cw) } ?? (ax == 0 ? margin : ax == 1 ? cw - margin : cw / 2)
        let y = p.y.map { $0.pixels(of: ch) } ?? (ay == 0 ? margin : ay == 1 ? ch - margin : ch / 2)
        return PixelRect(x: x - ax * w, y: y - ay * h, width: w, height: h)
    }

    private static func size(_ p: Placement, _ width: Length?, _ height: Length?, _ content: (Double, Double), _ canvas: (Double, Double), _ natural: Bool) -> (Double, Double) {
        let aspect = content.0 / content.1
        let w = (width ?? p.width).map { $0.pixels(of: canvas.0) }, h = (height ?? p.height).map { $0.pixels(of: canvas.1) }
        if let w, let h { return (w, h) }
        if let w { return (w, w / aspect) }
        if let h { return (h * aspect, h) }
        if natural { return content }
        let scale = min(canvas.0 / content.0, canvas.1 / content.1)
        return (content.0 * scale, content.1 * scale)
    }

    private static func area(_ anchor: Placement.Anchor, _ w: Double, _ h: Double) -> PixelRect? {
        switch anchor {
        case .full: PixelRect(x: 0, y: 0, width: w, height: h)
        case .leftHalf: PixelRect(x: 0, y: 0, width: w / 2, height: h)
        case .rightHalf: PixelRect(x: w / 2, y: 0, width: w / 2, height: h)
        case .topHalf: PixelRect(x: 0, y: 0, width: w, height: h / 2)
        case .bottomHalf: PixelRect(x: 0, y: h / 2, width: w, height: h / 2)
        default: nil
        }
    }

    /// Which point of the content lies at the place: 0 left or top … 1 right or bottom.
    private static func fractions(_ anchor: Placement.Anchor) -> (Double, Double) {
        switch anchor {
        case .left: (0, 0.5)
        case .right: (1, 0.5)
        case .top: (0.5, 0)
        case .bottom: (0.5, 1)
        case .topLeft: (0, 0)
        case .topRight: (1, 0)
        case .bottomLeft: (0, 1)
        case .bottomRight: (1, 1)
        default: (0.5, 0.5)
        }
    }
}
