// A limiter for a sound that comes in pieces.
import Foundation

/// Holds a sound below a ceiling: the gain falls ahead of a peak within 5 ms and recovers within 80 ms; all channels move
/// together. What comes out lags behind what goes in by `delay` samples; the pieces may be of any length.
package struct PeakLimiter: Sendable {
    private let limit: Float
    private let fall: Float
    private let rise: Float
    private let sampleRate: Int
    /// Samples that wait for what comes behind them.
    package let delay: Int
    /// The last sample that went out, for the shape of a peak, then the samples that wait.
    private var waiting: [[Float]]
    private var hasPast = false
    /// Gain of the last sample that went out.
    private var gain: Float = 1

    /// `ceiling` in dBFS.
    package init(sampleRate: Int, channels: Int, ceiling: Double) {
        limit = AudioBuffer.amplitude(decibels: ceiling)
        let ahead = max(1, sampleRate / 200)
        fall = 1 / Float(ahead)
        rise = 1 / Float(max(1, sampleRate * 8 / 100))
        // Beyond `ahead` samples a peak cannot be felt; one more shows the shape of the last peak.
        delay = ahead + 1
        self.sampleRate = sampleRate
        waiting = [[Float]](repeating: [], count: channels)
    }

    /// Takes samples; gives those whose gain is certain.
    package mutating func process(_ sound: AudioBuffer) -> AudioBuffer {
        precondition(sound.channels.count == waiting.count, "a limiter keeps its number of channels")
        for c in waiting.indices { waiting[c] += sound.channels[c] }
        return release(max(0, held - delay))
    }

    /// The samples that still wait.
    package mutating func finish() -> AudioBuffer { release(held) }

    private var held: Int { (waiting.first?.count ?? 0) - (hasPast ? 1 : 0) }

    private mutating func release(_ count: Int) -> AudioBuffer {
        let first = hasPast ? 1 : 0
        let total = waiting.first?.count ?? 0
        guard count > 0 else { return AudioBuffer(channels: [[Float]](repeating: [], count: waiting.count), sampleRate: sampleRate) }
        var need = [Float](repeating: 1, count: total)
        var isAbove = gain < 1
        for samples in waiting {
            samples.withUnsafeBufferPointer { samples in
                for i in first..<total {
                    // Between two samples a parabola may rise above both.
                    let a = samples[max(i - 1, 0)], b = samples[i], c = samples[min(i + 1, total - 1)]
                    guard max(abs(a), abs(b), abs(c)) > 0.8 * limit else { continue }
                    let curve = a - 2 * b + c
                    let shift = curve == 0 ? 0 : max(-0.5, min(0.5, 0.5 * (a - c) / curve))
                    let top = max(abs(b), abs(b - 0.25 * (a - c) * shift))
                    if top > limit { need[i] = min(need[i], limit / top); isAbove = true }
                }
            }
        }
        var out = waiting.map { Array($0[first..<(first + count)]) }
        if isAbove {
            for i in stride(from: total - 2, through: first, by: -1) { need[i] = min(need[i], need[i + 1] + fall) }
            for i in first..<(first + count) {
                gain = min(need[i], gain + rise)
                if gain < 1 { for c in out.indices { out[c][i - first] *= gain } }
            }
        }
        for c in waiting.indices { waiting[c].removeFirst(first + count - 1) }
        hasPast = true
        return AudioBuffer(channels: out, sampleRate: sampleRate)
    }
}
