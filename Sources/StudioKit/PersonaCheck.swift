// Held-out quality of a persona: its pictures against the truth.
import Base
import Engines
import Foundation
import Imaging
import Motion
import TalkingHead

/// Compares drawn frames with footage that was never trained on.
struct PersonaCheck {
    let persona: any CameraPersona
    let footage: any TrainingFootage

    struct Report {
        var headDecibels = 0.0, wholeDecibels = 0.0, mouthCorrelation = 0.0
        var mouthLag = 0
        var frames = 0
        var secondsPerFrame = 0.0
        /// Eye area at closures 0, ¼, ½, ¾ and 1, as a share of the first.
        var eyeAreas: [Double] = []
        /// Holes in the head, as a share of its pixels, at yaws of −15°, 0 and 15°.
        var holes: [Double] = []
        var pairs: [(truth: Frame, ours: Frame)] = []

        var text: String {
            var lines = [String(format: "head %.2f dB", headDecibels), String(format: "whole %.2f dB", wholeDecibels),
                         String(format: "mouth opening: correlation %.3f at lag %d frames", mouthCorrelation, mouthLag)]
            if !eyeAreas.isEmpty { lines.append("eye area at closure 0, 0.25, 0.5, 0.75, 1: " + eyeAreas.map { String(format: "%.0f %%", 100 * $0) }.joined(separator: ", ")) }
            lines.append("holes in the head at yaw -15, 0, 15 degrees: " + holes.map { String(format: "%.3f %%", 100 * $0) }.joined(separator: ", "))
            lines.append(String(format: "%d frames, %.3f s a frame", frames, secondsPerFrame))
            return lines.joined(separator: "\n")
        }

        /// Truth above, ours below.
        func sheet() -> Frame {
            let side = 256
            let width = max(pairs.count, 1) * side
            var result = Frame.filled(width: width, height: 2 * side, SIMD4(0, 0, 0, 1))
            for (i, pair) in pairs.enumerated() {
                for (row, picture) in [pair.truth, pair.ours].enumerated() {
                    let rect = PixelRect(x: Double(i * side), y: Double(row * side), width: Double(side), height: Double(side))
                    result = picture.drawn(into: rect, canvasWidth: width, canvasHeight: 2 * side).over(result)
                }
            }
            return result
        }
    }

    func run(every: Int, keeps: Int, progress: ProgressHandler) throws -> Report {
        let codes = try persona.audioCodes(for: footage.features)
        var report = Report()
        var headError = 0.0, headCount = 0.0, error = 0.0, count = 0.0
        var ours: [Double] = [], truth: [Double] = []
        let start = Date()
        let chosen = footage.held.enumerated().filter { $0.offset % every == 0 }.map(\.element)
        for (index, frame) in chosen.enumerated() {
            guard frame.audioID < codes.count else { continue }
            let pixels = try footage.pixels(of: frame)
            let drawn = try persona.render(cameraToWorld: frame.cameraToWorld, ActorConditions(pose: .neutral, eyeClosure: frame.eyeClosure, audioCode: codes[frame.audioID]),
                                           budget: budget)
            let own = flattened(drawn)
            for i in 0..<(footage.width * footage.height) {
                var sum = 0.0
                for c in 0..<3 {
                    let d = (Double(own[3 * i + c]) - Double(pixels.image[3 * i + c])) / 255
                    sum += d * d
                }
                error += sum
                count += 3
                if pixels.parsing[i] == ParsingClass.head.rawValue || pixels.parsing[i] == ParsingClass.lips.rawValue { headError += sum; headCount += 3 }
            }
            if frame.landmarks.count == 68 {
                ours.append(mouthInterior(own, frame))
                truth.append(mouthInterior(pixels.image, frame))
            }
            if index % max(chosen.count / max(keeps, 1), 1) == 0, report.pairs.count < keeps { report.pairs.append((picture(pixels.image), picture(own))) }
            report.frames += 1
            guard progress(ProgressReport(phase: "check", done: index + 1, total: chosen.count)) else { throw EngineError.interrupted }
        }
        report.secondsPerFrame = Date().timeIntervalSince(start) / Double(max(report.frames, 1))
        report.headDecibels = -10 * log10(max(headError / max(headCount, 1), 1e-12))
        report.wholeDecibels = -10 * log10(max(error / max(count, 1), 1e-12))
        report.eyeAreas = try blink()
        report.holes = try [-15, 0, 15].map(holes)
        for lag in -3...3 {
            let value = correlation(ours, truth, lag: lag)
            if value > report.mouthCorrelation { (report.mouthCorrelation, report.mouthLag) = (value, lag * every) }
        }
        return report
    }

    /// Over the plate, 8 bits.
    private func flattened(_ drawn: Frame) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: footage.width * footage.height * 3)
        drawn.withPixels { p in
            for i in 0..<(footage.width * footage.height) {
                for c in 0..<3 {
                    let v = p[4 * i + c] + (1 - p[4 * i + 3]) * Float(footage.background[3 * i + c]) / 255
                    bytes[3 * i + c] = UInt8(min(max(v, 0), 1) * 255 + 0.5)
                }
            }
        }
        return bytes
    }

    private func picture(_ rgb: [UInt8]) -> Frame {
        let builder = FrameBuilder(width: footage.width, height: footage.height)
        let p = builder.pixels
        for i in 0..<(footage.width * footage.height) {
            for c in 0..<3 { p[4 * i + c] = Float(rgb[3 * i + c]) / 255 }
            p[4 * i + 3] = 1
        }
        return builder.freeze()
    }

    /// How much of the mouth's window is teeth or cavity: pixels that are neither as red as lips nor as warm as skin.
    private func mouthInterior(_ rgb: [UInt8], _ frame: TrainingFrame) -> Double {
        let points = frame.landmarks[48..<68]
        let left = Int(points.map(\.x).min() ?? 0) + 2, right = Int(points.map(\.x).max() ?? 0) - 2
        let top = Int(points.map(\.y).min() ?? 0) - 4, bottom = Int(points.map(\.y).max() ?? 0) + 8
        var sum = 0.0
        for y in max(top, 0)..<min(max(bottom, top + 1), footage.height) {
            for x in max(left, 0)..<min(max(right, left + 1), footage.width) {
                let i = 3 * (y * footage.width + x)
                let (r, g, b) = (Double(rgb[i]), Double(rgb[i + 1]), Double(rgb[i + 2]))
                // Teeth are bright and grey, the cavity is dark.
                let grey = max(0, 1 - (max(r, g, b) - min(r, g, b)) / 45) * (r > 120 ? 1 : 0)
                let dark = max(0, (95 - r) / 95)
                sum += max(grey, dark)
            }
        }
        return sum
    }

    private func correlation(_ a: [Double], _ b: [Double], lag: Int) -> Double {
        let pairs = a.indices.compactMap { i in b.indices.contains(i + lag) ? (a[i], b[i + lag]) : nil }
        guard pairs.count > 4 else { return 0 }
        let n = Double(pairs.count), ma = pairs.map(\.0).reduce(0, +) / n, mb = pairs.map(\.1).reduce(0, +) / n
        let cov = pairs.reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
        let va = pairs.reduce(0) { $0 + ($1.0 - ma) * ($1.0 - ma) }, vb = pairs.reduce(0) { $0 + ($1.1 - mb) * ($1.1 - mb) }
        return va > 0 && vb > 0 ? cov / (va * vb).squareRoot() : 0
    }

    /// The eyes of the most frontal frame, shut step by step: how much of them is not skin.
    private func blink() throws -> [Double] {
        let usual = footage.held.filter { $0.landmarks.count == 68 }
        guard let frame = usual.max(by: { $0.cameraToWorld[2, 2] < $1.cameraToWorld[2, 2] }) else { return [] }
        let areas = try [Float(0), 0.25, 0.5, 0.75, 1].map { closure -> Double in
            let conditions = ActorConditions(pose: .neutral, eyeClosure: closure, audioCode: persona.silentCode)
            return eyeArea(flattened(try persona.render(cameraToWorld: frame.cameraToWorld, conditions, budget: budget)), frame)
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
    private func holes(_ degrees: Int) throws -> Double {
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

    private var budget: ComputeBudget { ComputeBudget(threads: ProcessInfo.processInfo.activeProcessorCount) }
}
