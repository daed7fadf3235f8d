// Teaches the speech encoder: many voices, and the mouths that belong to what they say.
import Base
import Engines
import Foundation
import Tensors

/// Trains an encoder on speech whose mouths are known 25 times a second. The same lessons, steps and seed give the same bits
/// on any number of threads.
package struct SpeechEncoderTrainer: Sendable {
    /// [count][bands].
    private let levels: [Float]
    private let loudness: [Float]
    private let mouths: [Float]
    private let rows: Int
    /// Stretches of one update, each worked on by one thread: few, and many updates.
    private static let batch = 4
    /// Steps of a stretch: nearly eight seconds, two or three lines. The shorter, the more of it is only heard around what is learned.
    private static let stretch = 384
    /// A branch's channel is left out of a stretch with this chance: no channel may rely on another (dropout).
    private static let leftOut: Float = 0.05
    /// Updates before the full rate.
    private static let start: Float = 300
    /// How much each mouth parameter shows: jaw, wide, pucker, upper, press, tuck, tongue.
    private static let shows: [Float] = [1.8, 1, 1, 0.6, 1.4, 1, 0.3]

    /// - Parameters:
    ///   - steps: Log-mel steps [count][bands], 50 a second.
    ///   - loudness: Of the voice at each step.
    ///   - mouths: `MouthTarget.vector` of every second step.
    /// - Throws: `EngineError` where there is too little to learn from.
    package init(steps: [[Float]], loudness: [Float], mouths: [[Float]]) throws(EngineError) {
        rows = min(mouths.count, steps.count / 2, loudness.count / 2)
        guard rows >= Self.stretch / 2, mouths.allSatisfy({ $0.count == SpeechEncoder.outputs }), steps.allSatisfy({ $0.count == HeardSpeech.bands }) else {
            throw .badInput("\(rows) rows of speech lessons are too few to learn to hear; at least \(Self.stretch / 2) are needed")
        }
        (levels, self.loudness) = (Array(steps.joined()), Array(loudness.prefix(steps.count)))
        self.mouths = mouths.flatMap { $0 }
    }

    private final class Band: @unchecked Sendable {  // one thread at a time
        let pass = EncoderPass(count: SpeechEncoderTrainer.stretch / SpeechEncoder.stride)
        let gradient = Buffer<Float>(count: SpeechEncoder.layout.total)
        var loss = 0.0
    }
    private struct Shared: @unchecked Sendable { let parameters: UnsafePointer<Float> }  // read only while bands run
    private struct Sum: @unchecked Sendable { let gradient: UnsafeMutablePointer<Float> }  // pieces do not overlap

    /// Trains from nothing.
    package func train(steps: Int, seed: UInt64, budget: ComputeBudget, progress: ProgressHandler) throws(EngineError) -> SpeechEncoder {
        let total = SpeechEncoder.layout.total
        let parameters = Self.initial(seed), gradient = Buffer<Float>(count: total)
        let bands = (0..<Self.batch).map { _ in Band() }
        let optimizer = AdamOptimizer(count: total, groups: [ParameterGroup(range: 0..<total, rate: 3e-3, decay: 0.01)], beta1: 0.9, epsilon: 1e-8)
        let random = SeededRandom(seed: seed, stream: 310)
        var recent = 0.0
        for step in 0..<steps {
            let shared = Shared(parameters: parameters.pointer)
            budget.forEach(bands.count) { learn(bands[$0], shared.parameters, UInt64(step * Self.batch + $0), random) }
            let loss = bands.reduce(0.0) { $0 + $1.loss }
            let sum = Sum(gradient: gradient.pointer), piece = 32_768
            budget.forEach((total + piece - 1) / piece) { k in
                for band in bands { for i in (k * piece)..<min((k + 1) * piece, total) { sum.gradient[i] += band.gradient.pointer[i] } }
            }
            recent = step == 0 ? loss : recent * 0.98 + loss * 0.02
            // Half a cosine: fast first, still at the end; and a slow start, without which this rate would break what was drawn.
            let factor = Float(0.5 + 0.5 * cos(Double.pi * Double(step) / Double(max(steps, 1)))) * min(1, Float(step + 1) / Self.start)
            optimizer.step(parameters.pointer, gradient.pointer, factor: factor, budget: budget)
            if step % 20 == 0 {
                let report = ProgressReport(phase: "speech encoder", done: step, total: steps, detail: String(format: "mouth error %.4f", recent.squareRoot()))
                guard progress(report) else { throw .interrupted }
            }
        }
        return SpeechEncoder(values: Array(parameters.elements))
    }

    /// Random weights that keep the size of what goes through them; branches begin small, the read-out smaller.
    private static func initial(_ seed: UInt64) -> Buffer<Float> {
        let random = SeededRandom(seed: seed, stream: 311)
        let parameters = Buffer<Float>(count: SpeechEncoder.layout.total)
        for slot in SpeechEncoder.layout.slots where slot.shape.count == 3 {
            let gain: Float = slot.key.hasPrefix("block") ? 0.5 : slot.key.hasPrefix("out") ? 0.3 : 1
            let scale = gain * (2 / Float(slot.shape[0] * slot.shape[1])).squareRoot()
            for i in 0..<slot.count { parameters.pointer[slot.offset + i] = scale * random.normal(UInt64(slot.offset + i)) }
        }
        return parameters
    }

    /// Loss and gradients of a band's stretch.
    private func learn(_ band: Band, _ parameters: UnsafePointer<Float>, _ address: UInt64, _ random: SeededRandom) {
        band.gradient.pointer.update(repeating: 0, count: band.gradient.count)
        let first = random.integer(address, below: rows - Self.stretch / 2 + 1)
        band.pass.hear(varied(2 * first, VoiceVariation(random, address: address)), from: SpeechEncoder.reach)
        for i in 0..<band.pass.shares.count {
            let isLeft = random.uniform(90_000_000_000 &+ address &* UInt64(band.pass.shares.count) &+ UInt64(i), 0, 1) < Self.leftOut
            band.pass.shares.pointer[i] = isLeft ? 0 : 1 / (1 - Self.leftOut)
        }
        band.pass.forward(parameters)
        band.loss = compare(band.pass, first)
        band.pass.backward(parameters, into: band.gradient.pointer)
    }

    /// A stretch and what the encoder sees around it, in a voice a little different; silence beyond the lessons' ends.
    private func varied(_ first: Int, _ variation: VoiceVariation) -> HeardSpeech {
        let bands = HeardSpeech.bands, margin = SpeechEncoder.reach + HeardSpeech.around
        let near = first - margin..<first + Self.stretch + margin
        var heard = [Float](repeating: 0, count: near.count * bands)
        levels.withUnsafeBufferPointer { levels in
            heard.withUnsafeMutableBufferPointer { heard in
                guard let levels = levels.baseAddress, let heard = heard.baseAddress else { return }
                for step in near.clamped(to: 0..<loudness.count) { variation.apply(to: levels + step * bands, into: heard + (step - near.lowerBound) * bands) }
            }
        }
        return HeardSpeech(levels: heard, loudness: near.map { loudness.indices.contains($0) ? loudness[$0] : 0 },
                           of: HeardSpeech.around..<near.count - HeardSpeech.around)
    }

    /// Weighted mean squared error; writes its gradient.
    private func compare(_ pass: EncoderPass, _ first: Int) -> Double {
        let outputs = SpeechEncoder.outputs
        let scale = 1 / Float(Self.batch * pass.count * outputs)
        var loss: Float = 0
        for row in 0..<pass.count {
            for o in 0..<outputs {
                let error = pass.result.pointer[row * outputs + o] - mouths[(first + row) * outputs + o]
                loss += error * error * scale
                pass.resultGradient.pointer[row * outputs + o] = 2 * error * scale * Self.shows[o]
            }
        }
        return Double(loss)
    }
}
