// How far the eyes are shut, from how high they stand open against their width (`FaceOpening.eyes`).

enum EyeClosure {
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
