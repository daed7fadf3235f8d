// Where faces are in a picture: the BlazeFace detector over the whole picture and over parts of it.
import Foundation
import Imaging

/// A face as the detector sees it, in pixels of the picture.
package struct FaceDetection: Sendable, Hashable {
    /// 0…1.
    package var score: Float
    package var center: SIMD2<Float>
    package var size: SIMD2<Float>
    /// Their right eye, left eye, nose tip, mouth, right ear, left ear.
    package var points: [SIMD2<Float>]

    /// Common part of two boxes over their union.
    func overlap(_ other: FaceDetection) -> Float {
        let (common, union) = areas(other)
        return union > 0 ? common / union : 0
    }
    /// Common part over the smaller box.
    func cover(_ other: FaceDetection) -> Float {
        let smaller = min(size.x * size.y, other.size.x * other.size.y)
        return smaller > 0 ? areas(other).common / smaller : 0
    }
    private func areas(_ other: FaceDetection) -> (common: Float, union: Float) {
        let x = min(center.x + size.x / 2, other.center.x + other.size.x / 2) - max(center.x - size.x / 2, other.center.x - other.size.x / 2)
        let y = min(center.y + size.y / 2, other.center.y + other.size.y / 2) - max(center.y - size.y / 2, other.center.y - other.size.y / 2)
        let common = max(x, 0) * max(y, 0)
        return (common, size.x * size.y + other.size.x * other.size.y - common)
    }
}

/// Places that the detector answers for: two on each of 16 × 16 cells, six on each of 8 × 8.
enum FaceAnchors {
    static let count = 896
    /// Middles, 0…1 of the input.
    static let centers: [SIMD2<Float>] = middles(side: 16, times: 2) + middles(side: 8, times: 6)

    private static func middles(side: Int, times: Int) -> [SIMD2<Float>] {
        var result: [SIMD2<Float>] = []
        for y in 0..<side {
            for x in 0..<side {
                let middle = SIMD2(Float(x) + 0.5, Float(y) + 0.5) / Float(side)
                result += repeatElement(middle, count: times)
            }
        }
        return result
    }
}

/// Runs the detector. One picture at a time.
package final class FaceDetector {
    private let models: FaceModels
    private let memory: LiteMemory
    /// Below it nothing is a face.
    private static let leastScore: Float = 0.5
    /// In parts of the picture, where there is more to take for a face.
    private static let leastScoreOfParts: Float = 0.65

    package init(_ models: FaceModels) {
        self.models = models
        memory = models.detector.makeMemory()
    }

    /// How closely to look: every finer level finds smaller faces and takes longer.
    package enum Depth: Int, Sendable, Comparable {
        /// The whole picture: faces of about a seventh of its longer side and more.
        case whole
        /// Squares of the shorter side as well.
        case squares
        /// Squares of half the shorter side as well.
        case parts
        /// Squares of a quarter of the shorter side as well: what one can do for a still or a first picture.
        case small
        package static func < (a: Depth, b: Depth) -> Bool { a.rawValue < b.rawValue }
    }

    /// Faces of a picture, the surest first.
    package func detect(_ frame: Frame, depth: Depth) -> [FaceDetection] {
        let longer = max(frame.width, frame.height), shorter = min(frame.width, frame.height)
        var found = look(frame, x: (frame.width - longer) / 2, y: (frame.height - longer) / 2, side: longer).filter { $0.score >= Self.leastScore }
        var sides: [Int] = []
        if depth >= .squares, 5 * longer > 6 * shorter { sides.append(shorter) }
        if depth >= .parts, shorter / 2 >= 96 { sides.append(shorter / 2) }
        if depth >= .small, shorter / 4 >= 96 { sides.append(shorter / 4) }
        for side in sides {
            let step = max(side / 2, 1)
            for y in Self.starts(frame.height, side, step) {
                for x in Self.starts(frame.width, side, step) {
                    // A face that a part's edge cuts is found whole in the next part.
                    found += look(frame, x: x, y: y, side: side).filter { $0.score >= Self.leastScoreOfParts && Self.isInside($0, x, y, side, frame) }
                }
            }
        }
        return Self.merged(found)
    }

    /// Starts of parts that cover a length, overlapping by half.
    private static func starts(_ length: Int, _ side: Int, _ step: Int) -> [Int] {
        guard length > side else { return [(length - side) / 2] }
        let count = (length - side + step - 1) / step
        return (0...count).map { $0 * (length - side) / count }
    }

    private static func isInside(_ face: FaceDetection, _ x: Int, _ y: Int, _ side: Int, _ frame: Frame) -> Bool {
        let low = face.center - face.size / 2, high = face.center + face.size / 2
        return (low.x >= Float(x) || x <= 0) && (low.y >= Float(y) || y <= 0)
            && (high.x <= Float(x + side) || x + side >= frame.width) && (high.y <= Float(y + side) || y + side >= frame.height)
    }

    /// One square of the picture, black where it reaches out of it.
    private func look(_ frame: Frame, x: Int, y: Int, side: Int) -> [FaceDetection] {
        let scale = 128 / Double(side)
        let square = frame.drawn(into: PixelRect(x: -Double(x) * scale, y: -Double(y) * scale, width: Double(frame.width) * scale, height: Double(frame.height) * scale), canvasWidth: 128, canvasHeight: 128)
        let outputs = square.withPixels { pixels in
            models.detector.run(memory) { input in
                for i in 0..<(128 * 128) { for c in 0..<3 { input[3 * i + c] = pixels[4 * i + c] * 2 - 1 } }
            }
        }
        return Self.decoded(boxes: outputs[0], scores: outputs[1]).map { face in
            func placed(_ p: SIMD2<Float>) -> SIMD2<Float> { p * Float(side) + SIMD2(Float(x), Float(y)) }
            return FaceDetection(score: face.score, center: placed(face.center), size: face.size * Float(side), points: face.points.map(placed))
        }
    }

    /// Numbers of the network as faces in 0…1 of its input, those that are one face made one.
    static func decoded(boxes: [Float], scores: [Float]) -> [FaceDetection] {
        var found: [FaceDetection] = []
        for k in 0..<FaceAnchors.count {
            let score = 1 / (1 + exp(-min(max(scores[k], -100), 100)))
            guard score >= leastScore else { continue }
            let numbers = boxes[(16 * k)..<(16 * k + 16)].map { $0 / 128 }
            let anchor = FaceAnchors.centers[k]
            let size = SIMD2(numbers[2], numbers[3])
            guard size.x > 0, size.y > 0, size.x < 4, size.y < 4 else { continue }
            found.append(FaceDetection(score: score, center: anchor + SIMD2(numbers[0], numbers[1]), size: size,
                                       points: (0..<6).map { anchor + SIMD2(numbers[4 + 2 * $0], numbers[5 + 2 * $0]) }))
        }
        return averaged(found)
    }

    /// Boxes that overlap are one face: their mean, weighted by score.
    private static func averaged(_ faces: [FaceDetection]) -> [FaceDetection] {
        var rest = faces.sorted { $0.score > $1.score }, result: [FaceDetection] = []
        while let best = rest.first {
            let same = rest.filter { $0.overlap(best) > 0.3 }
            guard !same.isEmpty else { break }
            rest.removeAll { $0.overlap(best) > 0.3 }
            let total = same.reduce(0) { $0 + $1.score }
            func mean(_ value: (FaceDetection) -> SIMD2<Float>) -> SIMD2<Float> { same.reduce(SIMD2<Float>.zero) { $0 + value($1) * $1.score } / total }
            result.append(FaceDetection(score: best.score, center: mean { $0.center }, size: mean { $0.size }, points: best.points.indices.map { k in mean { $0.points[k] } }))
        }
        return result
    }

    /// The surest of those that lie on one another, from several parts.
    private static func merged(_ faces: [FaceDetection]) -> [FaceDetection] {
        var result: [FaceDetection] = []
        for face in faces.sorted(by: { $0.score > $1.score }) where !result.contains(where: { $0.overlap(face) > 0.3 || $0.cover(face) > 0.6 }) { result.append(face) }
        return result
    }
}
