// What a training run of AD-NeRF does, as a file that can be committed and repeated.

/// Steps, rays, rates and sizes. The defaults are for a small picture on a processor; `original` is the published run.
package struct AdNerfRecipe: Codable, Sendable, Hashable {
    package var seed: UInt64 = 7
    package var sizes = AdNerfRecipe.smallSizes
    package var coarse = 32, draws = 32
    package var headSteps = 3000, torsoSteps = 1500
    package var headRays = 512, torsoRays = 256
    /// From this step on the audio of eight rows is mixed by attention; before it a frame hears its own row.
    package var smoothFrom = 1500
    package var rate: Float = 1e-3
    /// Steps in which the rate falls to a tenth.
    package var decaySteps = 3000
    /// Share of the head's rays in the face's rectangle, and of those in the mouth's.
    package var faceShare: Float = 0.95, mouthShare: Float = 0.15
    /// The original compares the rectangle's column with the row and the row with the column; this does so too.
    package var transposedRectangles = false

    package init() {}

    private static var smallSizes: AdNerfSizes {
        var s = AdNerfSizes()
        (s.depth, s.width, s.skips, s.viewDepth, s.viewWidth) = (6, 96, [2], 2, 48)
        return s
    }

    /// The published sizes, counts and rates (engine specification, 4.5).
    package static var original: AdNerfRecipe {
        var r = AdNerfRecipe()
        (r.sizes, r.coarse, r.draws) = (AdNerfSizes(), 64, 128)
        (r.headSteps, r.torsoSteps, r.headRays, r.torsoRays) = (400_000, 400_000, 2048, 1024)
        (r.smoothFrom, r.rate, r.decaySteps) = (200_000, 5e-4, 250_000)
        (r.mouthShare, r.transposedRectangles) = (0, true)
        return r
    }

    /// The first entry that makes no sense, and what would.
    package var complaint: (name: String, value: String, expected: String)? {
        if !sizes.areSane { return ("sizes", "out of range", "depth 1…32, widths 4…1024, octaves 0…10, audioWidth 4…256") }
        if !(3...1024).contains(coarse) { return ("coarse", "\(coarse)", "3…1024 samples") }
        if !(1...4096).contains(draws) { return ("draws", "\(draws)", "1…4096 samples") }
        for (name, value) in [("headSteps", headSteps), ("torsoSteps", torsoSteps), ("smoothFrom", smoothFrom)] where !(0...10_000_000).contains(value) {
            return (name, "\(value)", "0…10000000 steps")
        }
        if headSteps == 0 { return ("headSteps", "0", "at least one step") }
        if !(1...10_000_000).contains(decaySteps) { return ("decaySteps", "\(decaySteps)", "1…10000000 steps") }
        for (name, value) in [("headRays", headRays), ("torsoRays", torsoRays)] where !(16...8192).contains(value) { return (name, "\(value)", "16…8192 rays") }
        if !(rate > 0 && rate <= 1) { return ("rate", "\(rate)", "more than 0, at most 1") }
        for (name, value) in [("faceShare", faceShare), ("mouthShare", mouthShare)] where !(value >= 0 && value <= 1) { return (name, "\(value)", "0…1") }
        return nil
    }
}
