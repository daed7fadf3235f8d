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
    /// LPIPS, where its weights are there.
    var perceptual: PerceptualDistance?

    struct Report {
        /// PSNR over the whole frame, the mean of all frames (the original's metric): the head over the true torso, and head and torso.
        var headDecibels = 0.0, wholeDecibels = 0.0
        /// PSNR over the pixels of the head alone.
        var faceDecibels = 0.0
        /// Correlation of the lips' distance with the truth over all frames, at the lag where it is greatest; and of the open area.
        var mouthCorrelation = 0.0, areaCorrelation = 0.0
        /// Of the lips' distance as pictures show it and as landmarks say it, both in the truth: what the measure is worth.
        var measureCorrelation = 0.0
        var mouthLag = 0
        /// How sharp the mouth's patch is against the true one's (1: as sharp), and its LPIPS; means of the frames.
        var sharpness = 0.0, mouthDistance: Double?
        var frames = 0
        /// Eye area at closures 0, ¼, ½, ¾ and 1, as a share of the first.
        var eyeAreas: [Double] = []
        /// Holes in the head, as a share of its pixels, at yaws of −15°, 0 and 15°.
        var holes: [Double] = []
        var pairs: [(truth: Frame, ours: Frame)] = []

        var text: String {
            var lines = [String(format: "head %.2f dB (over the true torso; its own pixels alone %.2f dB)", headDecibels, faceDecibels), String(format: "whole %.2f dB", wholeDecibels),
                         String(format: "mouth opening: correlation %.3f at lag %d frames (of the open area %.3f; of the true pictures with their landmarks %.3f)",
                                mouthCorrelation, mouthLag, areaCorrelation, measureCorrelation)]
            lines.append(String(format: "mouth patch: sharpness %.3f of the truth's, ", sharpness) + (mouthDistance.map { String(format: "LPIPS %.4f", $0) } ?? "no LPIPS (its weights are not there)"))
            if !eyeAreas.isEmpty { lines.append("eye area at closure 0, 0.25, 0.5, 0.75, 1: " + eyeAreas.map { String(format: "%.0f %%", 100 * $0) }.joined(separator: ", ")) }
            lines.append("holes in the head at yaw -15, 0, 15 degrees: " + holes.map { String(format: "%.3f %%", 100 * $0) }.joined(separator: ", "))
            lines.append("\(frames) frames")
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
        var sums = (head: 0.0, face: 0.0, whole: 0.0)
        var patches = PatchSums()
        var ours: [MouthOpening] = [], truth: [MouthOpening] = [], landmarks: [Double] = []
        let chosen = footage.held.enumerated().filter { $0.offset % every == 0 }.map(\.element)
        for (index, frame) in chosen.enumerated() {
            guard frame.audioID < codes.count else { continue }
            let pixels = try footage.pixels(of: frame)
            var conditions = ActorConditions(pose: .neutral, eyeClosure: frame.eyeClosure, audioCode: codes[frame.audioID])
            let own = pictures.flattened(try persona.render(cameraToWorld: frame.cameraToWorld, conditions, budget: budget))
            conditions.torso = false
            let head = pictures.flattened(try persona.render(cameraToWorld: frame.cameraToWorld, conditions, budget: budget), over: pixels.torso)
            let isHead = pixels.parsing.map { $0 == ParsingClass.head.rawValue || $0 == ParsingClass.lips.rawValue }
            sums.whole += decibels(own, pixels.image)
            sums.head += decibels(head, pixels.image)
            sums.face += decibels(own, pixels.image, where: isHead)
            if frame.landmarks.count == 68 {
                ours.append(mouthOpening(own, frame))
                truth.append(mouthOpening(pixels.image, frame))
                landmarks.append(landmarkGap(frame))
                patches.add(mouthPatch(own, frame), mouthPatch(pixels.image, frame), perceptual)
            }
            if index % max(chosen.count / max(keeps, 1), 1) == 0, report.pairs.count < keeps { report.pairs.append((pictures.picture(pixels.image), pictures.picture(own))) }
            report.frames += 1
            guard progress(ProgressReport(phase: "check", done: index + 1, total: chosen.count)) else { throw EngineError.interrupted }
        }
        let frames = Double(max(report.frames, 1))
        (report.headDecibels, report.faceDecibels, report.wholeDecibels) = (sums.head / frames, sums.face / frames, sums.whole / frames)
        report.sharpness = patches.sharpness
        report.mouthDistance = patches.distance
        report.eyeAreas = try blink()
        report.holes = try [-15, 0, 15].map(holes)
        for lag in -3...3 {
            let value = correlation(ours.map(\.gap), truth.map(\.gap), lag: lag)
            if value > report.mouthCorrelation { (report.mouthCorrelation, report.mouthLag) = (value, lag * every) }
        }
        report.areaCorrelation = correlation(ours.map(\.area), truth.map(\.area), lag: report.mouthLag / every)
        report.measureCorrelation = correlation(truth.map(\.gap), landmarks, lag: 0)
        return report
    }

    var pictures: FootagePictures { FootagePictures(footage: footage) }

    /// PSNR of two pictures of 8 bits, over all pixels or the chosen ones; 120 dB where they are equal.
    private func decibels(_ a: [UInt8], _ b: [UInt8], where chosen: [Bool]? = nil) -> Double {
        var (error, count) = (0.0, 0.0)
        for i in 0..<(footage.width * footage.height) where chosen?[i] ?? true {
            for c in 0..<3 {
                let d = (Double(a[3 * i + c]) - Double(b[3 * i + c])) / 255
                error += d * d
            }
            count += 3
        }
        return -10 * log10(max(error / max(count, 1), 1e-12))
    }

    private func correlation(_ a: [Double], _ b: [Double], lag: Int) -> Double {
        let pairs = a.indices.compactMap { i in b.indices.contains(i + lag) ? (a[i], b[i + lag]) : nil }
        guard pairs.count > 4 else { return 0 }
        let n = Double(pairs.count), ma = pairs.map(\.0).reduce(0, +) / n, mb = pairs.map(\.1).reduce(0, +) / n
        let cov = pairs.reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
        let va = pairs.reduce(0) { $0 + ($1.0 - ma) * ($1.0 - ma) }, vb = pairs.reduce(0) { $0 + ($1.1 - mb) * ($1.1 - mb) }
        return va > 0 && vb > 0 ? cov / (va * vb).squareRoot() : 0
    }

    var budget: ComputeBudget { ComputeBudget(threads: ProcessInfo.processInfo.activeProcessorCount) }
}
