// What a persona check looks for in pictures: the open mouth, the open eyes, holes in a turned head.
import Engines
import Foundation
import Imaging
import Motion
import TalkingHead

extension PersonaCheck {
    /// How open a mouth stands, in pixels.
    struct MouthOpening {
        /// Teeth, tongue and cavity.
        var area = 0.0
        /// How far the lips are apart: their mean distance over the middle third of the mouth.
        var gap = 0.0
    }

    /// Of the mouth's window, what is neither lip nor skin. Lips and skin are yellowish, greener than blue; teeth, tongue and cavity
    /// are not: a tongue may be as red as lips are.
    func mouthOpening(_ rgb: [UInt8], _ frame: TrainingFrame) -> MouthOpening {
        let points = frame.landmarks[48..<68]
        let left = Int(points.map(\.x).min() ?? 0) + 2, right = Int(points.map(\.x).max() ?? 0) - 2
        let lip = points.map(\.y).max() ?? 0
        // A mouth that opens wider than the true one is seen down to the middle of the chin.
        let top = Int(points.map(\.y).min() ?? 0) - 4, bottom = Int(max(lip + 8, (lip + frame.landmarks[8].y) / 2))
        let third = max((right - left) / 3, 1)
        var opening = MouthOpening()
        for y in max(top, 0)..<min(max(bottom, top + 1), footage.height) {
            for x in max(left, 0)..<min(max(right, left + 1), footage.width) {
                let i = 3 * (y * footage.width + x)
                let (r, g, b) = (Double(rgb[i]), Double(rgb[i + 1]), Double(rgb[i + 2]))
                let inside = max(min((9 - (g - b)) / 5, 1), (95 - r) / 95, 0)
                opening.area += inside
                if x >= left + third, x < right - third { opening.gap += inside / Double(max(right - left - 2 * third, 1)) }
            }
        }
        return opening
    }

    /// Sums over the mouth's patches of all frames.
    struct PatchSums {
        private var edges = (ours: 0.0, truth: 0.0)
        private var distances = 0.0, count = 0

        mutating func add(_ ours: [Float], _ truth: [Float], _ perceptual: PerceptualDistance?) {
            edges.ours += Self.edges(ours)
            edges.truth += Self.edges(truth)
            guard let perceptual else { return }
            distances += Double(perceptual.distance(ours, truth, height: PersonaCheck.patchSide, width: PersonaCheck.patchSide).value)
            count += 1
        }
        var sharpness: Double { edges.truth > 0 ? edges.ours / edges.truth : 0 }
        var distance: Double? { count > 0 ? distances / Double(count) : nil }

        /// Mean difference of neighbouring pixels.
        static func edges(_ patch: [Float]) -> Double {
            let side = PersonaCheck.patchSide
            var sum = 0.0
            for c in 0..<3 {
                for y in 0..<side - 1 {
                    for x in 0..<side - 1 {
                        let i = (c * side + y) * side + x
                        sum += Double(abs(patch[i + 1] - patch[i]) + abs(patch[i + side] - patch[i]))
                    }
                }
            }
            return sum / Double(6 * (side - 1) * (side - 1))
        }
    }
    static let patchSide = 64

    /// A square around the true mouth, [3, side, side] in 0…1; beyond the picture's edge its last pixels again.
    func mouthPatch(_ rgb: [UInt8], _ frame: TrainingFrame) -> [Float] {
        let points = frame.landmarks[48..<68], side = Self.patchSide
        let center = points.reduce(SIMD2<Float>.zero, +) / Float(points.count)
        let left = Int(center.x) - side / 2, top = Int(center.y) - side / 2
        return (0..<3 * side * side).map { n in
            let (c, y, x) = (n / (side * side), n / side % side, n % side)
            let row = min(max(top + y, 0), footage.height - 1), column = min(max(left + x, 0), footage.width - 1)
            return Float(rgb[3 * (row * footage.width + column) + c]) / 255
        }
    }

    /// The distance of the inner lips in a frame's landmarks: what the opening in the true pictures is held against.
    func landmarkGap(_ frame: TrainingFrame) -> Double { Double(frame.landmarks[66].y - frame.landmarks[62].y) }

    /// The eyes of the most frontal frame, shut step by step: how much of them is not skin.
    func blink() throws -> [Double] {
        let usual = footage.held.filter { $0.landmarks.count == 68 }
        guard let frame = usual.max(by: { $0.cameraToWorld[2, 2] < $1.cameraToWorld[2, 2] }) else { return [] }
        let areas = try [Float(0), 0.25, 0.5, 0.75, 1].map { closure -> Double in
            let conditions = ActorConditions(pose: .neutral, eyeClosure: closure, audioCode: persona.silentCode)
            return eyeArea(pictures.flattened(try persona.render(cameraToWorld: frame.cameraToWorld, conditions, budget: budget)), frame)
        }
        return areas.map { $0 / max(areas[0], 1) }
    }

    /// Pixels of the eyes' window that are as blue as red: white and iris are, skin and lids are not.
    private func eyeArea(_ rgb: [UInt8], _ frame: TrainingFrame) -> Double {
        let eyes = [frame.landmarks[36..<42], frame.landmarks[42..<48]]
        return eyes.reduce(0.0) { sum, points in
            let left = Int(points.map(\.x).min() ?? 0), right = Int(points.map(\.x).max() ?? 0)
            let top = Int(points.map(\.y).min() ?? 0) - 4, bottom = Int(points.map(\.y).max() ?? 0) + 6
            var count = 0.0
            for y in max(top, 0)..<min(max(bottom, top + 1), footage.height) {
                for x in max(left, 0)..<min(max(right, left + 1), footage.width) {
                    let i = 3 * (y * footage.width + x)
                    if Int(rgb[i]) > 50, Double(rgb[i + 2]) > 0.88 * Double(rgb[i]) { count += 1 }
                }
            }
            return sum + count
        }
    }

    /// The share of a turned head's pixels that one can look through though head surrounds them.
    func holes(_ degrees: Int) throws -> Double {
        var pose = HeadPose.neutral
        pose.yaw = Float(degrees) * .pi / 180
        var conditions = ActorConditions(pose: pose, eyeClosure: 0, audioCode: persona.silentCode)
        conditions.torso = false
        let drawn = try persona.render(conditions, budget: budget)
        let (width, height) = (drawn.width, drawn.height)
        var solid = [Bool](repeating: false, count: width * height)
        drawn.withPixels { p in for i in solid.indices { solid[i] = p[4 * i + 3] > 0.5 } }
        // What the border reaches without crossing the head lies outside.
        var outside = [Bool](repeating: false, count: width * height)
        var open: [Int] = []
        func visit(_ x: Int, _ y: Int) {
            guard x >= 0, y >= 0, x < width, y < height else { return }
            let i = y * width + x
            if !solid[i], !outside[i] {
                outside[i] = true
                open.append(i)
            }
        }
        for x in 0..<width { visit(x, 0); visit(x, height - 1) }
        for y in 0..<height { visit(0, y); visit(width - 1, y) }
        while let i = open.popLast() {
            let (x, y) = (i % width, i / width)
            visit(x - 1, y); visit(x + 1, y); visit(x, y - 1); visit(x, y + 1)
        }
        let head = solid.count { $0 }
        return Double(solid.indices.count { !solid[$0] && !outside[$0] }) / Double(max(head, 1))
    }
}
