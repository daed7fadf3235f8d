// Eye closure over time.
import Base

/// Where blinks come from.
package enum BlinkCurve: Hashable, Sendable {
    case never
    /// A blink every `interval` ± `tolerance`, each of length `duration`, drawn from a seed.
    case every(interval: Rational, tolerance: Rational, duration: Rational, seed: Int)
    /// Closure keyed by hand (period: `repeat`).
    case keyed(Curve)
    /// Recorded closure, one value a frame; beyond the end it runs back and forth.
    case recorded([Float], FrameRate)
    /// Closure of a file at its own times.
    case sampled(ScalarSamples)

    /// Closure at a time: 0 open … 1 shut.
    package func closure(at time: Rational) -> Float {
        switch self {
        case .never: return 0
        case .keyed(let curve): return Float(min(1, max(0, curve.value(at: time))))
        case .recorded(let values, let rate):
            guard !values.isEmpty else { return 0 }
            return min(1, max(0, values[PosePath.pingPong(rate.frame(at: time), values.count)]))
        case .sampled(let samples): return Float(min(1, max(0, samples.value(at: time.doubleValue))))
        case .every(let interval, let tolerance, let duration, let seed):
            return Self.closure(at: time, interval, tolerance, duration, seed)
        }
    }

    /// Times at which blinks start within `[0, end)`; for the regular form only.
    package func starts(until end: Rational) -> [Rational] {
        guard case .every(let interval, let tolerance, _, let seed) = self, interval > .zero else { return [] }
        var result: [Rational] = []
        var index = 1
        while true {
            let start = Self.start(index, interval, tolerance, seed)
            if start >= end || index > 1_000_000 { return result }
            result.append(start)
            index += 1
        }
    }

    /// Blink `index` (from 1) starts at index × interval, moved by up to the tolerance; neighbours keep their order.
    private static func start(_ index: Int, _ interval: Rational, _ tolerance: Rational, _ seed: Int) -> Rational {
        let shift = SeededRandom(seed: UInt64(bitPattern: Int64(seed)), stream: 77).uniform(UInt64(index), -1, 1)
        let limit = min(tolerance, interval * Rational(49, 100))
        return interval * Rational(index) + limit * Rational(approximating: Double(shift)) - interval * Rational(1, 2)
    }

    private static func closure(at time: Rational, _ interval: Rational, _ tolerance: Rational, _ duration: Rational, _ seed: Int) -> Float {
        guard interval > .zero, duration > .zero, time >= .zero else { return 0 }
        let near = (time / interval).floor
        var most: Float = 0
        for index in max(1, near - 1)...max(1, near + 2) {
            let progress = ((time - start(index, interval, tolerance, seed)) / duration).doubleValue
            if progress > 0, progress < 1 { most = max(most, shape(progress)) }
        }
        return most
    }

    /// Lids fall fast (40 % of the time), rest shut a moment, and rise slowly.
    private static func shape(_ p: Double) -> Float {
        if p < 0.35 { return Float(Easing.easeInOut.value(at: p / 0.35)) }
        if p < 0.5 { return 1 }
        return Float(1 - Easing.easeInOut.value(at: (p - 0.5) / 0.5))
    }
}
