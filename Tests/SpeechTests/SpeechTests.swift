// Laws of voices, mouths and features.
import Base
import Engines
import Foundation
import Sound
import Speech
import Tensors
import Testing

extension SyntheticVoice {
    /// Whether the voice knows the sounds of English.
    var readsEnglish: Bool { if case .festival(let voice, _) = self { voice == .ked } else { true } }
}

@Suite struct VoiceTests {
    static let voices: [SyntheticVoice] = [
        .flite("slt"), .flite("rms"), .flite("awb"), .flite("kal16"), .espeak("en-us", pitch: 40), .espeak("en-us+f2", pitch: 60),
        .espeak("en-gb-x-rp", pitch: 50),
    ] + FestivalVoice.allCases.map { .festival($0) }

    static let text = """
        My father parked the car far from the dark garden wall. Bob put the apple pie upon the top step, but Pam picked it up. \
        Nobody knows the trouble with this little purple turtle. Oh no, the old stone road goes over the hill, not below it. \
        Maybe more people remember my mother's marvelous marmalade. Give the green flag to Greg, and take the big black bag back again.
        """

    /// Loudness at 100 steps a second, 0…1.
    static func envelope(_ sound: AudioBuffer) -> [Float] {
        let samples = sound.mono(at: 16_000)
        let raw = (0..<(samples.count / 160)).map { step -> Float in
            samples[max(0, step * 160 - 160)..<min(samples.count, step * 160 + 160)].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let top = raw.max() ?? 1
        return raw.map { $0 / max(top, 1e-6) }
    }

    static func correlation(_ a: [Float], _ b: [Float]) -> Float {
        let n = min(a.count, b.count)
        let (x, y) = (a.prefix(n), b.prefix(n))
        let (mx, my) = (x.reduce(0, +) / Float(n), y.reduce(0, +) / Float(n))
        var (xy, xx, yy): (Float, Float, Float) = (0, 0, 0)
        for (p, q) in zip(x, y) { xy += (p - mx) * (q - my); xx += (p - mx) * (p - mx); yy += (q - my) * (q - my) }
        return xy / max((xx * yy).squareRoot(), 1e-9)
    }

    @Test(arguments: voices) func `the mouth opens when the voice is loud, within a frame`(voice: SyntheticVoice) throws {
        let line = try SpeechSynthesizer.speak(Self.text, voice: voice)
        let loud = Self.envelope(line.sound)
        let loudness = VoiceLoudness(line.sound.mono(at: 16_000), sampleRate: 16_000)
        let jaw = MouthTrack.mouths(line.phonemes, frameCount: loud.count, framesPerSecond: 100, loudness: loudness).map { $0.jaw * (1 - $0.press) }
        // Lag of the mouth behind the sound, in steps of 10 ms.
        let best = (-15...15).map { lag -> (Int, Float) in
            (lag, lag >= 0 ? Self.correlation(Array(jaw.dropFirst(lag)), loud) : Self.correlation(jaw, Array(loud.dropFirst(-lag))))
        }.max { $0.1 < $1.1 }
        let (lag, value) = try #require(best)
        #expect(abs(lag) <= 2)
        // Voices of other languages put their stress elsewhere.
        #expect(value > (voice.readsEnglish ? 0.5 : 0.35))
    }

    @Test func `many lines come back in their order, each in its voice`() throws {
        let lines: [(text: String, voice: SyntheticVoice)] = [
            ("Both maps, please.", .festival(.machac)), ("Oh no.", .flite("slt")), ("Oh no.", .festival(.ked)), ("Maybe my mother.", .festival(.machac, stretch: 1.2)),
        ]
        let spoken = try SpeechSynthesizer.speak(lines)
        #expect(spoken.count == lines.count)
        for (line, together) in zip(lines, spoken) {
            let alone = try SpeechSynthesizer.speak(line.text, voice: line.voice)
            #expect(alone.phonemes.map(\.phoneme) == together.phonemes.map(\.phoneme))
            #expect(abs(alone.sound.seconds - together.sound.seconds) < 0.05)
        }
        let again = try SpeechSynthesizer.speak(lines)
        #expect(zip(spoken, again).allSatisfy { $0.sound.channels == $1.sound.channels && $0.phonemes == $1.phonemes })
    }

    @Test func `festival takes quotes and slashes as text, never as commands`() throws {
        let spoken = try SpeechSynthesizer.speak("A quote \" and a slash \\ and (exit 3) here", voice: .festival(.ked))
        #expect(spoken.sound.seconds > 1)
    }

    @Test func `sounds of other languages stand like the English ones they look like`() {
        #expect(["p", "b", "m", "b:"].allSatisfy { Phoneme(european: $0) == .press })
        #expect(["a1", "a:", "a"].allSatisfy { Phoneme(european: $0) == .open })
        #expect(["c~", "tS", "r~*"].allSatisfy { Phoneme(european: $0) == .hush })
        #expect(["#", "pau", "##", ""].allSatisfy { Phoneme(european: $0) == .silence })
    }

    @Test(arguments: voices) func `a voice says the same twice, and its phonemes run in order`(voice: SyntheticVoice) throws {
        let first = try SpeechSynthesizer.speak("Both maps, please.", voice: voice)
        let again = try SpeechSynthesizer.speak("Both maps, please.", voice: voice)
        #expect(first.phonemes.map(\.phoneme) == again.phonemes.map(\.phoneme))
        #expect(zip(first.phonemes, again.phonemes).allSatisfy { abs($0.start - $1.start) < 0.015 })
        // espeak-ng carries the phases of its oscillators from line to line: equal to within a period.
        if case .flite = voice {
            let same = first.sound == again.sound
            #expect(same)
        } else {
            #expect(Self.correlation(Self.envelope(first.sound), Self.envelope(again.sound)) > 0.98)
        }
        #expect(first.sound.seconds > 0.5)
        let kinds = Set(first.phonemes.map(\.phoneme))
        #expect(kinds.isSuperset(of: voice.readsEnglish ? [.press, .tongue, .alveolar] : [.press, .alveolar]))
        for (a, b) in zip(first.phonemes, first.phonemes.dropFirst()) { #expect(a.start <= a.end && a.end <= b.start + 1e-6) }
        #expect((first.phonemes.last?.end ?? 9) <= first.sound.seconds + 0.05)
    }

    @Test func `an unknown voice is refused`() {
        #expect(throws: EngineError.self) { try SpeechSynthesizer.speak("Hello.", voice: .flite("nobody")) }
        #expect(throws: EngineError.self) { try SpeechSynthesizer.speak("Hello.", voice: .espeak("no-such-tongue", pitch: 50)) }
    }
}

@Suite struct MouthTests {
    /// Opening of a mouth as the presenter draws it.
    static func opening(_ mouth: MouthTarget) -> Float { mouth.jaw * (1 - mouth.press) }

    static func track(_ names: [String], each seconds: Double = 0.09) -> [TimedPhoneme] {
        names.enumerated().map { TimedPhoneme(phoneme: Phoneme(arpabet: $1), start: Double($0) * seconds + 1, end: Double($0 + 1) * seconds + 1) }
    }
    static func mouth(_ names: [String], each seconds: Double = 0.09, at step: Int) -> MouthTarget {
        MouthTrack.mouths(track(names, each: seconds), frameCount: 300, framesPerSecond: 100)[step]
    }

    @Test(arguments: ["m", "b", "p"]) func `lips are shut in the middle of a bilabial`(name: String) {
        let mouth = Self.mouth(["aa", name, "aa"], at: 113)
        #expect(Self.opening(mouth) < 0.08)
        #expect(mouth.press > 0.7)
    }

    @Test func `an open vowel opens the mouth, silence shuts it`() {
        let mouths = MouthTrack.mouths(Self.track(["pau", "aa", "aa", "pau"]), frameCount: 300, framesPerSecond: 100)
        #expect(Self.opening(mouths[118]) > 0.6)
        #expect(Self.opening(mouths[30]) < 0.001)
        #expect(Self.opening(mouths[180]) < 0.02)
    }

    @Test func `rounded vowels pucker, front vowels widen`() {
        let (round, front) = (Self.mouth(["uw"], each: 0.2, at: 110), Self.mouth(["iy"], each: 0.2, at: 110))
        #expect(round.pucker > 0.8 && round.wide < 0.1)
        #expect(front.wide > 0.8 && front.pucker < 0.1)
    }

    @Test func `both synthesisers' names of a sound mean the same mouth`() {
        for (arpabet, ipa) in [("aa", "ɑː"), ("m", "m"), ("f", "f"), ("sh", "ʃ"), ("th", "θ"), ("iy", "iː"), ("w", "w"), ("pau", "")] {
            #expect(Phoneme(arpabet: arpabet) == Phoneme(ipa: ipa), "\(arpabet)")
        }
    }

    @Test func `no mouth jumps`() throws {
        let line = try SpeechSynthesizer.speak(VoiceTests.text, voice: .flite("slt"))
        let mouths = MouthTrack.mouths(line.phonemes, frameCount: Int(line.sound.seconds * 100), framesPerSecond: 100)
        let most = zip(mouths, mouths.dropFirst()).map { abs($0.jaw - $1.jaw) }.max() ?? 1
        // A jaw opens in no less than about 60 ms: a sixth of its way in 10 ms.
        #expect(most < 0.17)
    }
}

@Suite struct FeatureTests {
    static func speech(noise: Float = 0, gain: Float = 1) throws -> AudioBuffer {
        let line = try SpeechSynthesizer.speak("My father parked the car. Five brave foxes vanished.", voice: .flite("rms"))
        let random = SeededRandom(seed: 3)
        let quiet = [Float](repeating: 0, count: 8000)
        let samples = (quiet + line.sound.mono(at: 16_000) + quiet).enumerated().map { gain * ($1 + noise * random.uniform(UInt64($0), -1, 1)) }
        return AudioBuffer(channels: [samples], sampleRate: 16_000)
    }

    static func distance(_ a: SpeechFeatures, _ b: SpeechFeatures) -> Float {
        zip(a.rows.joined(), b.rows.joined()).map { abs($0 - $1) }.max() ?? 0
    }

    @Test(arguments: [(25, 1), (30, 1), (24_000, 1001)]) func `a click lands in the row and slot of its time`(rate: (Int, Int)) throws {
        let fps = Rational(Int64(rate.0), Int64(rate.1))
        var samples = [Float](repeating: 0, count: 48_000 * 3)
        let time = 1.2
        for i in 0..<240 { samples[Int(time * 48_000) - 120 + i] = i % 2 == 0 ? 0.8 : -0.2 }
        let features = try LogMelExtractor().features(of: AudioBuffer(channels: [samples], sampleRate: 48_000), frameCount: 60, framesPerSecond: fps)
        #expect(features.channels == 32 && features.steps == 16 && features.rows.count == 60)
        // Slot 8 is the frame's own time: the row in which it is loudest is the frame of the click.
        func energy(_ row: [Float], _ slot: Int) -> Float { (0..<32).reduce(0) { $0 + row[$1 * 16 + slot] } }
        let loudest = features.rows.indices.max { energy(features.rows[$0], 8) < energy(features.rows[$1], 8) }
        let frame = try #require(loudest)
        #expect(abs(Double(frame) / fps.doubleValue - time) <= 0.021)
        // Two frames earlier, four steps at 25 a second, the click stands four slots later.
        if rate.0 == 25 { #expect(energy(features.rows[frame - 2], 12) > 1 && energy(features.rows[frame + 2], 4) > 1) }
    }

    @Test func `features do not depend on gain, and are the same twice`() throws {
        let plain = try LogMelExtractor().features(of: Self.speech(), frameCount: 80, framesPerSecond: Rational(25))
        let again = try LogMelExtractor().features(of: Self.speech(), frameCount: 80, framesPerSecond: Rational(25))
        let faint = try LogMelExtractor().features(of: Self.speech(gain: 0.05), frameCount: 80, framesPerSecond: Rational(25))
        let same = plain == again
        #expect(same)
        #expect(Self.distance(plain, faint) < 0.02)
    }

    @Test func `trailing silence does not change the level of what came before`() throws {
        let sound = try Self.speech()
        let longer = AudioBuffer(channels: [sound.channels[0] + [Float](repeating: 0, count: 16_000 * 30)], sampleRate: 16_000)
        let a = try LogMelExtractor().features(of: sound, frameCount: 60, framesPerSecond: Rational(25))
        let b = try LogMelExtractor().features(of: longer, frameCount: 60, framesPerSecond: Rational(25))
        #expect(Self.distance(a, b) < 0.05)
    }

    @Test func `silence is quiet, with or without steady noise`() throws {
        let nothing = AudioBuffer(channels: [[Float](repeating: 0, count: 16_000)], sampleRate: 16_000)
        let silent = try LogMelExtractor().features(of: nothing, frameCount: 25, framesPerSecond: Rational(25))
        #expect(silent.rows.joined().allSatisfy { $0 == 0 })
        let noisy = try LogMelExtractor().features(of: Self.speech(noise: 0.004), frameCount: 80, framesPerSecond: Rational(25))
        // Row 5 covers 0.04 s to 0.36 s: before the first word. Row 30 holds speech.
        let pause = noisy.rows[5].reduce(0, +) / Float(noisy.rows[5].count)
        let speech = noisy.rows[30].reduce(0, +) / Float(noisy.rows[30].count)
        #expect(pause < 0.1)
        #expect(speech > 0.3)
    }

    @Test func `bad requests are refused`() {
        let sound = AudioBuffer(channels: [[0]], sampleRate: 16_000)
        #expect(throws: EngineError.self) { try LogMelExtractor().features(of: sound, frameCount: -1, framesPerSecond: Rational(25)) }
        #expect(throws: EngineError.self) { try LogMelExtractor().features(of: sound, frameCount: 4, framesPerSecond: .zero) }
    }
}

@Suite struct PublishedFeatureTests {
    static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "studio-speech-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func `an array of rows comes transposed, and silence follows its end`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let values = (0..<(3 * 16 * 29)).map { Float($0) }
        try NumpyFile.write(Tensor(shape: [3, 16, 29], values: values), to: folder + "/aud_ds.npy")
        let published = try PublishedFeatures(path: folder + "/aud_ds.npy", kind: "deepspeech")
        #expect(published.stored.channels == 29 && published.stored.steps == 16)
        // Row 1, channel 2, step 3.
        #expect(published.stored.rows[1][2 * 16 + 3] == Float((1 * 16 + 3) * 29 + 2))
        let at50 = try published.features(of: AudioBuffer(channels: [[0]], sampleRate: 16_000), frameCount: 8, framesPerSecond: Rational(50))
        let doubled = at50.rows[4] == published.stored.rows[2] && at50.rows[7].allSatisfy { $0 == 0 }
        #expect(doubled)
    }

    @Test func `an array of another kind is refused by name`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try NumpyFile.write(Tensor(zeros: [3, 16, 29]), to: folder + "/aud_eo.npy")
        let error = #expect(throws: EngineError.self) { try PublishedFeatures(path: folder + "/aud_eo.npy", kind: "wav2vec-eo") }
        #expect(error?.description.contains("aud_eo.npy") == true)
    }
}

@Suite struct FeatureStreamTests {
    /// Syllables with pauses and some noise under all of it.
    private static func speech(seconds: Int) -> AudioBuffer {
        let noise = SeededRandom(seed: 5)
        let samples = (0..<(seconds * 16_000 + 77)).map { i -> Float in
            let t = Float(i) / 16_000, syllable = max(0, FloatMathForTests.sine(2 * .pi * 3 * t)) * (i / 16_000 % 5 == 4 ? 0 : 1)
            return 0.3 * syllable * FloatMathForTests.sine(2 * .pi * (180 + 40 * FloatMathForTests.sine(t)) * t) + 0.004 * noise.normal(UInt64(i))
        }
        return AudioBuffer(channels: [samples], sampleRate: 16_000)
    }
    private enum FloatMathForTests { static func sine(_ x: Float) -> Float { Float(Foundation.sin(Double(x))) } }

    @Test(arguments: [25, 30]) func `rows made in pieces equal the rows of the whole, bit by bit`(rate: Int) throws {
        let sound = Self.speech(seconds: 23), frames = 24 * rate, extractor = LogMelExtractor()
        let whole = try extractor.features(of: sound, frameCount: frames, framesPerSecond: Rational(rate))
        // Only a few seconds may be asked for at once, and what lies outside is not asked for at all.
        let source = SpeechSource(sampleCount: sound.frameCount) { range throws(EngineError) in
            #expect(range.count <= 12 * 16_000 && range.lowerBound >= 0 && range.upperBound <= sound.frameCount)
            return Array(sound.channels[0][range])
        }
        let stream = try extractor.stream(of: source, frameCount: frames, framesPerSecond: Rational(rate))
        for range in [0..<1, 0..<200, 200..<333, 333..<520, 520..<frames, 17..<18, frames - 1..<frames] {
            let piece = try stream.rows(range)
            #expect(piece.rows == Array(whole.rows[range]) && piece.channels == whole.channels && piece.steps == whole.steps, "\(range)")
        }
    }
}
