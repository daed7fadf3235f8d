// A scalar over time: opacity, volume, blur, closure.
import Base

/// One scalar, by keyframes or by the samples of a file.
package struct Curve: Hashable, Sendable {
    /// A value at a time, and the shape of the way to it.
    package struct Key: Hashable, Sendable {
        package var time: Rational
        package var value: Double
        package var easing: Easing
        package init(time: Rational, value: Double, easing: Easing = .easeInOut) {
            self.time = time
            self.value = value
            self.easing = easing
        }
    }
    /// In order of time.
    package var keys: [Key]
    /// Length after which the keys start again; nil: the last value holds.
    package var period: Rational?
    /// Recorded values at their own times; where they are, there are no keys.
    package let samples: ScalarSamples?

    package init(keys: [Key], period: Rational? = nil) {
        self.keys = keys
        self.period = period
        samples = nil
    }
    /// The values of a file; the first and the last one hold beyond the ends.
    package init(samples: ScalarSamples) {
        keys = []
        period = nil
        self.samples = samples
    }
    package static func constant(_ value: Double) -> Curve { Curve(keys: [Key(time: .zero, value: value)]) }

    /// It has one value at all times.
    package var isConstant: Bool { samples.map { $0.values.count < 2 } ?? (keys.count < 2) }

    /// The value at a time; 0 where there are no keys.
    package func value(at time: Rational) -> Double {
        if let samples { return samples.value(at: time.doubleValue) }
        guard let first = keys.first, let last = keys.last else { return 0 }
        var t = time
        if let period, period > .zero { t = time - period * Rational((time / period).floor) }
        if t <= first.time { return first.value }
        if t >= last.time { return last.value }
        var index = 1
        while keys[index].time <= t { index += 1 }
        let (from, to) = (keys[index - 1], keys[index])
        let progress = ((t - from.time) / (to.time - from.time)).doubleValue
        return from.value + (to.value - from.value) * to.easing.value(at: progress)
    }
}
