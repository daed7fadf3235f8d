// Sizes of a field, deduced from its tensors rather than trusted from options.
import Engines
import Tensors

/// What a set of weights says about its own network.
package struct FieldConfiguration: Sendable, Hashable {
    package var audioChannels: Int
    package var identityCount: Int
    package var hasTorso: Bool
    package var torsoIdentityCount: Int

    package init(audioChannels: Int, identityCount: Int, hasTorso: Bool, torsoIdentityCount: Int = 0) {
        self.audioChannels = audioChannels
        self.identityCount = identityCount
        self.hasTorso = hasTorso
        self.torsoIdentityCount = torsoIdentityCount
    }

    /// Head tensors and their shapes, in checkpoint order (engine specification, 3.2).
    package var headShapes: [(key: String, shape: [Int])] {
        var list: [(key: String, shape: [Int])] = [("individual_codes", [identityCount, 4])]
        let convolutions = [(0, 32, audioChannels), (2, 32, 32), (4, 64, 32), (6, 64, 64)]
        for (layer, out, input) in convolutions {
            list += [("audio_net.encoder_conv.\(layer).weight", [out, input, 3]), ("audio_net.encoder_conv.\(layer).bias", [out])]
        }
        list += [("audio_net.encoder_fc1.0.weight", [64, 64]), ("audio_net.encoder_fc1.0.bias", [64]),
                 ("audio_net.encoder_fc1.2.weight", [32, 64]), ("audio_net.encoder_fc1.2.bias", [32])]
        for (layer, out, input) in [(0, 16, 32), (2, 8, 16), (4, 4, 8), (6, 2, 4), (8, 1, 2)] {
            list += [("audio_att_net.attentionConvNet.\(layer).weight", [out, input, 3]), ("audio_att_net.attentionConvNet.\(layer).bias", [out])]
        }
        list += [("audio_att_net.attentionNet.0.weight", [8, 8]), ("audio_att_net.attentionNet.0.bias", [8])]
        for plane in ["xy", "yz", "xz"] { list.append(("encoder_\(plane).embeddings", [PlaneEncoder.head().rowCount, 1])) }
        return list + [
            ("eye_att_net.net.0.weight", [16, 36]), ("eye_att_net.net.1.weight", [1, 16]),
            ("sigma_net.net.0.weight", [64, 69]), ("sigma_net.net.1.weight", [64, 64]), ("sigma_net.net.2.weight", [65, 64]),
            ("color_net.net.0.weight", [64, 84]), ("color_net.net.1.weight", [3, 64]),
            ("unc_net.net.0.weight", [32, 36]), ("unc_net.net.1.weight", [1, 32]),
            ("aud_ch_att_net.net.0.weight", [64, 36]), ("aud_ch_att_net.net.1.weight", [32, 64]),
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
            return tensor.shape
        }
        let first = try shape("audio_net.encoder_conv.0.weight"), codes = try shape("individual_codes")
        guard first.count == 3, codes.count == 2 else {
            throw .badPackage(path: path, entry: "audio_net.encoder_conv.0.weight", reason: "has shape \(first)")
        }
        audioChannels = first[1]
        identityCount = codes[0]
        hasTorso = weights.tensors["anchor_points"] != nil
        torsoIdentityCount = weights.tensors["individual_codes_torso"]?.shape.first ?? 0
        guard identityCount > 0, audioChannels > 0 else { throw .badPackage(path: path, entry: "individual_codes", reason: "has shape \(codes)") }
        for (key, expected) in headShapes + torsoShapes {
            let found = try shape(key)
            guard found == expected else { throw .badPackage(path: path, entry: key, reason: "has shape \(found), expected \(expected)") }
        }
        guard weights.occupancy.count == OccupancyGrid.cellCount / 8 else {
            throw .badPackage(path: path, entry: "density_bitfield", reason: "holds \(weights.occupancy.count) bytes, expected \(OccupancyGrid.cellCount / 8)")
        }
        if hasTorso, weights.tensors["density_grid_torso"]?.count != 128 * 128 {
            throw .badPackage(path: path, entry: "density_grid_torso", reason: "is missing or has not 16384 values")
        }
        for (key, tensor) in weights.tensors.sorted(by: { $0.key < $1.key }) where !tensor.values.allSatisfy(\.isFinite) {
            throw .badPackage(path: path, entry: key, reason: "holds values that are not finite")
        }
    }
}
