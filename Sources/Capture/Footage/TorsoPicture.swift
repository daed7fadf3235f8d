// The body without the head: what the torso is taught with, and what stands behind the head (engine specification, section 7).
import Engines
import Foundation

/// Neck and body as RGBA, painted a little upward under the head, so that no gap opens where the head moves.
struct TorsoPicture {
    private let size: Int
    private let classes: [UInt8]
    private let cut: PixelField
    private var rgba: [UInt8]

    /// Pixels of 512 that are painted upward from the body and from the neck, how far below its edge the neck's colour is taken, and how it darkens.
    private static let underBody = 9, underNeck = 53, takenBelow = 4, darkening: Float = 0.98

    init(rgb: [UInt8], classes: [UInt8], cut: PixelField) {
        (size, self.classes, self.cut) = (cut.size, classes, cut)
        rgba = [UInt8](repeating: 0, count: 4 * classes.count)
        for i in classes.indices where isBody(classes[i]) {
            for c in 0..<3 { rgba[4 * i + c] = rgb[3 * i + c] }
            rgba[4 * i + 3] = UInt8(min(max((cut.values[i] - 0.1) / 0.8, 0), 1) * 255)
        }
    }

    private func isBody(_ code: UInt8) -> Bool { code == ParsingClass.neck.rawValue || code == ParsingClass.torso.rawValue }
    private func isHead(_ code: UInt8) -> Bool { code == ParsingClass.head.rawValue || code == ParsingClass.lips.rawValue }
    private func scaled(_ pixels: Int) -> Int { max(pixels * size / 512, 1) }

    /// RGBA, straight alpha.
    mutating func painted() -> [UInt8] {
        for x in 0..<size { paint(column: x, from: ParsingClass.torso.rawValue, pixels: scaled(Self.underBody), below: 0) }
        var fresh: [Int] = []
        for x in 0..<size { fresh += paint(column: x, from: ParsingClass.neck.rawValue, pixels: scaled(Self.underNeck), below: scaled(Self.takenBelow)) }
        soften(fresh)
        return rgba
    }

    /// Paints upward where the topmost pixel of a class stands right below the head; gives the pixels that were painted.
    @discardableResult private mutating func paint(column x: Int, from code: UInt8, pixels: Int, below: Int) -> [Int] {
        guard let first = (0..<size).first(where: { classes[$0 * size + x] == code }), first > 0, isHead(classes[(first - 1) * size + x]) else { return [] }
        var count = 0
        while first + count < size, classes[(first + count) * size + x] == code { count += 1 }
        let source = first + min(below, count - 1), taken = 4 * (source * size + x)
        var done: [Int] = []
        for k in 1...(pixels + source - first) {
            let y = source - k
            guard y >= 0 else { break }
            // What is seen of the neck stays.
            if y >= first { continue }
            let i = y * size + x, factor = Foundation.pow(Self.darkening, Float(k) * 512 / Float(size))
            guard isHead(classes[i]) || rgba[4 * i + 3] == 0 else { continue }
            guard isHead(classes[i]) else { break }
            for c in 0..<3 { rgba[4 * i + c] = UInt8(Float(rgba[taken + c]) * factor) }
            rgba[4 * i + 3] = 255
            done.append(i)
        }
        return done
    }

    /// The painted neck shows no columns.
    private mutating func soften(_ pixels: [Int]) {
        let reach = max(2 * size / 512, 1), source = rgba
        for i in pixels {
            let (x, y) = (i % size, i / size)
            var sum = SIMD3<Float>.zero, weight: Float = 0
            for v in max(y - reach, 0)...min(y + reach, size - 1) {
                for u in max(x - reach, 0)...min(x + reach, size - 1) where source[4 * (v * size + u) + 3] > 0 {
                    let at = 4 * (v * size + u)
                    sum += SIMD3(Float(source[at]), Float(source[at + 1]), Float(source[at + 2]))
                    weight += 1
                }
            }
            guard weight > 0 else { continue }
            for c in 0..<3 { rgba[4 * i + c] = UInt8(min(max(sum[c] / weight, 0), 255)) }
        }
    }
}
