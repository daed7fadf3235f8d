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
    /// How loud the voice is at each step, against its own loud syllables.
    package var loudness: [Float]
    /// [rows][7] at 25 rows a second.
    package var mouths: [[Float]]

    static let stepFile = "lessons_mel.npy"
    static let loudnessFile = "lessons_loudness.npy"
    static let mouthFile = "lessons_mouth.npy"
    /// The mouths of the set's own frames.
    static let frameMouthFile = "mouth.npy"

    /// Recorded voices, at many pitches and speeds, take turns with formant voices of many accents and timbres. None of them is
    /// a held-out voice.
    private static func voice(_ index: Int, _ random: SeededRandom) -> SyntheticVoice {
        let turn = index / 4
        switch index % 4 {
        case 0: return .flite(clustered[turn % clustered.count], pitch: random.uniform(11, 80, 230), stretch: random.uniform(12, 0.8, 1.3))
        case 1: return .espeak(accents[turn % accents.count] + timbres[turn % timbres.count], pitch: 30 + (turn * 17) % 45)
        default: return .festival(diphones[index / 2 % diphones.count], stretch: random.uniform(12, 0.85, 1.2))
        }
    }
    private static let clustered = ["slt", "rms", "awb"]
    /// The one that speaks English comes more often.
    private static let diphones = FestivalVoice.allCases + [.ked, .ked]
    private static let accents = ["en-us", "en-us", "en-gb-scotland", "en-029", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-us-nyc", "en-us"]
    private static let timbres = ["", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "klatt", "klatt2", "klatt3", "klatt4", "anika", "belinda",
                                  "linda", "steph", "edward", "michael", "john", "max", "rob", "travis", "zac", "quincy", "Andy", "Annie", "Gene", "Lee", "Mario", "adam"]
        .map { $0.isEmpty ? "" : "+" + $0 }

    /// Speaks `minutes` of composed sentences; speeds and pitches vary with the seed.
    package init(minutes: Int, seed: UInt64, progress: ProgressHandler) throws(EngineError) {
        (steps, loudness, mouths) = ([], [], [])
        let wanted = minutes * 60 * 25
        var first = 0
        while mouths.count < wanted {
            let turns = (first..<first + Self.round).map { (index: $0, random: SeededRandom(seed: seed, stream: UInt64($0) &+ 90_000)) }
            let lines = try SpeechSynthesizer.speak(turns.map { (text: Self.text($0.index, seed &+ 1), voice: Self.voice($0.index, $0.random)) })
            for (line, turn) in zip(lines, turns) { try append(line, turn.random) }
            first += Self.round
            guard progress(ProgressReport(phase: "speech lessons", done: min(mouths.count, wanted), total: wanted)) else { throw .interrupted }
        }
    }
    /// Lines that are spoken at a time.
    private static let round = 44

    /// Words for sense, and babble for all sounds; which, does not go with the voice.
    private static func text(_ index: Int, _ seed: UInt64) -> String {
        switch (index / 4 + index) % 5 {
        case 0: StageText.lines[(index / 5) % StageText.lines.count]
        case 1, 2: StageText.composed(index, seed: seed)
        default: StageText.babble(index, seed: seed)
        }
    }

    package init(steps: [[Float]], loudness: [Float], mouths: [[Float]]) {
        (self.steps, self.loudness, self.mouths) = (steps, loudness, mouths)
    }

    /// A line played at another speed (pitch and tempo together), through another microphone, padded with silence.
    private mutating func append(_ line: SpokenLine, _ random: SeededRandom) throws(EngineError) {
        let ratio = Double(random.uniform(0, 0.8, 1.25))
        let played = AudioBuffer.resampled(StageScript.leveled(line.sound.mono(at: 16_000)), ratio: ratio)
        let rows = played.count * 25 / 16_000 + 8
        let padded = played + [Float](repeating: 0, count: max(0, rows * 640 - played.count))
        let sound = AudioBuffer(channels: [Self.recorded(padded, random)], sampleRate: 16_000)
        steps += LogMelExtractor.steps(of: sound, count: rows * 2)
        let heard = VoiceLoudness(sound.channels[0], sampleRate: 16_000)
        loudness += (0..<(rows * 2)).map { heard.level(at: Double($0) / Double(FeatureRows.stepsPerSecond)) }
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

    /// What the speech encoder hears of the lessons.
    package var heard: HeardVoices { HeardVoices(steps: steps, loudness: loudness) }

    /// Rows with their windows: log-mel steps, or what an encoder hears in them. An audio net needs an hour of it at most.
    package func lesson(_ encoder: SpeechEncoder?) -> SpeechLesson {
        let count = min(mouths.count, 25 * 3600, steps.count / 2)
        let part = SpeechLessons(steps: Array(steps.prefix(2 * count)), loudness: Array(loudness.prefix(2 * count)), mouths: Array(mouths.prefix(count)))
        let channels = encoder.map { $0.mouths(part.heard) } ?? part.steps
        return SpeechLesson(features: FeatureRows.rows(of: channels, frameCount: count, framesPerSecond: Rational(25)), mouth: part.mouths)
    }
}
