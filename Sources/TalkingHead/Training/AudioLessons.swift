// Teaches the audio net speech before it sees a picture: from features to mouth shapes, in many voices.
import Base
import Engines
import Foundation
import Tensors

/// Pre-training of AudioNet and its attention with a linear read-out of the mouth. Our own step before the published
/// stages: a hundred seconds of one film do not hold enough voices, but speech without pictures costs nothing.
final class AudioLessons: @unchecked Sendable {  // bands write their own gradients
    private let lesson: SpeechLesson
    private let network: AudioNetwork
    private let layout: ParameterLayout
    private let audioRange: Range<Int>
    private let outputs: Int
    private let bandCount = 16
    /// A band is a run of neighbouring frames: they share their rows.
    private let perBand = 6

    private let variation: FeatureVariation

    init?(_ lessons: [SpeechLesson], network: AudioNetwork, layout: ParameterLayout, variation: FeatureVariation = .spectral) {
        guard let first = lessons.first, let mouth = first.mouth.first, first.features.rows.count == first.mouth.count,
              first.features.channels == network.channels, first.mouth.count > 64 else { return nil }
        lesson = first
        self.network = network
        self.layout = layout
        self.variation = variation
        outputs = mouth.count
        audioRange = layout.offset("audio_net.encoder_conv.0.weight")..<layout.offset("encoder_xy.embeddings")
    }

    private final class Band: @unchecked Sendable {  // one band, one thread at a time
        let gradient: Buffer<Float>
        var readout: [Float]
        var loss = 0.0
        init(_ count: Int, _ readoutCount: Int) {
            gradient = Buffer(count: count)
            readout = [Float](repeating: 0, count: readoutCount)
        }
    }
    /// The linear read-out, written between steps only.
    private final class Readout: Sendable {
        let weights: Buffer<Float>
        init(count: Int) { weights = Buffer(count: count) }
    }
    private struct Shared: @unchecked Sendable { let parameters: UnsafePointer<Float> }  // read only while bands run

    /// Whether mouths are told in the parameters of the lessons.
    func hasMouths(like mouths: [[Float]]) -> Bool { !mouths.isEmpty && mouths.allSatisfy { $0.count == outputs } }

    /// Teaches the audio net together with a linear read-out of the mouth; returns the last mean squared error of the mouth.
    func run(_ parameters: UnsafeMutablePointer<Float>, steps: Int, seed: UInt64, budget: ComputeBudget, progress: ProgressHandler) throws(EngineError) -> Double {
        let random = SeededRandom(seed: seed, stream: 300)
        let count = outputs * 33
        let readout = Readout(count: count), readoutGradient = Buffer<Float>(count: count)
        for i in 0..<count { readout.weights.pointer[i] = random.uniform(UInt64(i), -0.15, 0.15) }
        let optimizer = AdamOptimizer(count: count, groups: [ParameterGroup(range: 0..<count, rate: 2e-3, decay: 0)], beta1: 0.9, epsilon: 1e-8)
        return try descend(parameters, steps: steps, rate: 2e-3, phase: "audio net", random: random, budget: budget, progress: progress) { [self] band, first, codes, scale in
            zip(codes.indices, codes).map { k, code in gradient(of: code, target: lesson.mouth[first + k], readout.weights.pointer, scale, band) }
        } after: { bands, factor in
            for band in bands { for i in 0..<count { readoutGradient.pointer[i] += band.readout[i] } }
            optimizer.step(readout.weights.pointer, readoutGradient.pointer, factor: factor, budget: .single)
        }
    }

    /// Teaches the audio net once more, towards the codes that a trained field understands. While the field was trained, the
    /// net heard the few voices of one film; here it learns in all voices of the lessons to say what it says for a mouth on average.
    func relearn(_ parameters: UnsafeMutablePointer<Float>, steps: Int, seed: UInt64, budget: ComputeBudget, progress: ProgressHandler) throws(EngineError) -> Double {
        let meaning = MouthCode(codes(parameters), outputs: outputs)
        return try learn(meaning, parameters, steps: steps, rate: 1e-3, phase: "audio net again", SeededRandom(seed: seed, stream: 301), budget, progress)
    }

    /// Teaches the audio net the codes that a field is told for mouths: it says what they are on average, for all that it hears.
    func learn(_ meaning: MouthCode, _ parameters: UnsafeMutablePointer<Float>, steps: Int, seed: UInt64, budget: ComputeBudget,
               progress: ProgressHandler) throws(EngineError) -> Double {
        try learn(meaning, parameters, steps: steps, rate: 2e-3, phase: "audio net", SeededRandom(seed: seed, stream: 302), budget, progress)
    }

    private func learn(_ meaning: MouthCode, _ parameters: UnsafeMutablePointer<Float>, steps: Int, rate: Float, phase: String, _ random: SeededRandom,
                       _ budget: ComputeBudget, _ progress: ProgressHandler) throws(EngineError) -> Double {
        try descend(parameters, steps: steps, rate: rate, phase: phase, random: random, budget: budget, progress: progress) { [self] band, first, codes, scale in
            codes.indices.map { k in
                let wanted = meaning.code(of: lesson.mouth[first + k])
                let size = meaning.variance
                return (0..<AudioNetwork.code).map { c in
                    let error = codes[k][c] - wanted[c]
                    band.loss += Double(error * error * scale / size)
                    return 2 * error * scale / size
                }
            }
        } after: { _, _ in }
    }

    /// Codes of a part of the lessons as they are, with their mouths.
    private func codes(_ parameters: UnsafePointer<Float>) -> [(mouth: [Float], code: [Float])] {
        let width = lesson.features.channels * lesson.features.steps
        let count = min(lesson.mouth.count - perBand, 12_000)
        return stride(from: 8, to: count, by: perBand).flatMap { first in
            network.forward(run: window(first, width), steps: lesson.features.steps, parameters).frames.enumerated().map { (lesson.mouth[first + $0.offset], $0.element.code) }
        }
    }

    private func window(_ first: Int, _ width: Int) -> [[Float]] {
        (first - 4..<first + perBand + 3).map { lesson.features.rows.indices.contains($0) ? lesson.features.rows[$0] : [Float](repeating: 0, count: width) }
    }

    /// Steps of Adam over random runs of frames. `towards` gives the gradients of a run's codes; `after` sees the bands of a step.
    private func descend(_ parameters: UnsafeMutablePointer<Float>, steps: Int, rate: Float, phase: String, random: SeededRandom, budget: ComputeBudget,
                         progress: ProgressHandler, towards: @escaping @Sendable (Band, Int, [[Float]], Float) -> [[Float]],
                         after: ([Band], Float) -> Void) throws(EngineError) -> Double {
        let bands = (0..<bandCount).map { _ in Band(audioRange.upperBound, outputs * 33) }
        let gradient = Buffer<Float>(count: audioRange.upperBound)
        let optimizer = AdamOptimizer(count: audioRange.upperBound, groups: [ParameterGroup(range: audioRange, rate: rate, decay: 0)], beta1: 0.9, epsilon: 1e-8)
        var recent = 0.0
        for step in 0..<steps {
            let shared = Shared(parameters: parameters)
            budget.forEach(bandCount) { [self] b in runBand(bands[b], shared.parameters, UInt64(step * bandCount + b), random, towards) }
            var loss = 0.0
            for band in bands {
                loss += band.loss
                for i in audioRange { gradient.pointer[i] += band.gradient.pointer[i] }
            }
            recent = step == 0 ? loss : recent * 0.98 + loss * 0.02
            let factor = Foundation.pow(0.03, Float(step) / Float(max(steps, 1)))
            optimizer.step(parameters, gradient.pointer, factor: factor, budget: budget)
            after(bands, factor)
            if step % 50 == 0 {
                let report = ProgressReport(phase: phase, done: step, total: steps, detail: String(format: "mouth error %.4f", recent.squareRoot()))
                guard progress(report) else { throw .interrupted }
            }
        }
        return recent
    }

    private func runBand(_ band: Band, _ parameters: UnsafePointer<Float>, _ address: UInt64, _ random: SeededRandom,
                         _ towards: @Sendable (Band, Int, [[Float]], Float) -> [[Float]]) {
        band.gradient.pointer.update(repeating: 0, count: band.gradient.count)
        for i in band.readout.indices { band.readout[i] = 0 }
        band.loss = 0
        let first = random.integer(1_000_000 &+ address, below: lesson.mouth.count - perBand)
        let rows = window(first, lesson.features.channels * lesson.features.steps)
        let run = network.forward(run: variation.applied(to: rows, channels: lesson.features.channels, seed: address, amount: 1), steps: lesson.features.steps, parameters)
        let dCodes = towards(band, first, run.frames.map(\.code), 1 / Float(bandCount * perBand))
        network.backward(run: run, dCodes, parameters, band.gradient.pointer)
    }

    /// Error of the linear read-out; gradient of the code.
    private func gradient(of code: [Float], target: [Float], _ readout: UnsafePointer<Float>, _ scale: Float, _ band: Band) -> [Float] {
        var dCode = [Float](repeating: 0, count: AudioNetwork.code)
        for o in 0..<outputs {
            var value = readout[o * 33 + 32]
            for c in 0..<32 { value += readout[o * 33 + c] * code[c] }
            let error = value - target[o]
            band.loss += Double(error * error * scale) / Double(outputs)
            let g = 2 * error * scale * (o < MouthCode.shows.count ? MouthCode.shows[o] : 1)
            for c in 0..<32 {
                band.readout[o * 33 + c] += g * code[c]
                dCode[c] += g * readout[o * 33 + c]
            }
            band.readout[o * 33 + 32] += g
        }
        return dCode
    }
}
