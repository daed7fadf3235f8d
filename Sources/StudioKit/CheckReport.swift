// What a persona check found, and how it is said.
import Foundation
import Imaging

extension PersonaCheck {
    struct Report {
        /// PSNR over the whole frame, the mean of all frames (the original's metric): the head over the true torso, and head and torso.
        var headDecibels = 0.0, wholeDecibels = 0.0
        /// PSNR over the pixels of the head alone.
        var faceDecibels = 0.0
        /// Mouth and eyes; nil where nothing could measure them.
        var motion: MotionReport?
        /// Why they were not measured.
        var missing = ""
        /// How sharp the mouth's patch is against the true one's (1: as sharp), and its LPIPS; means of the frames. Nil without landmarks.
        var sharpness: Double?, mouthDistance: Double?
        var frames = 0
        /// Holes in the head, as a share of its pixels, at yaws of −15°, 0 and 15°.
        var holes: [Double] = []
        var pairs: [(truth: Frame, ours: Frame)] = []

        var text: String {
            var lines = [String(format: "head %.2f dB (over the true torso; its own pixels alone %.2f dB)", headDecibels, faceDecibels), String(format: "whole %.2f dB", wholeDecibels)]
            lines += motion?.lines ?? ["mouth and eyes: not measured: \(missing)"]
            if let sharpness { lines.append(String(format: "mouth patch: sharpness %.3f of the truth's, ", sharpness) + (mouthDistance.map { String(format: "LPIPS %.4f", $0) } ?? "no LPIPS (its weights are not there)")) }
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

    /// What one frame's pictures showed, and the distance of the inner lips in its landmarks.
    struct Moment {
        var ours: Openings
        var truth: Openings
        var landmarks: Double
    }

    /// How mouth and eyes move, against the truth.
    struct MotionReport {
        /// What they were measured by.
        let words: String
        /// Correlation of the lips' distance with the truth, at the lag where it is greatest; of the open area and the eyes at that lag.
        private(set) var gap = 0.0, area = 0.0, eyes = 0.0
        /// Frames that ours come late.
        private(set) var lag = 0
        /// How far ours move against the truth: standard deviations, one over the other.
        let gapSpan: Double, areaSpan: Double, eyesSpan: Double
        /// Of the lips' distance as pictures show it and as landmarks say it, both in the truth: what the measure is worth.
        let worth: Double
        /// Frames in which both pictures were measured, and all.
        let seen: Int, all: Int
        /// Openness of the eyes at closures 0, ¼, ½, ¾ and 1, as a share of the first.
        var blink: [Double] = []

        /// - Parameters:
        ///   - moments: one for every frame, in order; nil where no face was seen.
        ///   - every: so many frames lie from one to the next.
        init(_ moments: [Moment?], every: Int, words: String) {
            self.words = words
            let known = moments.compactMap { $0 }
            (seen, all) = (known.count, moments.count)
            worth = Self.correlation(known.map { ($0.truth.gap, $0.landmarks) })
            func span(_ value: (Openings) -> Double) -> Double {
                let truth = Self.deviation(known.map { value($0.truth) })
                return truth > 0 ? Self.deviation(known.map { value($0.ours) }) / truth : 0
            }
            (gapSpan, areaSpan, eyesSpan) = (span(\.gap), span(\.area), span(\.eyes))
            func together(_ value: (Openings) -> Double, lag: Int) -> Double {
                Self.correlation(moments.indices.compactMap { i in
                    guard moments.indices.contains(i + lag), let ours = moments[i], let truth = moments[i + lag] else { return nil }
                    return (value(ours.ours), value(truth.truth))
                })
            }
            var best = 0
            for shift in -3...3 {
                let value = together(\.gap, lag: shift)
                if value > gap { (gap, best) = (value, shift) }
            }
            lag = best * every
            (area, eyes) = (together(\.area, lag: best), together(\.eyes, lag: best))
        }

        private static func deviation(_ values: [Double]) -> Double {
            let mean = values.reduce(0, +) / Double(max(values.count, 1))
            return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(values.count, 1))).squareRoot()
        }

        private static func correlation(_ pairs: [(Double, Double)]) -> Double {
            guard pairs.count > 4 else { return 0 }
            let n = Double(pairs.count), ma = pairs.map(\.0).reduce(0, +) / n, mb = pairs.map(\.1).reduce(0, +) / n
            let cov = pairs.reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
            let va = pairs.reduce(0) { $0 + ($1.0 - ma) * ($1.0 - ma) }, vb = pairs.reduce(0) { $0 + ($1.1 - mb) * ($1.1 - mb) }
            return va > 0 && vb > 0 ? cov / (va * vb).squareRoot() : 0
        }

        var lines: [String] {
            var lines = ["mouth and eyes, measured by \(words)" + (seen < all ? " (no face seen in \(all - seen) of \(all) frames)" : ""),
                         String(format: "mouth opening: correlation %.3f at lag %d frames (of the open area %.3f; of the true pictures with their landmarks %.3f)", gap, lag, area, worth),
                         String(format: "moves as far as the truth: lips' distance %.2f times, open area %.2f times", gapSpan, areaSpan),
                         String(format: "eyes: correlation %.3f, %.2f times as far", eyes, eyesSpan)]
            if !blink.isEmpty { lines.append("eye area at closure 0, 0.25, 0.5, 0.75, 1: " + blink.map { String(format: "%.0f %%", 100 * $0) }.joined(separator: ", ")) }
            return lines
        }
    }
}
