// Head, lips, neck and body of a person who was cut out, by the face's mesh and by colour.
import Engines
import Foundation

/// The rules of docs/capture.md: what lies above the jaw is head; below it skin that hangs on the jaw is neck, what looks like the
/// hair and hangs on the head is head, and the rest is body.
struct PersonParsing {
    private let rgb: [UInt8]
    private let size: Int
    private let person: [Bool]
    private let mesh: [SIMD2<Float>]
    /// The head's own axes: to the viewer's right, and down; origin at the top of the mesh.
    private let top: SIMD2<Float>, across: SIMD2<Float>, down: SIMD2<Float>
    private let faceWidth: Float, faceHeight: Float

    /// A pixel of the person has at least so much of it.
    static let leastCover: Float = 0.3

    /// - Parameters:
    ///   - rgb: Three bytes a pixel.
    ///   - cut: How much of every pixel is the person.
    ///   - points: The mesh in pixels of the picture.
    init(rgb: [UInt8], cut: PixelField, points: [SIMD3<Float>]) {
        self.rgb = rgb
        size = cut.size
        person = cut.values.map { $0 >= Self.leastCover }
        mesh = points.map { SIMD2($0.x, $0.y) }
        top = mesh[MeshNumbers.top]
        let way = mesh[MeshNumbers.chin] - top
        faceHeight = max((way * way).sum().squareRoot(), 1)
        down = way / faceHeight
        across = SIMD2(down.y, -down.x)
        let width = mesh[MeshNumbers.rightEdge] - mesh[MeshNumbers.leftEdge]
        faceWidth = max((width * width).sum().squareRoot(), 0.6 * faceHeight)
    }

    /// A class for every pixel: see `ParsingClass`.
    func classes() -> [UInt8] {
        let oval = PixelSet(size: size, inside: MeshNumbers.oval.map { mesh[$0] })
        let lips = PixelSet(size: size, inside: MeshNumbers.lips.map { mesh[$0] })
        let above = (0..<(size * size)).map { person[$0] && isAboveJaw($0) }
        let head = PixelSet(size: size, zip(above, oval.members).map { $0 || $1 })
        let below = person.indices.map { person[$0] && !head.members[$0] }
        let (neck, hair) = parted(below, head, oval)
        return person.indices.map { i in
            if lips.members[i] { return ParsingClass.lips.rawValue }
            if head.members[i] || hair[i] { return ParsingClass.head.rawValue }
            guard person[i] else { return ParsingClass.background.rawValue }
            return neck[i] ? ParsingClass.neck.rawValue : ParsingClass.torso.rawValue
        }
    }

    // MARK: places

    /// Place of a pixel in the head's frame: across in face widths from its middle, down in face heights from its top.
    private func place(_ i: Int) -> SIMD2<Float> {
        let p = SIMD2(Float(i % size) + 0.5, Float(i / size) + 0.5) - top
        return SIMD2((p * across).sum() / faceWidth, (p * down).sum() / faceHeight)
    }

    /// Above a line that comes in from the sides at the corners of the jaw.
    private func isAboveJaw(_ i: Int) -> Bool {
        let p = place(i)
        guard abs(p.x) < 1.15 else { return false }
        return p.y < (p.x < 0 ? jaw.left : jaw.right)
    }
    private var jaw: (left: Float, right: Float) {
        func level(_ n: Int) -> Float { ((mesh[n] - top) * down).sum() / faceHeight }
        return (level(MeshNumbers.leftJaw), level(MeshNumbers.rightJaw))
    }

    // MARK: colours

    /// Middle and unrest of some colours.
    private struct Tint {
        var mean: SIMD3<Float>
        var spread: SIMD3<Float>
        /// Squared distance in spreads.
        func distance(_ color: SIMD3<Float>) -> Float {
            let way = (color - mean) / spread
            return (way * way).sum()
        }
    }

    /// Light, and two differences of colour: light says less than they do.
    private func color(_ i: Int) -> SIMD3<Float> {
        let (r, g, b) = (Float(rgb[3 * i]), Float(rgb[3 * i + 1]), Float(rgb[3 * i + 2]))
        return SIMD3(0.299 * r + 0.587 * g + 0.114 * b, r - g, g - b)
    }

    /// Of some pixels; nil where they are too few to say anything.
    private func tint(_ pixels: [Int]) -> Tint? {
        guard pixels.count >= 24 else { return nil }
        let step = max(pixels.count / 4000, 1)
        let colors = stride(from: 0, to: pixels.count, by: step).map { color(pixels[$0]) }
        var mean = SIMD3<Float>.zero, spread = SIMD3<Float>.zero
        for c in 0..<3 {
            let sorted = colors.map { $0[c] }.sorted()
            mean[c] = sorted[sorted.count / 2]
            spread[c] = max((sorted[sorted.count * 5 / 6] - sorted[sorted.count / 6]) / 2, c == 0 ? 24 : 7)
        }
        return Tint(mean: mean, spread: spread)
    }

    private func around(_ n: Int, _ reach: Int) -> [Int] {
        let (x, y) = (Int(mesh[n].x), Int(mesh[n].y))
        var result: [Int] = []
        for v in max(y - reach, 0)..<max(min(y + reach + 1, size), max(y - reach, 0)) {
            for u in max(x - reach, 0)..<max(min(x + reach + 1, size), max(x - reach, 0)) { result.append(v * size + u) }
        }
        return result
    }

    /// Neck and hair among the pixels below the jaw.
    private func parted(_ below: [Bool], _ head: PixelSet, _ oval: PixelSet) -> (neck: [Bool], hair: [Bool]) {
        let reach = max(Int(faceWidth / 40), 1)
        let skin = tint(MeshNumbers.skin.flatMap { around($0, reach) })
        let hair = tint(person.indices.filter { i in
            let p = place(i)
            return person[i] && !oval.members[i] && p.y < 0.35 && abs(p.x) < 0.75 && p.y > -0.4
        })
        let body = tint(person.indices.filter { i in
            guard below[i] else { return false }
            let p = place(i)
            return p.y > 1.55 || (p.y > 1.25 && abs(p.x) > 0.9)
        })
        // Costs are smoothed before they are compared: single pixels do not decide.
        var costs = [PixelField(size: size), PixelField(size: size), PixelField(size: size)]
        for i in below.indices where below[i] {
            let p = place(i), c = color(i)
            // Right below the chin there is neck, in whatever light; beside it hair; the body begins lower down.
            costs[0].values[i] = min(skin?.distance(c) ?? 9, p.y < 1.3 && abs(p.x) < 0.4 ? 6 : 30) + 16 * max(abs(p.x) - 0.4, 0) + 8 * max(p.y - 1.35, 0)
            costs[1].values[i] = min(hair?.distance(c) ?? 40, 40) + 6 * max(p.y - 1.1, 0) + 30 * max(0.5 - abs(p.x), 0) + 40 * max(abs(p.x) - 0.75, 0) + 1
            costs[2].values[i] = min(body?.distance(c) ?? 9, 30) + 30 * max(1.15 - p.y, 0)
        }
        let soft = costs.map { $0.mean(radius: max(size / 170, 1)) }
        var neck = PixelSet(size: size), locks = PixelSet(size: size)
        for i in below.indices where below[i] {
            let (a, b, c) = (soft[0].values[i], soft[1].values[i], soft[2].values[i])
            if a <= b, a <= c { neck.members[i] = true } else if b < a, b < c { locks.members[i] = true }
        }
        return (neck.joined(to: oval).members, locks.joined(to: head).members)
    }
}
