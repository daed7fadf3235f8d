// A network that hears what the mouth does: our own feature kind, learned from speech whose mouths are known.
import Base
import Engines
import Tensors

/// One convolution over time and a row of dilated residual ones; no padding between them, so that a step's output is the same
/// wherever a recording is cut. Behind the first layer a step looks at every second one only, as mouths are known only there: half
/// the work while it learns.
///
/// Input: `HeardSpeech`, 50 steps a second. Output: the seven mouth parameters of `MouthTarget.vector`, 50 steps a second.
package struct SpeechEncoder: Sendable {
    package static let outputs = 7
    static let width = 192
    static let firstTaps = 5, taps = 3
    /// Steps from one row of the inner layers to the next.
    static let stride = 2
    /// In rows.
    static let dilations = [1, 2, 4, 8]
    /// Steps that an output sees to either side.
    static let reach = firstTaps / 2 + stride * dilations.reduce(0, +)

    /// Names, shapes and places of the weights: each tap is a matrix [inputs, outputs].
    static let layout = ParameterLayout(
        [("in.weight", [firstTaps, HeardSpeech.channels, width]), ("in.bias", [width])]
            + dilations.indices.flatMap { [("block.\($0).weight", [taps, width, width]), ("block.\($0).bias", [width])] }
            + [("out.weight", [1, width, outputs]), ("out.bias", [outputs])])

    /// All weights in one block, as `layout` places them.
    package let values: [Float]

    init(values: [Float]) {
        precondition(values.count == Self.layout.total, "an encoder's block has one length")
        self.values = values
    }

    /// From a persona's tensors. - Throws: `EngineError` that names the tensor.
    package init(tensors: [String: Tensor], path: String) throws(EngineError) {
        for slot in Self.layout.slots {
            guard let tensor = tensors[slot.key] else { throw .badPackage(path: path, entry: "speech." + slot.key, reason: "is missing") }
            guard tensor.shape == slot.shape else {
                throw .badPackage(path: path, entry: "speech." + slot.key, reason: "has shape \(tensor.shape); expected \(slot.shape)")
            }
            guard tensor.values.allSatisfy(\.isFinite) else { throw .badPackage(path: path, entry: "speech." + slot.key, reason: "holds values that are not finite") }
        }
        values = Self.layout.block(from: tensors)
    }

    /// The weights by name.
    package var tensors: [String: Tensor] { Self.layout.tensors(from: values) }

    /// Recordings are heard in blocks of this many steps, always cut at the same places: the same bits for any length.
    static let block = 256

    /// A pass over a block.
    static func pass() -> EncoderPass { EncoderPass(count: block / stride) }

    /// The mouth of every step, [count][7]: the mean of what is heard of each voice.
    package func mouths(_ heard: HeardVoices) -> [[Float]] {
        let pass = Self.pass()
        return Swift.stride(from: 0, to: heard.count, by: Self.block).flatMap { first in
            mouths(heard, from: first, pass).prefix(heard.count - first)
        }
    }

    /// The mouths of a block; beyond what was heard there is silence.
    func mouths(_ heard: HeardVoices, from first: Int, _ pass: EncoderPass) -> [[Float]] {
        var sums = [[Float]](repeating: [Float](repeating: 0, count: Self.outputs), count: Self.block)
        for voice in heard.voices {
            // Every second step, then those between them.
            for shift in 0..<Self.stride {
                pass.hear(voice, from: first + shift)
                values.withUnsafeBufferPointer { if let p = $0.baseAddress { pass.forward(p) } }
                for row in 0..<pass.count {
                    for (o, value) in pass.output(row).enumerated() { sums[row * Self.stride + shift][o] += value / Float(heard.voices.count) }
                }
            }
        }
        return sums
    }
}
