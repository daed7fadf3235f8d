// Teaches the audio net speech before it sees a picture: from features to mouth shapes, in many voices.
import Base
import Engines
import Foundation

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

    init?(_ lessons: [SpeechLesson], network: AudioNetwork, layout: ParameterLayout) {
        guard let first = lessons.first, let mouth = first.mouth.first, first.features.rows.count == first.mouth.count,
              first.features.channels == network.channels, first.mouth.count > 64 else { return nil }
        lesson = first
        self.network = network
        self.layout = layout
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
    private struct Shared: @unchecked Sendable { let parameters: UnsafePointer<Float> }  // read only while bands run

    /// Changes the audio part of `parameters`; returns the last mean squared error of the mouth.
    func run(_ parameters: UnsafeMutablePointer<Float>, steps: Int, seed: UInt64, budget: ComputeBudget, progress: ProgressHandler) throws(EngineError) -> Double {
        let bands = (0..<bandCount).map { _ in Band(audioRange.upperBound, outputs * 33) }
        let random = SeededRandom(seed: seed, stream: 300)
        // The read-out lies behind the audio parameters in a block of its own.
        let readout = Buffer<Float>(count: outputs * 33)
        for i in 0..<readout.count { readout.pointer[i] = random.uniform(UInt64(i), -0.15, 0.15) }
        let gradient = Buffer<Float>(count: audioRange.upperBound), readoutGradient = Buffer<Float>(count: outputs * 33)
        let optimizer = AdamOptimizer(count: audioRange.upperBound, groups: [ParameterGroup(range: audioRange, rate: 2e-3, decay: 0)], beta1: 0.9, epsilon: 1e-8)
        let readoutOptimizer = AdamOptimizer(count: readout.count, groups: [ParameterGroup(range: 0..<readout.count, rate: 2e-3, decay: 0)], beta1: 0.9, epsilon: 1e-8)
        var recent = 0.0
        for step in 0..<steps {
            let shared = Shared(parameters: parameters)
            let weights = Array(readout.elements)
            budget.forEach(bandCount) { [self] b in runBand(bands[b], shared.parameters, weights, UInt64(step * bandCount + b), random) }
            var loss = 0.0
            for band in bands {
                loss += band.loss
                for i in audioRange { gradient.pointer[i] += band.gradient.pointer[i] }
                for i in 0..<readout.count { readoutGradient.pointer[i] += band.readout[i] }
            }
            recent = step == 0 ? loss : recent * 0.98 + loss * 0.02
            let factor = Foundation.pow(0.03, Float(step) / Float(max(steps, 1)))
            optimizer.step(parameters, gradient.pointer, factor: factor, budget: budget)
            readoutOptimizer.step(readout.pointer, readoutGradient.pointer, factor: factor, budget: budget)
            if step % 50 == 0 {
                let report = ProgressReport(phase: "audio net", done: step, total: steps, detail: String(format: "mouth error %.4f", recent.squareRoot()))
                guard progress(report) else { throw .interrupted }
            }
        }
        return recent
    }

    private func runBand(_ band: Band, _ parameters: UnsafePointer<Float>, _ readout: [Float], _ address: UInt64, _ random: SeededRandom) {
        band.gradient.pointer.update(repeating: 0, count: band.gradient.count)
        for i in band.readout.indices { band.readout[i] = 0 }
        band.loss = 0
        let scale = 1 / Float(bandCount * perBand)
        let first = random.integer(1_000_000 &+ address, below: lesson.mouth.count - perBand)
        let width = lesson.features.channels * lesson.features.steps
        let rows = (first - 4..<first + perBand + 3).map { lesson.features.rows.indices.contains($0) ? lesson.features.rows[$0] : [Float](repeating: 0, count: width) }
        let run = network.forward(run: FeatureAugmentation.varied(rows, channels: lesson.features.channels, seed: address, amount: 1), steps: lesson.features.steps, parameters)
        let dCodes = (0..<perBand).map { k in gradient(of: run.frames[k].code, target: lesson.mouth[first + k], readout, scale, band) }
        network.backward(run: run, dCodes, parameters, band.gradient.pointer)
    }

    /// How much each mouth parameter shows: jaw, wide, pucker, upper, press, tuck, tongue.
    private static let weights: [Float] = [1.8, 1, 1, 0.6, 1.4, 1, 0.3]

    /// Error of the linear read-out; gradient of the code.
    private func gradient(of code: [Float], target: [Float], _ readout: [Float], _ scale: Float, _ band: Band) -> [Float] {
        var dCode = [Float](repeating: 0, count: AudioNetwork.code)
        for o in 0..<outputs {
            var value = readout[o * 33 + 32]
            for c in 0..<32 { value += readout[o * 33 + c] * code[c] }
            let error = value - target[o]
            band.loss += Double(error * error * scale) / Double(outputs)
            let g = 2 * error * scale * (o < Self.weights.count ? Self.weights[o] : 1)
            for c in 0..<32 {
                band.readout[o * 33 + c] += g * code[c]
                dCode[c] += g * readout[o * 33 + c]
            }
            band.readout[o * 33 + 32] += g
        }
        return dCode
    }
}

/// Small changes of features that do not change what is said: gain, spectral tilt, noise, a shift of pitch.
enum FeatureAugmentation {
    /// `amount` 0…1 scales all changes; the same seed gives the same change.
    static func varied(_ rows: [[Float]], channels: Int, seed: UInt64, amount: Float) -> [[Float]] {
        let random = SeededRandom(seed: 991, stream: seed)
        let gain = amount * random.uniform(0, -0.10, 0.10)
        let tilt = amount * random.uniform(1, -0.12, 0.12)
        let noise = amount * max(0, random.uniform(2, -0.02, 0.05))
        let shift = amount * random.uniform(3, -1.6, 1.6)
        return rows.enumerated().map { index, row in
            let steps = row.count / max(channels, 1)
            var result = row
            for c in 0..<channels {
                let position = min(max(Float(c) + shift, 0), Float(channels - 1))
                let low = Int(position)
                let high = min(low + 1, channels - 1)
                let f = position - Float(low)
                let offset = gain + tilt * (Float(c) / Float(channels) - 0.5)
                for s in 0..<steps {
                    let value = row[low * steps + s] * (1 - f) + row[high * steps + s] * f
                    // Silence stays silence: the change grows with the level.
                    let presence = min(value * 4, 1)
                    let grain = noise > 0 ? noise * random.normal(UInt64(100 + (index * channels + c) * steps + s)) : 0
                    result[c * steps + s] = max(0, value + offset * presence + grain)
                }
            }
            return result
        }
    }
}
