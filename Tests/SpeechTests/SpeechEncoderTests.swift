// The speech encoder: its gradients, its cuts, and that it learns.
import Base
import Engines
import Foundation
import Sound
@testable import Speech
import Tensors
import Testing

@Suite struct SpeechEncoderTests {
    static func random(_ stream: UInt64) -> SeededRandom { SeededRandom(seed: 5, stream: stream) }

    /// Steps whose mouths follow from the bands of the step and of three steps before.
    static func lessons(_ rows: Int) -> (steps: [[Float]], loudness: [Float], mouths: [[Float]]) {
        let random = random(1)
        // Four groups of bands, each with a level of its own.
        let steps: [[Float]] = (0..<(2 * rows)).map { (t: Int) -> [Float] in (0..<32).map { (band: Int) -> Float in random.uniform(UInt64(t / 4 * 32 + band / 8), 0, 1) } }
        let loudness = (0..<(2 * rows)).map { random.uniform(UInt64(900_000 + $0), 0, 1) }
        let mouths = (0..<rows).map { r -> [Float] in
            let now = steps[2 * r], before = steps[max(2 * r - 3, 0)]
            return [now[3] * loudness[2 * r], before[7], now[11] - before[2], 0.2, now[20], before[30] * 0.5, 0]
        }
        return (steps, loudness, mouths)
    }

    static func weights(_ stream: UInt64) -> [Float] {
        let random = random(stream)
        return (0..<SpeechEncoder.layout.total).map { random.uniform(UInt64($0), -0.06, 0.07) }
    }

    @Test func `gradients match finite differences`() throws {
        let lessons = Self.lessons(60)
        let heard = HeardVoices(steps: lessons.steps, loudness: lessons.loudness)
        let values = Self.weights(2)
        let pass = EncoderPass(count: 24)
        for i in 0..<pass.shares.count where i % 5 == 0 { pass.shares.pointer[i] = i % 2 == 0 ? 0 : 1.3 }
        let pull = (0..<(24 * 7)).map { Self.random(3).uniform(UInt64($0), -1, 1) }
        func loss(_ values: [Float]) -> Double {
            pass.hear(heard.voices[0], from: 8)
            values.withUnsafeBufferPointer { if let p = $0.baseAddress { pass.forward(p) } }
            return pull.indices.reduce(0.0) { $0 + Double(pull[$1] * pass.result.pointer[$1]) }
        }
        _ = loss(values)
        let gradient = Buffer<Float>(count: values.count)
        for i in pull.indices { pass.resultGradient.pointer[i] = pull[i] }
        values.withUnsafeBufferPointer { if let p = $0.baseAddress { pass.backward(p, into: gradient.pointer) } }
        for slot in SpeechEncoder.layout.slots {
            // Along the gradient of each tensor: what grows there is its length. Single weights meet the rectifiers' kinks.
            let range = slot.offset..<(slot.offset + slot.count)
            let length = range.reduce(0.0) { $0 + Double(gradient.pointer[$1] * gradient.pointer[$1]) }.squareRoot()
            #expect(length > 0, "\(slot.key)")
            func moved(_ by: Float) -> [Float] {
                var other = values
                for i in range { other[i] += by * gradient.pointer[i] / Float(length) }
                return other
            }
            let step: Float = 2e-3
            let expected = (loss(moved(step)) - loss(moved(-step))) / Double(2 * step)
            #expect(abs(expected - length) < 0.01 * length, "\(slot.key): \(length), by differences \(expected)")
        }
    }

    @Test func `a step sounds the same wherever the recording is cut`() throws {
        let lessons = Self.lessons(400)
        let encoder = SpeechEncoder(values: Self.weights(2))
        func steps(_ count: Int) -> HeardVoices { HeardVoices(steps: Array(lessons.steps.prefix(count)), loudness: Array(lessons.loudness.prefix(count))) }
        let whole = encoder.mouths(steps(800)), first = encoder.mouths(steps(300))
        #expect(whole.count == 800 && first.count == 300)
        // Steps near the cut hear what lies beyond it.
        for t in 0..<(300 - SpeechEncoder.reach - HeardSpeech.around) { #expect(first[t] == whole[t], "step \(t)") }
        #expect(first[299] != whole[299])
        // Odd steps are heard as even ones are: the same sound a step later gives the same mouths a step later.
        let later = encoder.mouths(HeardVoices(steps: [lessons.steps[0]] + lessons.steps, loudness: [0] + lessons.loudness))
        for t in 200..<400 { #expect(zip(later[t + 1], whole[t]).allSatisfy { abs($0 - $1) < 1e-3 }, "step \(t)") }
    }

    @Test func `it learns, and the bits do not depend on the threads`() throws {
        let (steps, loudness, mouths) = Self.lessons(600)
        let trainer = try SpeechEncoderTrainer(steps: steps, loudness: loudness, mouths: mouths)
        let encoders = try [1, 2, 3].map { try trainer.train(steps: 100, seed: 4, budget: ComputeBudget(threads: $0)) { _ in true } }
        #expect(encoders[0].values == encoders[1].values && encoders[0].values == encoders[2].values)
        let other = try trainer.train(steps: 2, seed: 5, budget: .single) { _ in true }
        #expect(other.values != encoders[0].values)
        // Against answering with the mean, which is what knows nothing of the sound.
        let answers = encoders[0].mouths(HeardVoices(steps: steps, loudness: loudness))
        let mean = mouths.reduce(Float(0)) { $0 + $1[1] } / Float(mouths.count)
        let error = mouths.indices.reduce(Float(0)) { $0 + pow(answers[2 * $1][1] - mouths[$1][1], 2) }
        let spread = mouths.reduce(Float(0)) { $0 + pow($1[1] - mean, 2) }
        #expect(error < 0.5 * spread, "error \(error) of \(spread)")
    }

    @Test func `an interrupted lesson says so, and too few lessons are refused`() throws {
        let (steps, loudness, mouths) = Self.lessons(200)
        #expect(throws: EngineError.self) { try SpeechEncoderTrainer(steps: steps, loudness: loudness, mouths: Array(mouths.prefix(20))) }
        let trainer = try SpeechEncoderTrainer(steps: steps, loudness: loudness, mouths: mouths)
        #expect(throws: EngineError.self) { try trainer.train(steps: 5, seed: 1, budget: .single) { _ in false } }
    }

    @Test func `tensors give the encoder back, and a wrong one is named`() throws {
        let encoder = SpeechEncoder(values: Self.weights(7))
        var tensors = encoder.tensors
        let lessons = Self.lessons(30)
        let heard = HeardVoices(steps: lessons.steps, loudness: lessons.loudness)
        #expect(try SpeechEncoder(tensors: tensors, path: "x").mouths(heard) == encoder.mouths(heard))
        tensors["block.2.weight"] = Tensor(shape: [3, 4], values: [Float](repeating: 0, count: 12))
        let wrong = #expect(throws: EngineError.self) { try SpeechEncoder(tensors: tensors, path: "nova.persona") }
        #expect("\(String(describing: wrong))".contains("speech.block.2.weight"))
        tensors["block.2.weight"] = nil
        #expect(throws: EngineError.self) { try SpeechEncoder(tensors: tensors, path: "nova.persona") }
    }

    @Test func `louder recordings of the same voice are heard the same`() throws {
        let line = try SpeechSynthesizer.speak("My father parked the car.", voice: .flite("slt", pitch: 180, stretch: 1.1))
        let quiet = AudioBuffer(channels: line.sound.channels.map { $0.map { $0 * 0.25 } }, sampleRate: line.sound.sampleRate)
        let a = try HearingSource(SpeechSource(line.sound), count: 80).heard(0..<80), b = try HearingSource(SpeechSource(quiet), count: 80).heard(0..<80)
        let largest = zip(a.voices[0].values, b.voices[0].values).map { abs($0 - $1) }.max() ?? 1
        #expect(largest < 0.05, "\(largest)")
    }

    @Test func `speech in pieces gives the same rows as the whole`() throws {
        let line = try SpeechSynthesizer.speak("My father parked the car. Five brave foxes vanished before noon.", voice: .flite("rms"))
        let extractor = HeardMouthExtractor(SpeechEncoder(values: Self.weights(2)))
        let whole = try extractor.features(of: line.sound, frameCount: 160, framesPerSecond: Rational(25))
        #expect(whole.rows.count == 160 && whole.channels == 7 && whole.steps == 16)
        let stream = try extractor.stream(of: SpeechSource(line.sound), frameCount: 160, framesPerSecond: Rational(25))
        for range in [120..<160, 0..<1, 1..<31, 31..<120] { #expect(try stream.rows(range).rows == Array(whole.rows[range]), "frames \(range)") }
    }

    @Test func `a voice can be asked for another pitch and pace, and the next line is its own again`() throws {
        let text = "My father parked the car."
        let own = try SpeechSynthesizer.speak(text, voice: .flite("slt"))
        let slow = try SpeechSynthesizer.speak(text, voice: .flite("slt", pitch: 110, stretch: 1.3))
        let again = try SpeechSynthesizer.speak(text, voice: .flite("slt"))
        #expect(abs(slow.sound.seconds / own.sound.seconds - 1.3) < 0.06)
        #expect(again.sound == own.sound && again.phonemes == own.phonemes)
        #expect(slow.sound != own.sound)
    }
}
