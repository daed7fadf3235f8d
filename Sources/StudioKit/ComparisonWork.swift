// `studio compare`: how alike two films, pictures or sounds are.
import Base
import Foundation
import Imaging
import Media
import Sound

/// What came out of a comparison. A figure that is nil means: no difference at all (its decibels would be infinite).
package struct ComparisonReport: Codable, Sendable {
    /// One pair of pictures.
    package struct Picture: Codable, Sendable, Hashable {
        /// Counted from 0.
        package var frame: Int
        /// Seconds in the first film.
        package var time: Double
        /// Decibels.
        package var psnr: Double?
        package var ssim: Double
    }
    package struct Sound: Codable, Sendable, Hashable {
        /// Seconds of each.
        package var seconds: [Double]
        package var channels: [Int]
        /// Integrated loudness of each, LUFS; nil for silence or less than 0.4 s.
        package var loudness: [Double?]
        /// Root mean square and greatest value of the difference, decibels below full scale.
        package var difference: Double?
        package var peak: Double?
        /// The first sound over the difference, decibels.
        package var signalToDifference: Double?
    }
    package var version = 1
    package var files: [String]
    /// Pictures of each; nil where one of the files has none.
    package var frames: [Int]?
    /// Decibels of the mean squared error of all frames.
    package var psnr: Double?
    package var ssim: Double?
    package var pictures: [Picture]
    /// At most ten, the least alike first.
    package var worst: [Picture]
    package var sound: Sound?
    package var isEqual: Bool
}

/// Compares two files.
package enum ComparisonWork {
    package static func compare(_ first: String, _ second: String, progress: ProgressHandler) throws -> ComparisonReport {
        do {
            let (a, b) = (try MediaProbe.probe(first), try MediaProbe.probe(second))
            var report = ComparisonReport(files: [first, second], frames: nil, psnr: nil, ssim: nil, pictures: [], worst: [], sound: nil, isEqual: true)
            let hasPictures = !a.video.isEmpty && !b.video.isEmpty, hasSound = !a.audio.isEmpty && !b.audio.isEmpty
            guard hasPictures || hasSound else {
                throw StudioFailure(2, "\(first) and \(second) have nothing in common: one holds pictures, the other sound", advice: "compare two films, two pictures or two sounds")
            }
            if hasPictures { try pictures(a, b, &report, progress) }
            if hasSound { try sounds(first, second, &report) }
            report.isEqual = report.isEqual && a.video.isEmpty == b.video.isEmpty && a.audio.isEmpty == b.audio.isEmpty
            return report
        } catch { throw StudioFailure.of(error) }
    }

    private static func pictures(_ a: MediaInfo, _ b: MediaInfo, _ report: inout ComparisonReport, _ progress: ProgressHandler) throws {
        let (left, right) = (try VideoReader(path: a.path), try VideoReader(path: b.path))
        let total = a.video.first?.frames ?? 0
        var counts = [0, 0], error = 0.0, likeness = 0.0
        while true {
            let (p, q) = (try left.next(), try right.next())
            if p != nil { counts[0] += 1 }
            if q != nil { counts[1] += 1 }
            guard let p, let q else {
                if p == nil, q == nil { break }
                continue
            }
            guard p.frame.width == q.frame.width, p.frame.height == q.frame.height else {
                throw StudioFailure(2, "\(a.path) is \(p.frame.width)x\(p.frame.height), \(b.path) is \(q.frame.width)x\(q.frame.height)", advice: "pictures of one size are compared; render one of them at the other's size")
            }
            let squared = p.frame.meanSquaredDifference(to: q.frame), ssim = p.frame.ssim(to: q.frame)
            report.pictures.append(.init(frame: counts[0] - 1, time: p.time.doubleValue, psnr: decibels(squared), ssim: ssim))
            error += squared
            likeness += ssim
            guard progress(ProgressReport(phase: "compare", done: counts[0], total: max(total, counts[0]))) else { throw CancellationError() }
        }
        let pairs = Double(max(report.pictures.count, 1))
        report.frames = counts
        report.psnr = decibels(error / pairs)
        report.ssim = likeness / pairs
        // Equal pictures are last; among equals the earlier one comes first.
        report.worst = Array(report.pictures.sorted { ($0.psnr ?? .infinity, $0.frame) < ($1.psnr ?? .infinity, $1.frame) }.prefix(10))
        report.isEqual = counts[0] == counts[1] && error == 0
    }

    private static func sounds(_ first: String, _ second: String, _ report: inout ComparisonReport) throws {
        let rate = 48_000
        let (a, b) = (try AudioFile.read(first, sampleRate: rate), try AudioFile.read(second, sampleRate: rate))
        // Channel by channel where they have as many, else their mixes to one.
        let same = a.channels.count == b.channels.count
        let (left, right) = same ? (a.channels, b.channels) : ([a.mono], [b.mono])
        var squared = 0.0, peak = 0.0, signal = 0.0, count = 0
        for (x, y) in zip(left, right) {
            for i in 0..<max(x.count, y.count) {
                let (p, q) = (i < x.count ? Double(x[i]) : 0, i < y.count ? Double(y[i]) : 0)
                squared += (p - q) * (p - q)
                signal += p * p
                peak = max(peak, abs(p - q))
                count += 1
            }
        }
        let n = Double(max(count, 1))
        report.sound = .init(seconds: [a.seconds, b.seconds], channels: [a.channels.count, b.channels.count], loudness: [a.integratedLoudness, b.integratedLoudness],
                             difference: squared > 0 ? 10 * log10(squared / n) : nil, peak: peak > 0 ? 20 * log10(peak) : nil,
                             signalToDifference: squared > 0 && signal > 0 ? 10 * log10(signal / squared) : nil)
        report.isEqual = report.isEqual && squared == 0 && same && a.frameCount == b.frameCount
    }

    private static func decibels(_ squared: Double) -> Double? { squared > 0 ? -10 * log10(squared) : nil }
}

extension ComparisonReport {
    /// For people.
    package var text: String {
        func figure(_ value: Double?, _ unit: String) -> String { value.map { String(format: "%.2f ", $0) + unit } ?? "no difference" }
        var lines = [isEqual ? "equal" : "different"]
        if let frames {
            lines.append("pictures: \(frames[0]) and \(frames[1])" + (frames[0] == frames[1] ? "" : "; the first \(pictures.count) are compared"))
            lines.append("PSNR \(figure(psnr, "dB")), SSIM \(String(format: "%.5f", ssim ?? 1))")
            let bad = worst.filter { $0.psnr != nil }
            if !bad.isEmpty { lines.append("least alike:") }
            for picture in bad { lines.append(String(format: "  frame %d (%.3f s)  %.2f dB  SSIM %.5f", picture.frame, picture.time, picture.psnr ?? 0, picture.ssim)) }
        }
        if let sound {
            lines.append(String(format: "sound: %.3f s and %.3f s, %d and %d channels", sound.seconds[0], sound.seconds[1], sound.channels[0], sound.channels[1]))
            lines.append("  loudness " + sound.loudness.map { $0.map { String(format: "%.1f LUFS", $0) } ?? "silent" }.joined(separator: " and "))
            lines.append("  difference \(figure(sound.difference, "dBFS")), peak \(figure(sound.peak, "dBFS")), sound over difference \(figure(sound.signalToDifference, "dB"))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// For programs.
    package func json() throws -> String {
        try JSONText.of(self) + "\n"
    }
}
