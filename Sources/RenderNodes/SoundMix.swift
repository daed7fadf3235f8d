// The mix: stretches of sound with gain, fades and ducking, a block at a time.
import Base
import Foundation
import Media
import Motion
import Sound

/// One stretch of sound on the scene's clock.
package struct SoundStretch: Sendable {
    /// 48 kHz, two channels.
    package var samples: AudioBuffer
    package var range: TimeRange
    package var fileStart: Rational
    package var fileEnd: Rational?
    package var decibels: Double
    package var volume: Curve?
    package var fadeIn: Rational
    package var fadeOut: Rational
    package var loops: Bool
    package var speed: Rational
    package var ducks: [(level: Double, under: [TimeRange])]

    package init(samples: AudioBuffer, range: TimeRange, fileStart: Rational, fileEnd: Rational?, decibels: Double, volume: Curve?, fadeIn: Rational,
                 fadeOut: Rational, loops: Bool, speed: Rational, ducks: [(level: Double, under: [TimeRange])]) {
        self.samples = samples
        self.range = range
        self.fileStart = fileStart
        self.fileEnd = fileEnd
        self.decibels = decibels
        self.volume = volume
        self.fadeIn = fadeIn
        self.fadeOut = fadeOut
        self.loops = loops
        self.speed = speed
        self.ducks = ducks
    }
}

/// Adds stretches up.
package struct SoundMix: Sendable {
    package static let sampleRate = 48_000
    package var stretches: [SoundStretch]
    package init(stretches: [SoundStretch]) { self.stretches = stretches }

    /// Reads a file as 48 kHz stereo; a single channel goes to both.
    package static func load(_ path: String, channel: (AudioBuffer) -> AudioBuffer = { $0 }) throws(MediaError) -> AudioBuffer {
        let sound = channel(try AudioFile.read(path, sampleRate: sampleRate))
        switch sound.channels.count {
        case 1: return AudioBuffer(channels: [sound.channels[0], sound.channels[0]], sampleRate: sampleRate)
        case 2: return sound
        default: return AudioBuffer(channels: [sound.mono, sound.mono], sampleRate: sampleRate)
        }
    }

    /// `count` samples from sample `start` of the scene.
    package func block(start: Int, count: Int) -> AudioBuffer {
        var left = [Float](repeating: 0, count: count), right = left
        for stretch in stretches { add(stretch, start, count, &left, &right) }
        // A soft ceiling keeps sums of loud sounds from clipping hard.
        for i in 0..<count {
            left[i] = Self.limited(left[i])
            right[i] = Self.limited(right[i])
        }
        return AudioBuffer(channels: [left, right], sampleRate: Self.sampleRate)
    }

    /// Unchanged below 0.9, then bent towards 1.
    private static func limited(_ x: Float) -> Float {
        let a = abs(x)
        guard a > 0.9 else { return x }
        return (x < 0 ? -1 : 1) * (0.9 + 0.1 * tanhf((a - 0.9) / 0.1))
    }

    private func add(_ s: SoundStretch, _ start: Int, _ count: Int, _ left: inout [Float], _ right: inout [Float]) {
        let rate = Rational(Self.sampleRate)
        let first = (s.range.start * rate).rounded, last = (s.range.end * rate).rounded
        let fileFirst = (s.fileStart * rate).rounded
        let fileLast = min(s.samples.frameCount, s.fileEnd.map { ($0 * rate).rounded } ?? s.samples.frameCount)
        let span = fileLast - fileFirst
        guard span > 0, first < start + count, last > start else { return }
        let gain = Float(pow(10, s.decibels / 20))
        let fadeIn = max((s.fadeIn * rate).rounded, 0), fadeOut = max((s.fadeOut * rate).rounded, 0)
        let speed = s.speed.doubleValue
        let l = s.samples.channels[0], r = s.samples.channels[1]
        for n in max(first, start)..<min(last, start + count) {
            var at = speed == 1 ? n - first : Int(Double(n - first) * speed)
            if s.loops { at %= span } else if at >= span { break }
            var level = gain
            if n - first < fadeIn { level *= Float(n - first) / Float(fadeIn) }
            if last - n < fadeOut { level *= Float(last - n) / Float(fadeOut) }
            if let volume = s.volume { level *= Float(max(volume.value(at: Rational(Int64(n - first), Int64(Self.sampleRate))), 0)) }
            if !s.ducks.isEmpty { level *= Self.duck(s.ducks, Double(n) / Double(Self.sampleRate)) }
            left[n - start] += level * l[fileFirst + at]
            right[n - start] += level * r[fileFirst + at]
        }
    }

    /// Lowered while something speaks: 0.2 s down before it, 0.4 s up after it.
    private static func duck(_ ducks: [(level: Double, under: [TimeRange])], _ time: Double) -> Float {
        var decibels = 0.0
        for duck in ducks {
            var share = 0.0
            for range in duck.under {
                let (a, b) = (range.start.doubleValue, range.end.doubleValue)
                if time < a { share = max(share, 1 - (a - time) / 0.2) } else if time > b { share = max(share, 1 - (time - b) / 0.4) } else { share = 1 }
            }
            decibels -= duck.level * max(share, 0)
        }
        return Float(pow(10, decibels / 20))
    }
}
