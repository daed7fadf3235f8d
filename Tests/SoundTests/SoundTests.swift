// Known answers of levels, mixing, ducking, loudness and spectra.
import Foundation
import Testing
@testable import Sound

private func tone(_ hertz: Double, decibels: Double, seconds: Double, rate: Int = 48_000, channels: Int = 2) -> AudioBuffer {
    let amplitude = pow(10, decibels / 20)
    let samples = (0..<Int(seconds * Double(rate))).map { Float(amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate))) }
    return AudioBuffer(channels: [[Float]](repeating: samples, count: channels), sampleRate: rate)
}

@Suite struct LoudnessTests {
    @Test("EBU Tech 3341, cases 1 and 2: a stereo 1 kHz tone reads as its level", arguments: [-23.0, -33.0])
    func stereoTone(level: Double) throws {
        let loudness = try #require(tone(1000, decibels: level, seconds: 5).integratedLoudness)
        #expect(abs(loudness - level) < 0.1)
    }
    @Test func oneChannelAtFullScaleReadsMinusThree() throws {
        let loudness = try #require(tone(997, decibels: 0, seconds: 3, channels: 1).integratedLoudness)
        #expect(abs(loudness + 3.01) < 0.05)
    }
    @Test("EBU Tech 3341, case 3: quiet ends are gated away")
    func gated() throws {
        var sound = AudioBuffer.silence(frames: 48_000 * 40)
        sound.add(tone(1000, decibels: -36, seconds: 5), at: 0)
        sound.add(tone(1000, decibels: -23, seconds: 30), at: 48_000 * 5)
        sound.add(tone(1000, decibels: -36, seconds: 5), at: 48_000 * 35)
        let loudness = try #require(sound.integratedLoudness)
        #expect(abs(loudness + 23) < 0.1)
    }
    @Test func otherRatesAgree() throws {
        let loudness = try #require(tone(1000, decibels: -23, seconds: 3, rate: 44_100).integratedLoudness)
        #expect(abs(loudness + 23) < 0.1)
    }
    @Test func silenceHasNone() { #expect(AudioBuffer.silence(frames: 96_000).integratedLoudness == nil) }
    @Test func normalizedReachesItsTarget() throws {
        let loudness = try #require(tone(1000, decibels: -40, seconds: 3).normalized(toLoudness: -16).integratedLoudness)
        #expect(abs(loudness + 16) < 0.1)
    }
    @Test func limiterHoldsTheCeilingAndSparesTheRest() {
        var sound = tone(440, decibels: -12, seconds: 2)
        sound.add(tone(441, decibels: 6, seconds: 0.1), at: 48_000)
        let held = sound.limited(ceiling: -1)
        #expect(held.truePeak <= AudioBuffer.amplitude(decibels: -1) * 1.02)
        #expect(held.channels[0][0..<40_000] == sound.channels[0][0..<40_000])
        let quiet = tone(440, decibels: -12, seconds: 1)
        #expect(quiet.limited(ceiling: -1) == quiet)
    }
}

@Suite struct MixingTests {
    @Test func gainIsInDecibels() {
        let ratio = tone(100, decibels: 0, seconds: 0.1).gained(decibels: -20).peak / tone(100, decibels: 0, seconds: 0.1).peak
        #expect(abs(ratio - 0.1) < 1e-6)
    }
    @Test func offsetsMayHangOver() {
        var sound = AudioBuffer.silence(frames: 10, channels: 2)
        let ones = AudioBuffer(channels: [[1, 2, 3]], sampleRate: 48_000)
        sound.add(ones, at: -1)
        sound.add(ones, at: 8, gain: 2)
        sound.add(ones, at: 20)
        #expect(sound.channels[0] == [2, 3, 0, 0, 0, 0, 0, 0, 2, 4])
        #expect(sound.channels[1] == sound.channels[0])
    }
    @Test func loopRepeatsAndCuts() {
        let looped = AudioBuffer(channels: [[1, 2, 3]], sampleRate: 8000).looped(toFrames: 7)
        #expect(looped.channels == [[1, 2, 3, 1, 2, 3, 1]])
    }
    @Test func sliceBeyondTheEndsIsSilence() {
        let part = AudioBuffer(channels: [[1, 2, 3]], sampleRate: 8000).slice(from: -1, frames: 5)
        #expect(part.channels == [[0, 1, 2, 3, 0]])
    }
    @Test func fadesStartAndEndNearSilence() {
        let sound = AudioBuffer(channels: [[Float](repeating: 1, count: 1000)], sampleRate: 8000).faded(inFrames: 100, outFrames: 200)
        #expect(sound.channels[0][0] < 0.01 && sound.channels[0][999] < 0.01)
        #expect(sound.channels[0][100..<800].allSatisfy { $0 == 1 })
        #expect(zip(sound.channels[0][0..<99], sound.channels[0][1..<100]).allSatisfy { $0 < $1 })
    }
    @Test func duckingLowersOnlyUnderTheVoice() {
        let music = AudioBuffer(channels: [[Float](repeating: 0.5, count: 48_000 * 6)], sampleRate: 48_000)
        var voice = AudioBuffer.silence(frames: 48_000 * 6, channels: 1)
        voice.add(tone(200, decibels: -12, seconds: 2, channels: 1), at: 48_000 * 2)
        let ducked = music.ducked(under: voice, decibels: 9).channels[0]
        #expect(ducked[48_000] == 0.5 && ducked[48_000 * 5] == 0.5)
        #expect(abs(ducked[48_000 * 3] - 0.5 * AudioBuffer.amplitude(decibels: -9)) < 1e-4)
        let jump = zip(ducked, ducked.dropFirst()).map { abs($0 - $1) }.max() ?? 1
        #expect(jump < 0.001)
    }
    @Test func speedChangesPitchAndLength() {
        let fast = tone(500, decibels: -6, seconds: 1, channels: 1).sped(by: 2)
        #expect(abs(fast.frameCount - 24_000) <= 1)
        let crossings = zip(fast.channels[0], fast.channels[0].dropFirst()).count { $0 < 0 && $1 >= 0 }
        #expect(abs(crossings - 500) <= 2)
    }
    @Test func resamplingKeepsATone() {
        let there = tone(1000, decibels: -6, seconds: 0.5, channels: 1).resampled(to: 16_000)
        let expected = tone(1000, decibels: -6, seconds: 0.5, rate: 16_000, channels: 1)
        let error = (200..<7800).map { abs(there.channels[0][$0] - expected.channels[0][$0]) }.max() ?? 1
        #expect(error < 0.003)
    }
}

@Suite struct SpectrumTests {
    @Test func powerMatchesTheDirectSum() {
        let n = 64
        let signal = (0..<n).map { Float(sin(Double($0 * $0) * 0.37)) }
        let fast = FourierTransform(count: n).power(signal)
        for k in 0...(n / 2) {
            var (re, im) = (0.0, 0.0)
            for i in 0..<n {
                re += Double(signal[i]) * cos(2 * .pi * Double(k * i) / Double(n))
                im -= Double(signal[i]) * sin(2 * .pi * Double(k * i) / Double(n))
            }
            #expect(abs(Double(fast[k]) - re * re - im * im) < 1e-3)
        }
    }
    @Test func melBandFollowsTheTone() {
        let mel = MelSpectrogram(sampleRate: 16_000, fftSize: 512, windowLength: 400, hop: 160, bands: 40, low: 20, high: 8000)
        var loudest: [Int] = []
        for hertz in [200.0, 1000, 4000] {
            let row = mel.powers(tone(hertz, decibels: 0, seconds: 0.3, rate: 16_000, channels: 1).channels[0], steps: 20)[10]
            loudest.append(row.indices.max { row[$0] < row[$1] } ?? -1)
        }
        #expect(loudest[0] < loudest[1] && loudest[1] < loudest[2])
    }
}
