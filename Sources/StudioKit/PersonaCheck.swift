// Held-out quality of a persona: its pictures against the truth.
import Base
import Engines
import Foundation
import Imaging
import TalkingHead

/// Compares drawn frames with footage that was never trained on.
struct PersonaCheck {
    let persona: ErnerfPersona
    let footage: any TrainingFootage

    struct Report {
        var headDecibels = 0.0, wholeDecibels = 0.0, mouthCorrelation = 0.0
        var mouthLag = 0
        var frames = 0
        var secondsPerFrame = 0.0
        var pairs: [(truth: Frame, ours: Frame)] = []

        var text: String {
            String(format: "head %.2f dB\nwhole %.2f dB\nmouth opening: correlation %.3f at lag %d frames\n%d frames, %.3f s a frame", headDecibels, wholeDecibels, mouthCorrelation, mouthLag,
                   frames, secondsPerFrame)
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

    func run(every: Int, keeps: Int) throws -> Report {
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
                                           budget: ComputeBudget(threads: ProcessInfo.processInfo.activeProcessorCount))
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
        }
        report.secondsPerFrame = Date().timeIntervalSince(start) / Double(max(report.frames, 1))
        report.headDecibels = -10 * log10(max(headError / max(headCount, 1), 1e-12))
        report.wholeDecibels = -10 * log10(max(error / max(count, 1), 1e-12))
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
}
