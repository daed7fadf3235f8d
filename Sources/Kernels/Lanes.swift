// How many floats the longest loops take at a time.
import CKernels
import Synchronization

/// Lanes of loops that have two forms: layers, and most of what a frame does. Frames and trained weights have the same bits with either.
public enum Lanes: Int, Sendable, CaseIterable {
    /// AVX2.
    case eight = 8
    /// AVX-512.
    case sixteen = 16

    /// What this build has on this processor.
    public static var most: Lanes { sk_lanes_most() == 16 ? .sixteen : .eight }
    /// What loops take now: as many as there are, unless somebody wants fewer.
    public static var current: Lanes { sk_lanes() == 16 ? .sixteen : .eight }

    /// From now on loops take so many lanes, where the processor has them: for measurements.
    package static func take(_ lanes: Lanes) { sk_use_lanes(Int32(min(lanes.rawValue, most.rawValue))) }

    private static let wish = Mutex(())
    /// Runs `body` with so many lanes, for tests and measurements; one such wish at a time. Work of others meanwhile may have as many or not: bits are the same.
    package static func using<T: Sendable>(_ lanes: Lanes, _ body: () throws -> T) rethrows -> T {
        try wish.withLock { _ in
            sk_use_lanes(Int32(lanes.rawValue))
            defer { sk_use_lanes(Int32(most.rawValue)) }
            return try body()
        }
    }
}
