// Sounds laid into a mix along a line of levels.

/// Factors at every 64th sample of the whole film, straight lines between them: the same whatever the blocks are.
package struct LevelLine: Sendable {
    package static let spacing = 64
    /// Sample of the first factor, a multiple of the spacing.
    private let origin: Int
    private let values: [Float]

    /// The line over samples `start ..< start + count`; `level` gives the factor at a sample.
    package init(start: Int, count: Int, level: (Int) -> Float) {
        let first = start >= 0 ? start / Self.spacing : (start - Self.spacing + 1) / Self.spacing
        let last = (start + max(count, 1) - 1) / Self.spacing + 1
        origin = first * Self.spacing
        values = (first...max(last, first)).map { level($0 * Self.spacing) }
    }

    /// Adds `sound`, whose first sample is film sample `start`, to `mix`, whose first sample is film sample `mixStart`.
    package func add(_ sound: [[Float]], start: Int, to mix: inout AudioBuffer, mixStart: Int) {
        for c in mix.channels.indices where c < sound.count {
            let low = max(start, mixStart), high = min(start + sound[c].count, mixStart + mix.frameCount)
            guard low < high else { continue }
            mix.channels[c].withUnsafeMutableBufferPointer { out in
                sound[c].withUnsafeBufferPointer { source in
                    for n in low..<high {
                        let at = (n - origin) / Self.spacing, t = Float((n - origin) % Self.spacing) / Float(Self.spacing)
                        let level = values[at] + (values[min(at + 1, values.count - 1)] - values[at]) * t
                        out[n - mixStart] += level * source[n - start]
                    }
                }
            }
        }
    }
}
