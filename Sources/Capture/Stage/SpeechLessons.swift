// Speech without pictures: many lines in many voices, with the mouths that belong to them.
import Base
import Engines
import Foundation
import Sound
import Speech

/// Lessons for the audio net, kept as feature steps (their rows overlap eightfold) and mouths.
package struct SpeechLessons: Sendable {
    /// [steps][bands] at 50 steps a second.
    package var steps: [[Float]]
    /// [rows][7] at 25 rows a second.
    package var mouths: [[Float]]

    static let stepFile = "lessons_mel.npy"
    static let mouthFile = "lessons_mouth.npy"

    private static let voices: [SyntheticVoice] = [
        .flite("slt"), .flite("rms"), .flite("awb"), .espeak("en-us", pitch: 35), .espeak("en-us+f2", pitch: 60), .espeak("en-us+m3", pitch: 45),
        .espeak("en-us+f4", pitch: 70), .espeak("en-gb-scotland", pitch: 50), .espeak("en-us+m7", pitch: 30),
        .flite("slt"), .espeak("en-us+klatt2", pitch: 45), .flite("rms"), .espeak("en-us+f3", pitch: 55), .flite("awb"), .espeak("en-029", pitch: 45),
    ]

    /// Speaks `minutes` of composed sentences; speeds and pitches vary with the seed.
    package init(minutes: Int, seed: UInt64, progress: ProgressHandler) throws(EngineError) {
        steps = []
        mouths = []
        let wanted = minutes * 60 * 25
        var index = 0
        while mouths.count < wanted {
            let random = SeededRandom(seed: seed, stream: UInt64(index) &+ 90_000)
            let text = index % 4 == 0 ? StageText.lines[(index / 4) % StageText.lines.count] : StageText.composed(index, seed: seed &+ 1)
            let line = try SpeechSynthesizer.speak(text, voice: Self.voices[index % Self.voices.count])
            try append(line, random)
            index += 1
            guard progress(ProgressReport(phase: "speech lessons", done: mouths.count, total: wanted)) else { throw .interrupted }
        }
    }

    package init(steps: [[Float]], mouths: [[Float]]) {
        self.steps = steps
        self.mouths = mouths
    }

    /// A line played at another speed (pitch and tempo together), through another microphone, padded with silence.
    private mutating func append(_ line: SpokenLine, _ random: SeededRandom) throws(EngineError) {
        let ratio = Double(random.uniform(0, 0.86, 1.16))
        let played = AudioBuffer.resampled(StageScript.leveled(line.sound.mono(at: 16_000)), ratio: ratio)
        let rows = played.count * 25 / 16_000 + 8
        let padded = played + [Float](repeating: 0, count: max(0, rows * 640 - played.count))
        let sound = AudioBuffer(channels: [Self.recorded(padded, random)], sampleRate: 16_000)
        steps += LogMelExtractor.steps(of: sound, count: rows * 2)
        let phonemes = line.phonemes.map { TimedPhoneme(phoneme: $0.phoneme, start: $0.start * ratio, end: $0.end * ratio) }
        mouths += MouthTrack.mouths(phonemes, frameCount: rows, framesPerSecond: 25, loudness: VoiceLoudness(padded, sampleRate: 16_000)).map(\.vector)
    }

    /// As another microphone and room would have it: gain, a tilt of the spectrum, and steady noise in two lines of three.
    static func recorded(_ samples: [Float], _ random: SeededRandom) -> [Float] {
        let gain = random.uniform(1, 0.3, 1.5)
        // y[n] = x[n] − t x[n−1]: a positive t takes the bass, a negative one the treble.
        let tilt = random.uniform(2, -0.5, 0.7)
        let noisy = random.integer(3, below: 3) > 0
        let level = noisy ? 0.09 * Float(pow(10, Double(random.uniform(4, -2.6, -1.1)))) : 0
        // The noise has a colour too.
        let colour = random.uniform(5, 0, 0.95)
        var (last, noise): (Float, Float) = (0, 0)
        return samples.indices.map { n in
            let value = samples[n] - tilt * last
            last = samples[n]
            noise = colour * noise + (1 - colour * colour).squareRoot() * (random.uniform(UInt64(n) &+ 100, -1.73, 1.73))
            return gain * (value + level * noise)
        }
    }

    /// Rows with their windows.
    package var lesson: SpeechLesson {
        SpeechLesson(features: LogMelExtractor.rows(of: steps, frameCount: mouths.count, framesPerSecond: Rational(25)), mouth: mouths)
    }
}
