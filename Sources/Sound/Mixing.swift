// Levels, fades, loops and mixing.
import Foundation

extension AudioBuffer {
    /// Silence of some length.
    package static func silence(frames: Int, channels: Int = 2, sampleRate: Int = 48_000) -> AudioBuffer {
        AudioBuffer(channels: [[Float]](repeating: [Float](repeating: 0, count: max(frames, 0)), count: max(channels, 1)), sampleRate: sampleRate)
    }

    /// The amplitude of a level in decibels.
    package static func amplitude(decibels: Double) -> Float { Float(pow(10, decibels / 20)) }

    /// Louder or softer by a level in decibels.
    package func gained(decibels: Double) -> AudioBuffer { scaled(by: Self.amplitude(decibels: decibels)) }

    /// Every sample times a factor.
    package func scaled(by factor: Float) -> AudioBuffer {
        AudioBuffer(channels: channels.map { samples in samples.map { $0 * factor } }, sampleRate: sampleRate)
    }

    /// Faded in over the first and out over the last samples, along a quarter sine (equal power).
    package func faded(inFrames: Int, outFrames: Int) -> AudioBuffer {
        var result = self
        let count = frameCount
        let fadeIn = min(max(inFrames, 0), count), fadeOut = min(max(outFrames, 0), count)
        for c in result.channels.indices {
            for i in 0..<fadeIn { result.channels[c][i] *= Float(sin(Double.pi / 2 * (Double(i) + 0.5) / Double(fadeIn))) }
            for i in 0..<fadeOut { result.channels[c][count - 1 - i] *= Float(sin(Double.pi / 2 * (Double(i) + 0.5) / Double(fadeOut))) }
        }
        return result
    }

    /// A part; what lies outside the sound is silence.
    package func slice(from start: Int, frames: Int) -> AudioBuffer {
        var result = Self.silence(frames: frames, channels: channels.count, sampleRate: sampleRate)
        result.add(self, at: -start)
        return result
    }

    /// Repeated until it is as long as asked; an empty sound stays silence.
    package func looped(toFrames frames: Int) -> AudioBuffer {
        var result = Self.silence(frames: frames, channels: channels.count, sampleRate: sampleRate)
        guard frameCount > 0 else { return result }
        for start in stride(from: 0, to: max(frames, 0), by: frameCount) { result.add(self, at: start) }
        return result
    }

    /// With a number of channels: one is copied to all, several go to one by their mean; else the first ones, silence for the rest.
    package func withChannels(_ count: Int) -> AudioBuffer {
        guard count != channels.count, count > 0, let first = channels.first else { return self }
        if count == 1 { return AudioBuffer(channels: [mono], sampleRate: sampleRate) }
        if channels.count == 1 { return AudioBuffer(channels: [[Float]](repeating: first, count: count), sampleRate: sampleRate) }
        let empty = [Float](repeating: 0, count: frameCount)
        return AudioBuffer(channels: (0..<count).map { $0 < channels.count ? channels[$0] : empty }, sampleRate: sampleRate)
    }

    /// Adds another sound of the same rate, its first sample at `start` (which may be negative); what goes beyond this one is left out.
    package mutating func add(_ other: AudioBuffer, at start: Int, gain: Float = 1) {
        precondition(other.sampleRate == sampleRate, "sounds of one rate are mixed")
        let shaped = other.withChannels(channels.count)
        let low = max(0, start), high = min(frameCount, start + shaped.frameCount)
        guard low < high else { return }
        for c in channels.indices {
            channels[c].withUnsafeMutableBufferPointer { out in
                shaped.channels[c].withUnsafeBufferPointer { source in
                    for i in low..<high { out[i] += source[i - start] * gain }
                }
            }
        }
    }

    /// The largest absolute sample.
    package var peak: Float { channels.reduce(0) { $1.reduce($0) { max($0, abs($1)) } } }

    /// At another rate; pitch and length in seconds stay.
    package func resampled(to rate: Int) -> AudioBuffer {
        guard rate != sampleRate else { return self }
        return AudioBuffer(channels: channels.map { Self.resampled($0, ratio: Double(rate) / Double(sampleRate)) }, sampleRate: rate)
    }

    /// Played faster (above 1) or slower: pitch and length change together.
    package func sped(by factor: Double) -> AudioBuffer {
        guard factor > 0 else { return self }
        return AudioBuffer(channels: channels.map { Self.resampled($0, ratio: 1 / factor) }, sampleRate: sampleRate)
    }
}
