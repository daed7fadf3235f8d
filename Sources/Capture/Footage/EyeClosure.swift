// How far the eyes are shut, from how high they stand open against their width (`FaceOpening.eyes`).
import Interchange

enum EyeClosure {
    /// Closures as another tracker saw them: column `AU45_r` of a table of OpenFace, which was made of the same film.
    ///
    /// - Parameters:
    ///   - start: seconds of the film at which the pictures begin, 25 a second.
    /// - Throws: what is wrong with the table, or `CaptureRefusal` where it ends before the pictures do.
    static func table(_ path: String, start: Double, frames: Int) throws -> [Float] {
        let samples = try MotionFile.values(path, column: "AU45_r", scale: 0.5)
        let end = start + Double(frames - 1) / 25
        guard let first = samples.times.first, let last = samples.times.last, first <= start + slack, last >= end - slack else {
            throw CaptureRefusal(reason: String(format: "%@: tells closures from %.2f to %.2f s, the pictures lie between %.2f and %.2f s", path, samples.times.first ?? 0, samples.times.last ?? 0, start, end),
                                 advice: "give a table of the whole film, or name the part that it covers with --from and --to")
        }
        return (0..<frames).map { Float(min(max(samples.value(at: start + Double($0) / 25), 0), 1)) }
    }
    /// Seconds that a table may lack at its ends: pictures at which the other tracker saw nobody.
    private static let slack = 1.0

    /// Below so much of the open eye's ratio an eye is shut, whatever the clip shows: a clip without a blink has none.
    private static let surelyShut: Float = 0.45

    /// 0 open … 1 shut for each ratio, between what the clip itself shows as open and as shut.
    static func closures(_ ratios: [Float]) -> [Float] {
        let sorted = ratios.sorted()
        guard !sorted.isEmpty else { return [] }
        func share(_ part: Double) -> Float { sorted[min(Int(part * Double(sorted.count)), sorted.count - 1)] }
        let open = share(0.6), shut = min(share(0.005), surelyShut * open)
        // What lies within the usual unrest of an open eye is open.
        let rest = max(open - share(0.3), 0.04 * open)
        return ratios.map { min(max((open - rest - $0) / max(open - rest - shut, 1e-4), 0), 1) }
    }
}
