// The pictures of a mouth, drawn and true, side by side: as sharp, and as alike?
import Engines
import TalkingHead

/// A square around the true mouth of a frame.
struct MouthPatch {
    static let side = 64
    /// [3, side, side] in 0…1.
    let values: [Float]

    /// - Parameter rgb: 8 bits, `width × height`. Beyond the picture's edge its last pixels go on.
    init(_ rgb: [UInt8], width: Int, height: Int, landmarks: [SIMD2<Float>]) {
        precondition(landmarks.count == 68 && rgb.count == 3 * width * height, "a picture and its 68 points")
        let points = landmarks[48..<68], side = Self.side
        let center = points.reduce(SIMD2<Float>.zero, +) / Float(points.count)
        let left = Int(center.x) - side / 2, top = Int(center.y) - side / 2
        values = (0..<3 * side * side).map { n in
            let (c, y, x) = (n / (side * side), n / side % side, n % side)
            let row = min(max(top + y, 0), height - 1), column = min(max(left + x, 0), width - 1)
            return Float(rgb[3 * (row * width + column) + c]) / 255
        }
    }

    /// Mean difference of neighbouring pixels.
    var edges: Double {
        let side = Self.side
        var sum = 0.0
        for c in 0..<3 {
            for y in 0..<side - 1 {
                for x in 0..<side - 1 {
                    let i = (c * side + y) * side + x
                    sum += Double(abs(values[i + 1] - values[i]) + abs(values[i + side] - values[i]))
                }
            }
        }
        return sum / Double(6 * (side - 1) * (side - 1))
    }
}

/// What the patches of all frames come to.
struct MouthPatchSums {
    private var edges = (ours: 0.0, truth: 0.0)
    private var distances = 0.0, count = 0

    /// - Parameter perceptual: LPIPS, where its weights are there.
    mutating func add(_ ours: MouthPatch, _ truth: MouthPatch, _ perceptual: PerceptualDistance?) {
        edges.ours += ours.edges
        edges.truth += truth.edges
        guard let perceptual else { return }
        distances += Double(perceptual.distance(ours.values, truth.values, height: MouthPatch.side, width: MouthPatch.side).value)
        count += 1
    }
    /// How sharp ours are against the true ones (1: as sharp).
    var sharpness: Double { edges.truth > 0 ? edges.ours / edges.truth : 0 }
    /// Mean LPIPS; nil where it was never asked for.
    var distance: Double? { count > 0 ? distances / Double(count) : nil }
}
