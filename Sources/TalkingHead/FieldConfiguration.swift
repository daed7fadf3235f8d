// Sizes of a field, deduced from its tensors rather than trusted from options.
import Engines
import Tensors

/// What a set of weights says about its own network.
package struct FieldConfiguration: Sendable, Hashable {
    package var audioChannels: Int { speech.channels }
    package var speech: SpeechShape
    /// Levels of each plane: 12, in the paper's text 14.
    package var planeLevels = 12
    package var identityCount: Int
    package var hasTorso: Bool
    package var torsoIdentityCount: Int

    package init(audioChannels: Int, identityCount: Int, hasTorso: Bool, torsoIdentityCount: Int = 0) {
        speech = SpeechShape(channels: audioChannels)
        self.identityCount = identityCount
        self.hasTorso = hasTorso
        self.torsoIdentityCount = torsoIdentityCount
    }

    /// The network that the fast renderer is built for; others are drawn by `PlainRenderer`.
    var isUsual: Bool { planeLevels == 12 }

    /// Head tensors and their shapes, in checkpoint order (engine specification, 3.2).
    package var headShapes: [(key: String, shape: [Int])] {
        var list: [(key: String, shape: [Int])] = [("individual_codes", [identityCount, 4])] + speech.shapes
        let rows = PlainField.plane(levels: planeLevels).rowCount, code = 3 * planeLevels
        for plane in ["xy", "yz", "xz"] { list.append(("encoder_\(plane).embeddings", [rows, 1])) }
        return list + [
            ("eye_att_net.net.0.weight", [16, code]), ("eye_att_net.net.1.weight", [1, 16]),
            ("sigma_net.net.0.weight", [64, code + 33]), ("sigma_net.net.1.weight", [64, 64]), ("sigma_net.net.2.weight", [65, 64]),
            ("color_net.net.0.weight", [64, 84]), ("color_net.net.1.weight", [3, 64]),
            ("unc_net.net.0.weight", [32, code]), ("unc_net.net.1.weight", [1, 32]),
            ("aud_ch_att_net.net.0.weight", [64, code]), ("aud_ch_att_net.net.1.weight", [32, 64]),
        ]
    }

    /// Torso tensors and their shapes.
    package var torsoShapes: [(key: String, shape: [Int])] {
        guard hasTorso else { return [] }
        return [
            ("individual_codes_torso", [torsoIdentityCount, 8]), ("anchor_points", [3, 4]),
            ("torso_deform_net.net.0.weight", [32, 84]), ("torso_deform_net.net.1.weight", [32, 32]), ("torso_deform_net.net.2.weight", [2, 32]),
            ("torso_encoder.embeddings", [PlaneEncoder.torso.rowCount, 2]),
            ("torso_net.net.0.weight", [32, 116]), ("torso_net.net.1.weight", [32, 32]), ("torso_net.net.2.weight", [4, 32]),
        ]
    }

    /// Reads the sizes off the tensors and checks every shape; one error names the first tensor that is wrong.
    package init(checking weights: FieldWeights, path: String) throws(EngineError) {
        func shape(_ key: String) throws(EngineError) -> [Int] {
            guard let tensor = weights.tensors[key] else { throw .badPackage(path: path, entry: key, reason: "is missing") }
            guard tensor.shape.count == 2, tensor.shape.allSatisfy({ $0 > 0 }) else { throw .badPackage(path: path, entry: key, reason: "has shape \(tensor.shape)") }
            return tensor.shape
        }
        speech = try SpeechShape(weights.tensors, path: path)
        let codes = try shape("individual_codes"), attention = try shape("aud_ch_att_net.net.0.weight")
        identityCount = codes[0]
        hasTorso = weights.tensors["anchor_points"] != nil
        torsoIdentityCount = weights.tensors["individual_codes_torso"]?.shape.first ?? 0
        guard attention[1] % 3 == 0, (6...60).contains(attention[1]) else {
            throw .badPackage(path: path, entry: "aud_ch_att_net.net.0.weight", reason: "has shape \(attention); its inputs are not three planes of 2…20 levels")
        }
        planeLevels = attention[1] / 3
        try TensorCheck.check(weights.tensors, headShapes + torsoShapes, path: path)
        try TensorCheck.occupancy(weights, hasTorso: hasTorso, path: path)
    }
}
