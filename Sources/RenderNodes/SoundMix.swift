// The mix: which stretch of which file is heard when, and how loud.
import Base
import Foundation
import Media
import Motion
import Sound

/// One stretch of sound on the scene's clock. Files are read while the film is written, never whole.
package struct SoundStretch: Sendable {
    package struct Duck: Sendable {
        /// Decibels.
        package var level: Double
        /// Scene times under which it is lowered.
        package var under: [TimeRange]
        package init(level: Double, under: [TimeRange]) {
            self.level = level
            self.under = under
        }
    }
    package var path: String
    package var pick: SoundReader.Pick
    package var range: TimeRange
    /// Seconds of the file at the range's start.
    package var fileStart: Rational
    /// Where the usable part of the file ends; nil: at its end.
    package var fileEnd: Rational?
    package var decibels: Double
    package var volume: Curve?
    package var fadeIn: Rational
    package var fadeOut: Rational
    package var loops: Bool
    package var speed: Rational
    package var ducks: [Duck]

    package init(path: String, pick: SoundReader.Pick = .all, range: TimeRange, fileStart: Rational = .zero, fileEnd: Rational? = nil, decibels: Double = 0, volume: Curve? = nil,
                 fadeIn: Rational = .zero, fadeOut: Rational = .zero, loops: Bool = false, speed: Rational = Rational(1), ducks: [Duck] = []) {
        self.path = path
        self.pick = pick
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

    /// The factor at a second of the scene: gain, straight fades, volume and ducking.
    func level(at time: Double) -> Float {
        var level = pow(10, decibels / 20)
        let since = time - range.start.doubleValue, until = range.end.doubleValue - time
        if fadeIn > .zero { level *= min(max(since / fadeIn.doubleValue, 0), 1) }
        if fadeOut > .zero { level *= min(max(until / fadeOut.doubleValue, 0), 1) }
        if let volume { level *= max(volume.value(at: Rational(approximating: since)), 0) }
        for duck in ducks { level *= pow(10, -duck.level * Self.share(duck.under, time) / 20) }
        return Float(level)
    }

    /// How far the voice is in front: 1 while it speaks, rising within 0.2 s before it and falling within 0.4 s behind it.
    private static func share(_ ranges: [TimeRange], _ time: Double) -> Double {
        var share = 0.0
        for range in ranges {
            let (a, b) = (range.start.doubleValue, range.end.doubleValue)
            share = max(share, time < a ? 1 - (a - time) / 0.2 : time > b ? 1 - (time - b) / 0.4 : 1)
        }
        return share
    }
}

/// All stretches of a scene, and how loud their sum shall be.
package struct SoundMix: Sendable {
    package static let sampleRate = 48_000
    package var stretches: [SoundStretch]
    /// Target of the whole scene's mix in LUFS; nil: as it is.
    package var loudness: Double?
    /// Length of the scene in seconds.
    package var duration: Rational
    package init(stretches: [SoundStretch], loudness: Double? = nil, duration: Rational = .zero) {
        self.stretches = stretches
        self.loudness = loudness
        self.duration = duration
    }
    package var isEmpty: Bool { stretches.isEmpty }

    /// Gain in decibels that brings the scene to its target; 0 without one, and for silence. Listens to the whole scene.
    package func gain(_ goesOn: () throws -> Void = {}) throws -> Double {
        guard let loudness else { return 0 }
        let mixer = SoundMixer(self, decibels: 0, ceiling: nil)
        var meter = LoudnessMeter(sampleRate: Self.sampleRate, channels: 2)
        let total = (duration * Rational(Self.sampleRate)).rounded
        for start in stride(from: 0, to: total, by: 48_000) {
            try goesOn()
            meter.add(try mixer.block(start: start, count: min(48_000, total - start)))
        }
        guard let now = meter.integrated else { return 0 }
        return min(loudness - now, 40)
    }

    /// A mixer at the scene's level: with a target, peaks stay below −1 dBFS, else below full scale.
    package func mixer(gain: Double) -> SoundMixer { SoundMixer(self, decibels: gain, ceiling: loudness == nil ? 0 : -1) }
}
