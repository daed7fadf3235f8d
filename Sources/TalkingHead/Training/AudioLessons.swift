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
    /// The linear read-out, written between steps only.
    private final class Readout: Sendable {
        let weights: Buffer<Float>
        init(count: Int) { weights = Buffer(count: count) }
    }
    private struct Shared: @unchecked Sendable { let parameters: UnsafePointer<Float> }  // read only while bands run

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
        return try descend(parameters, steps: steps, rate: 1e-3, phase: "audio net again", random: SeededRandom(seed: seed, stream: 301), budget: budget,
                           progress: progress) { [self] band, first, codes, scale in
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
        let run = network.forward(run: FeatureAugmentation.varied(rows, channels: lesson.features.channels, seed: address, amount: 1), steps: lesson.features.steps, parameters)
        let dCodes = towards(band, first, run.frames.map(\.code), 1 / Float(bandCount * perBand))
        network.backward(run: run, dCodes, parameters, band.gradient.pointer)
    }

    /// How much each mouth parameter shows: jaw, wide, pucker, upper, press, tuck, tongue.
    private static let weights: [Float] = [1.8, 1, 1, 0.6, 1.4, 1, 0.3]

    /// Error of the linear read-out; gradient of the code.
    private func gradient(of code: [Float], target: [Float], _ readout: UnsafePointer<Float>, _ scale: Float, _ band: Band) -> [Float] {
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

/// What a field's codes mean: the affine map from mouths to the mean code, by least squares.
struct MouthCode: Sendable {
    /// [32][outputs + 1].
    private let map: [[Float]]
    /// Mean squared distance of the codes from their mean.
    let variance: Float

    init(_ pairs: [(mouth: [Float], code: [Float])], outputs: Int) {
        let n = outputs + 1
        var normal = [[Double]](repeating: [Double](repeating: 0, count: n + AudioNetwork.code), count: n)
        for (mouth, code) in pairs {
            let x = mouth.map(Double.init) + [1]
            for i in 0..<n {
                for j in 0..<n { normal[i][j] += x[i] * x[j] }
                for c in 0..<AudioNetwork.code { normal[i][n + c] += x[i] * Double(code[c]) }
            }
        }
        // A little damping: parameters that never move have no say.
        for i in 0..<n { normal[i][i] += 1e-3 * Double(pairs.count) + 1e-9 }
        for i in 0..<n {
            let pivot = normal[i][i]
            for j in i..<(n + AudioNetwork.code) { normal[i][j] /= pivot }
            for r in 0..<n where r != i {
                let factor = normal[r][i]
                for j in i..<(n + AudioNetwork.code) { normal[r][j] -= factor * normal[i][j] }
            }
        }
        map = (0..<AudioNetwork.code).map { c in (0..<n).map { Float(normal[$0][n + c]) } }
        let count = Float(max(pairs.count, 1))
        variance = max((0..<AudioNetwork.code).reduce(Float(0)) { sum, c in
            let mean = pairs.reduce(Float(0)) { $0 + $1.code[c] } / count
            return sum + pairs.reduce(Float(0)) { $0 + ($1.code[c] - mean) * ($1.code[c] - mean) } / count
        }, 1e-6)
    }

    func code(of mouth: [Float]) -> [Float] {
        map.map { row in
            var value = row[mouth.count]
            for (k, m) in mouth.enumerated() { value += row[k] * m }
            return value
        }
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
