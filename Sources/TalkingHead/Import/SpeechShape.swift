// Sizes of an audio net: which features a checkpoint hears, and how.
import Engines
import Tensors

/// The audio part of a network of the ER-NeRF family, as its tensors tell.
package struct SpeechShape: Sendable, Hashable {
    /// Feature channels: 29 DeepSpeech, 44 and 32 wav2vec2, 1024 HuBERT, 512 AVE.
    package var channels: Int
    /// Numbers of a code.
    package var code: Int
    /// Rows are plain vectors, without steps (AVE).
    package var isVector = false
    /// Rows are labels, looked up in a table (`emb`).
    package var hasLabels = false
    /// Neighbouring rows are mixed (`att` 1 or 2).
    package var attends = true
    /// Numbers of a code that the attention looks at.
    package var heard: Int

    package init(channels: Int, code: Int = 32) {
        (self.channels, self.code, heard) = (channels, code, code)
    }

    package init(_ tensors: [String: Tensor], path: String) throws(EngineError) {
        hasLabels = tensors["embedding.weight"] != nil
        attends = tensors.keys.contains { $0.hasPrefix("audio_att_net.") }
        isVector = !tensors.keys.contains { $0.hasPrefix("audio_net.encoder_conv.") } && tensors["audio_net.encoder_fc1.4.weight"] != nil
        let firstKey = isVector ? "audio_net.encoder_fc1.0.weight" : "audio_net.encoder_conv.0.weight"
        let lastKey = isVector ? "audio_net.encoder_fc1.4.weight" : "audio_net.encoder_fc1.2.weight"
        guard let first = tensors[firstKey]?.shape else { throw .badPackage(path: path, entry: firstKey, reason: "is missing") }
        guard first.count == (isVector ? 2 : 3), (1...8192).contains(first[1]) else { throw .badPackage(path: path, entry: firstKey, reason: "has shape \(first)") }
        guard let last = tensors[lastKey]?.shape else { throw .badPackage(path: path, entry: lastKey, reason: "is missing") }
        guard last.count == 2, (1...256).contains(last[0]) else { throw .badPackage(path: path, entry: lastKey, reason: "has shape \(last)") }
        (channels, code) = (first[1], last[0])
        heard = code
    }

    /// Tensors and their shapes, in checkpoint order.
    package var shapes: [(key: String, shape: [Int])] {
        var list: [(key: String, shape: [Int])] = hasLabels ? [("embedding.weight", [channels, channels])] : []
        func add(_ name: String, _ shape: [Int]) { list += [("\(name).weight", shape), ("\(name).bias", [shape[0]])] }
        if isVector {
            for (layer, out, input) in [(0, 256, channels), (2, 128, 256), (4, code, 128)] { add("audio_net.encoder_fc1.\(layer)", [out, input]) }
        } else {
            for (layer, out, input) in [(0, 32, channels), (2, 32, 32), (4, 64, 32), (6, 64, 64)] { add("audio_net.encoder_conv.\(layer)", [out, input, 3]) }
            add("audio_net.encoder_fc1.0", [64, 64])
            add("audio_net.encoder_fc1.2", [code, 64])
        }
        guard attends else { return list }
        for (layer, out, input) in [(0, 16, heard), (2, 8, 16), (4, 4, 8), (6, 2, 4), (8, 1, 2)] { add("audio_att_net.attentionConvNet.\(layer)", [out, input, 3]) }
        add("audio_att_net.attentionNet.0", [8, 8])
        return list
    }
}

/// Tensors against the shapes that they should have.
enum TensorCheck {
    static func check(_ tensors: [String: Tensor], _ shapes: [(key: String, shape: [Int])], path: String) throws(EngineError) {
        for (key, expected) in shapes {
            guard let tensor = tensors[key] else { throw .badPackage(path: path, entry: key, reason: "is missing") }
            guard tensor.shape == expected else { throw .badPackage(path: path, entry: key, reason: "has shape \(tensor.shape), expected \(expected)") }
        }
        for (key, tensor) in tensors.sorted(by: { $0.key < $1.key }) where !tensor.values.allSatisfy(\.isFinite) {
            throw .badPackage(path: path, entry: key, reason: "holds values that are not finite")
        }
    }

    static func occupancy(_ weights: FieldWeights, hasTorso: Bool, path: String) throws(EngineError) {
        guard weights.occupancy.count == OccupancyGrid.cellCount / 8 else {
            throw .badPackage(path: path, entry: "density_bitfield", reason: "holds \(weights.occupancy.count) bytes, expected \(OccupancyGrid.cellCount / 8)")
        }
        guard weights.meanDensityTorso.isFinite else { throw .badPackage(path: path, entry: "mean_density_torso", reason: "is not a finite number") }
        if hasTorso, weights.tensors["density_grid_torso"]?.count != 128 * 128 {
            throw .badPackage(path: path, entry: "density_grid_torso", reason: "is missing or has not 16384 values")
        }
    }
}
