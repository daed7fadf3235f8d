// The mix: when a sound is heard, how loud, and that blocks may be cut anywhere.
import Base
import Foundation
import Media
import Motion
import Sound
import Testing
@testable import RenderNodes

private func seconds(_ value: Double) -> Rational { Rational(approximating: value) }
private func range(_ a: Double, _ b: Double) -> TimeRange { TimeRange(start: seconds(a), end: seconds(b)) }

/// A steady level, so that every gain can be read off.
private func steady(_ level: Float, _ length: Double, rate: Int = 48_000) throws -> String {
    let path = TestFile.path("steady.wav")
    try AudioFile.write(AudioBuffer(channels: [[Float](repeating: level, count: Int(length * Double(rate)))], sampleRate: rate), to: path, format: .float32)
    return path
}
private func ramp(_ length: Double) throws -> String {
    let path = TestFile.path("ramp.wav")
    let count = Int(length * 48_000)
    try AudioFile.write(AudioBuffer(channels: [(0..<count).map { Float($0) / Float(count) * 0.8 }], sampleRate: 48_000), to: path, format: .float32)
    return path
}
private func level(_ mix: SoundMix, at time: Double) throws -> Float { try mix.mixer(gain: 0).block(start: Int(time * 48_000), count: 1).channels[1][0] }

@Suite struct SoundMixTests {
    @Test func aSoundIsHeardInItsRangeOnly() throws {
        let mix = SoundMix(stretches: [SoundStretch(path: try steady(0.5, 3), range: range(1, 2.5), decibels: -6.0206)])
        let block = try mix.mixer(gain: 0).block(start: 0, count: 48_000 * 3).channels[0]
        #expect(block[..<48_000].allSatisfy { $0 == 0 } && block[120_000...].allSatisfy { $0 == 0 })
        #expect(block[48_000..<120_000].allSatisfy { abs($0 - 0.25) < 1e-4 })
    }
    @Test func fadesAreStraight() throws {
        let mix = SoundMix(stretches: [SoundStretch(path: try steady(0.8, 4), range: range(1, 4), fadeIn: seconds(1), fadeOut: seconds(0.5))])
        for (time, expected) in [(1.25, 0.2), (1.5, 0.4), (2.5, 0.8), (3.75, 0.4), (3.9, 0.16)] { #expect(try abs(level(mix, at: time) - Float(expected)) < 2e-3) }
    }
    @Test func duckingFollowsTheVoice() throws {
        let duck = SoundStretch.Duck(level: 12, under: [range(2, 3), range(3.2, 3.5)])
        let mix = SoundMix(stretches: [SoundStretch(path: try steady(0.5, 6), range: range(0, 6), ducks: [duck])])
        let low = 0.5 * AudioBuffer.amplitude(decibels: -12)
        #expect(try abs(level(mix, at: 1.7) - 0.5) < 1e-4 && abs(level(mix, at: 5) - 0.5) < 1e-4)
        for time in [2.01, 2.5, 2.99, 3.3] { #expect(try abs(level(mix, at: time) - low) < 1e-3) }
        // Half way down 0.1 s before the voice, half way up 0.2 s behind it; between two near words it stays mostly down.
        #expect(try abs(level(mix, at: 1.9) - 0.5 * AudioBuffer.amplitude(decibels: -6)) < 2e-3)
        #expect(try abs(level(mix, at: 3.7) - 0.5 * AudioBuffer.amplitude(decibels: -6)) < 2e-3)
        #expect(try level(mix, at: 3.1) < 0.5 * AudioBuffer.amplitude(decibels: -6))
    }
    @Test func loopsBeginAgainAtTheRightSample() throws {
        let mix = SoundMix(stretches: [SoundStretch(path: try ramp(0.5), range: range(0.25, 2), fileStart: seconds(0.1), fileEnd: seconds(0.4), loops: true)])
        let block = try mix.mixer(gain: 0).block(start: 12_000, count: 72_000).channels[0]
        for k in [0, 1, 500, 14_399] { #expect(abs(block[k] - block[k + 14_400]) < 1e-6 && abs(block[k] - block[k + 4 * 14_400]) < 1e-6) }
        #expect(abs(block[0] - 0.16) < 1e-4 && abs(block[14_399] - 0.64) < 1e-3)
    }
    @Test func speedChangesLengthAndPitch() throws {
        let path = TestFile.path("tone.wav")
        try AudioFile.write(AudioBuffer(channels: [(0..<96_000).map { Float(sin(Double($0) * 2 * .pi * 500 / 48_000)) * 0.5 }], sampleRate: 48_000), to: path, format: .float32)
        let mix = SoundMix(stretches: [SoundStretch(path: path, range: range(0, 2), speed: Rational(2))])
        let block = try mix.mixer(gain: 0).block(start: 0, count: 96_000).channels[0]
        let crossings = zip(block[..<47_000], block[1..<47_001]).count { $0 < 0 && $1 >= 0 }
        #expect(abs(crossings - 979) <= 3 && block[48_500...].allSatisfy { abs($0) < 1e-3 })
    }
    @Test("blocks may be cut anywhere and begin anywhere", arguments: [1920, 1601, 48_000]) func cuts(size: Int) throws {
        let stretches = [
            SoundStretch(path: try ramp(1.5), range: range(0.1, 2.6), decibels: 3, fadeIn: seconds(0.3), loops: true),
            SoundStretch(path: try steady(0.7, 2, rate: 44_100), range: range(0.5, 2.2), volume: Curve(keys: [.init(time: .zero, value: 0.2), .init(time: Rational(1), value: 1.4)])),
        ]
        let mix = SoundMix(stretches: stretches, loudness: -20, duration: seconds(2.6))
        let whole = try mix.mixer(gain: 4).block(start: 0, count: 120_000)
        #expect(whole.peak <= AudioBuffer.amplitude(decibels: -1) * 1.0001 && whole.peak > 0.8)
        let pieces = mix.mixer(gain: 4), late = mix.mixer(gain: 4)
        for start in stride(from: 0, to: 120_000, by: size) {
            let count = min(size, 120_000 - start)
            #expect(try pieces.block(start: start, count: count) == whole.slice(from: start, frames: count))
            if start > 60_000 { #expect(try late.block(start: start, count: count) == whole.slice(from: start, frames: count)) }
        }
    }
    @Test("the scene comes to its loudness", arguments: [-16.0, -23, -30]) func loudness(target: Double) throws {
        let path = TestFile.path("tone.wav")
        try AudioFile.write(AudioBuffer(channels: [(0..<240_000).map { Float(sin(Double($0) * 2 * .pi * 997 / 48_000)) * 0.1 }], sampleRate: 48_000), to: path, format: .float32)
        let mix = SoundMix(stretches: [SoundStretch(path: path, range: range(0, 5))], loudness: target, duration: seconds(5))
        let made = try mix.mixer(gain: try mix.gain()).block(start: 0, count: 240_000)
        #expect(abs((made.integratedLoudness ?? 0) - target) < 0.1)
        #expect(try SoundMix(stretches: mix.stretches, duration: seconds(5)).gain() == 0)
        #expect(try SoundMix(stretches: [], loudness: -16, duration: seconds(5)).gain() == 0)
    }
    @Test func aMissingFileIsNamed() {
        let mix = SoundMix(stretches: [SoundStretch(path: "/nowhere/x.wav", range: range(0, 1))])
        #expect(throws: MediaError.missing(path: "/nowhere/x.wav")) { try mix.mixer(gain: 0).block(start: 0, count: 100) }
    }
}
