// The take of a stage set: sound, mouths, blinks and head motion of every frame.
import Base
import Engines
import Motion
import Presenter
import Sound
import Speech

/// What to shoot.
package struct StagePlan: Sendable, Hashable, Codable {
    /// Seconds of the training part; a tenth of it is added for validation.
    package var seconds: Int
    package var size: Int
    package var seed: UInt64
    /// True: other lines and a voice that no training set uses, no training part.
    package var heldOut: Bool
    /// Minutes of speech without pictures, for the audio net.
    package var lessonMinutes: Int

    package init(seconds: Int = 100, size: Int = 512, seed: UInt64 = 7, heldOut: Bool = false, lessonMinutes: Int = 200) {
        self.seconds = seconds
        self.size = size
        self.seed = seed
        self.heldOut = heldOut
        self.lessonMinutes = heldOut ? 0 : lessonMinutes
    }
    package static let framesPerSecond = 25
}

/// A shot take: everything that decides the pictures.
package struct StageScript: Sendable {
    package var sound: AudioBuffer
    package var rigs: [PresenterRig]
    package var trainCount: Int

    static let trainVoices: [SyntheticVoice] = [
        .flite("slt"), .flite("rms"), .flite("slt"), .flite("awb"), .espeak("en-us+f2", pitch: 60), .espeak("en-us", pitch: 40),
    ]
    static let heldVoices: [SyntheticVoice] = [.flite("kal16"), .espeak("en-gb-x-rp", pitch: 50)]
    private static let rate = 16_000
    private static let pause = 0.36

    /// Writes the take. The same plan gives the same take.
    package init(_ plan: StagePlan) throws(EngineError) {
        var samples: [Float] = []
        var phonemes: [TimedPhoneme] = []
        func say(_ lines: [String], voices: [SyntheticVoice], until end: Double) throws(EngineError) {
            var index = 0
            while Double(samples.count) / Double(Self.rate) < end {
                let line = index < lines.count ? lines[index] : StageText.composed(index, seed: plan.seed)
                try Self.append(SpeechSynthesizer.speak(line, voice: voices[index % voices.count]), &samples, &phonemes)
                index += 1
            }
        }
        if plan.heldOut {
            try say(StageText.heldLines, voices: Self.heldVoices, until: Double(plan.seconds))
            trainCount = 0
        } else {
            try say(StageText.lines, voices: Self.trainVoices, until: Double(plan.seconds))
            let trainEnd = Double(samples.count) / Double(Self.rate)
            trainCount = Int(trainEnd * Double(StagePlan.framesPerSecond))
            try say(StageText.heldLines, voices: Self.heldVoices, until: trainEnd + Double(plan.seconds) / 10)
        }
        sound = AudioBuffer(channels: [samples], sampleRate: Self.rate)
        let count = Int(sound.seconds * Double(StagePlan.framesPerSecond))
        rigs = Self.rigs(MouthTrack.mouths(phonemes, frameCount: count, framesPerSecond: Double(StagePlan.framesPerSecond),
                                           loudness: VoiceLoudness(samples, sampleRate: Self.rate)), plan)
        trainCount = min(trainCount, count)
    }

    /// Appends a line at one loudness for all voices, with a pause behind it.
    static func append(_ line: SpokenLine, _ samples: inout [Float], _ phonemes: inout [TimedPhoneme]) {
        let start = Double(samples.count) / Double(rate)
        samples += leveled(line.sound.mono(at: rate))
        samples += [Float](repeating: 0, count: Int(pause * Double(rate)))
        phonemes += line.phonemes.map { TimedPhoneme(phoneme: $0.phoneme, start: $0.start + start, end: $0.end + start) }
    }

    static func leveled(_ samples: [Float]) -> [Float] {
        let energy = samples.reduce(Float(0)) { $0 + $1 * $1 } / Float(max(samples.count, 1))
        let gain = 0.09 / max(energy.squareRoot(), 1e-4)
        return samples.map { min(max($0 * gain, -1), 1) }
    }

    /// Motion that the field's conditions explain: pose, closure and mouth; all else stands still.
    private static func rigs(_ mouths: [MouthTarget], _ plan: StagePlan) -> [PresenterRig] {
        let seed = Int(truncatingIfNeeded: plan.seed)
        let motion = PosePath.wander(amplitudes: [.yaw: 0.42, .pitch: 0.20, .roll: 0.14, .x: 1.6, .y: 0.8, .z: 2.0],
                                     period: Rational(5), seed: seed)
        // Slower than life, so that the set holds every closure between open and shut.
        let blinks = BlinkCurve.every(interval: Rational(12, 5), tolerance: Rational(4, 5), duration: Rational(14, 25), seed: seed)
        return mouths.enumerated().map { frame, mouth in
            let time = Rational(Int64(frame), Int64(StagePlan.framesPerSecond))
            var rig = PresenterRig()
            rig.pose = motion.pose(at: time)
            rig.blink = blinks.closure(at: time)
            (rig.jaw, rig.wide, rig.pucker, rig.upper) = (mouth.jaw, mouth.wide, mouth.pucker, mouth.upper)
            (rig.press, rig.tuck, rig.tongue) = (mouth.press, mouth.tuck, mouth.tongue)
            return rig
        }
    }
}
