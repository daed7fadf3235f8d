// A data set seen smaller than it was shot.
import Engines
import Synchronization

/// Footage whose pictures are scaled down when they are asked for: every pixel is the mean of the area that it covers.
package final class ScaledFootage: TrainingFootage {
    package let width: Int, height: Int
    package let background: [UInt8]
    package let train: [TrainingFrame], held: [TrainingFrame]
    private let source: any TrainingFootage
    private let scale: AreaScale
    private let cache = Mutex<(pixels: [Int: TrainingPixels], bytes: Int)>(([:], 0))
    private static let cacheLimit = 512 << 20

    /// - Parameter width: At most the source's; the height follows.
    package init(_ source: any TrainingFootage, width: Int) {
        precondition(width > 0 && width <= source.width, "footage is only made smaller")
        self.source = source
        self.width = width
        height = max(Int((Double(source.height) * Double(width) / Double(source.width)).rounded()), 1)
        scale = AreaScale(from: (source.width, source.height), to: (width, height))
        background = scale.colors(source.background)
        let ratio = SIMD2(Float(width) / Float(source.width), Float(height) / Float(source.height))
        func smaller(_ frame: TrainingFrame) -> TrainingFrame {
            var result = frame
            result.landmarks = frame.landmarks.map { $0 * ratio }
            return result
        }
        train = source.train.map(smaller)
        held = source.held.map(smaller)
    }

    package var name: String { source.name }
    package var focal: Float { source.focal * Float(width) / Float(source.width) }
    package var center: SIMD2<Float> { SIMD2(source.center.x * Float(width) / Float(source.width), source.center.y * Float(height) / Float(source.height)) }
    package var framesPerSecond: Int { source.framesPerSecond }
    package var audioKind: String { source.audioKind }
    package var features: SpeechFeatures { source.features }
    package var speechOnly: [SpeechLesson] { source.speechOnly }
    package var mouths: [[Float]] { source.mouths }

    package func pixels(of frame: TrainingFrame) throws(EngineError) -> TrainingPixels {
        let id = frame.imageID
        if let known = cache.withLock({ $0.pixels[id] }) { return known }
        let whole = try source.pixels(of: frame)
        let pixels = TrainingPixels(image: scale.colors(whole.image), torso: scale.covered(whole.torso), parsing: scale.classes(whole.parsing))
        let size = 8 * width * height
        cache.withLock { cache in
            guard cache.bytes + size <= Self.cacheLimit, cache.pixels[id] == nil else { return }
            cache.pixels[id] = pixels
            cache.bytes += size
        }
        return pixels
    }
}

/// Means over areas, for pictures of bytes that become smaller.
struct AreaScale: Sendable {
    /// The source pixels under a target pixel, and how much of each.
    private struct Stretch { var first: Int, weights: [Float] }
    private let columns: [Stretch], rows: [Stretch]
    private let sourceWidth: Int

    init(from source: (width: Int, height: Int), to target: (width: Int, height: Int)) {
        sourceWidth = source.width
        columns = Self.stretches(source.width, target.width)
        rows = Self.stretches(source.height, target.height)
    }

    private static func stretches(_ source: Int, _ target: Int) -> [Stretch] {
        let step = Double(source) / Double(target)
        return (0..<target).map { k in
            let from = Double(k) * step, to = min(Double(k + 1) * step, Double(source))
            let first = Int(from), last = min(Int(to.rounded(.up)), source)
            let parts = (first..<last).map { Float(min(to, Double($0 + 1)) - max(from, Double($0))) }
            let sum = parts.reduce(0, +)
            return Stretch(first: first, weights: parts.map { $0 / sum })
        }
    }

    /// Calls with every source pixel of a target pixel and its share.
    private func each(_ row: Int, _ column: Int, _ body: (Int, Float) -> Void) {
        for (j, v) in rows[row].weights.enumerated() {
            let line = (rows[row].first + j) * sourceWidth + columns[column].first
            for (i, u) in columns[column].weights.enumerated() { body(line + i, u * v) }
        }
    }

    /// RGB.
    func colors(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(3 * rows.count * columns.count)
        for row in rows.indices { for column in columns.indices {
            var sum = SIMD3<Float>.zero
            each(row, column) { p, share in sum += SIMD3(Float(bytes[3 * p]), Float(bytes[3 * p + 1]), Float(bytes[3 * p + 2])) * share }
            for c in 0..<3 { result.append(UInt8(min(max(sum[c].rounded(), 0), 255))) }
        } }
        return result
    }

    /// RGBA with straight alpha: what is more covered has more to say on the colour.
    func covered(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(4 * rows.count * columns.count)
        for row in rows.indices { for column in columns.indices {
            var sum = SIMD3<Float>.zero, alpha: Float = 0
            each(row, column) { p, share in
                let a = Float(bytes[4 * p + 3]) * share
                sum += SIMD3(Float(bytes[4 * p]), Float(bytes[4 * p + 1]), Float(bytes[4 * p + 2])) * a
                alpha += a
            }
            for c in 0..<3 { result.append(alpha > 0 ? UInt8(min(max((sum[c] / alpha).rounded(), 0), 255)) : 0) }
            result.append(UInt8(min(alpha.rounded(), 255)))
        } }
        return result
    }

    /// The class that has most of the area; of equals the lower one.
    func classes(_ codes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(rows.count * columns.count)
        for row in rows.indices { for column in columns.indices {
            var area = SIMD8<Float>.zero
            each(row, column) { p, share in area[Int(min(codes[p], 7))] += share }
            var best = 0
            for code in 1..<8 where area[code] > area[best] { best = code }
            result.append(UInt8(best))
        } }
        return result
    }
}
