// Sizes of a RAD-NeRF checkpoint, deduced from its tensors.
import Engines
import Tensors

/// What a set of RAD-NeRF weights says about its own network.
package struct RadNerfConfiguration: Sendable, Hashable {
    package var speech: SpeechShape
    package var identityCount = 0, identityWidth = 0
    package var seesEyes = true, hasTorso = false
    package var torsoIdentityCount = 0, torsoIdentityWidth = 0

    init(speech: SpeechShape, identityCount: Int, identityWidth: Int, seesEyes: Bool, hasTorso: Bool, torsoIdentityCount: Int, torsoIdentityWidth: Int) {
        self.speech = speech
        (self.identityCount, self.identityWidth, self.seesEyes) = (identityCount, identityWidth, seesEyes)
        (self.hasTorso, self.torsoIdentityCount, self.torsoIdentityWidth) = (hasTorso, torsoIdentityCount, torsoIdentityWidth)
    }

    package var headShapes: [(key: String, shape: [Int])] {
        var list: [(key: String, shape: [Int])] = identityWidth > 0 ? [("individual_codes", [identityCount, identityWidth])] : []
        list += speech.shapes
        let grid = PlainField.solid, ambient = PlainField.ambient
        list += [("encoder.embeddings", [grid.rowCount, 2]), ("encoder_ambient.embeddings", [ambient.rowCount, 2])]
        list += [("ambient_net.net.0.weight", [64, grid.width + speech.code]), ("ambient_net.net.1.weight", [64, 64]), ("ambient_net.net.2.weight", [2, 64])]
        list += [("sigma_net.net.0.weight", [64, grid.width + ambient.width + (seesEyes ? 1 : 0)]), ("sigma_net.net.1.weight", [64, 64]), ("sigma_net.net.2.weight", [65, 64])]
        return list + [("color_net.net.0.weight", [64, 80 + identityWidth]), ("color_net.net.1.weight", [3, 64])]
    }

    package var torsoShapes: [(key: String, shape: [Int])] {
        guard hasTorso else { return [] }
        let input = RadTorso.codeWidth + torsoIdentityWidth
        let codes: [(key: String, shape: [Int])] = torsoIdentityWidth > 0 ? [("individual_codes_torso", [torsoIdentityCount, torsoIdentityWidth])] : []
        return codes + [
            ("torso_deform_net.net.0.weight", [64, input]), ("torso_deform_net.net.1.weight", [64, 64]), ("torso_deform_net.net.2.weight", [2, 64]),
            ("torso_encoder.embeddings", [RadTorso.grid.rowCount, 2]),
            ("torso_net.net.0.weight", [32, RadTorso.grid.width + input]), ("torso_net.net.1.weight", [32, 32]), ("torso_net.net.2.weight", [4, 32]),
        ]
    }

    /// Reads the sizes off the tensors and checks every one; the first that is wrong is named.
    package init(checking weights: FieldWeights, path: String) throws(EngineError) {
        speech = try SpeechShape(weights.tensors, path: path)
        if let codes = try Self.codes(weights.tensors["individual_codes"], "individual_codes", path) { (identityCount, identityWidth) = codes }
        hasTorso = weights.tensors["torso_deform_net.net.0.weight"] != nil
        if let codes = try Self.codes(weights.tensors["individual_codes_torso"], "individual_codes_torso", path) { (torsoIdentityCount, torsoIdentityWidth) = codes }
        seesEyes = weights.tensors["sigma_net.net.0.weight"]?.shape.last != PlainField.solid.width + PlainField.ambient.width
        try TensorCheck.check(weights.tensors, headShapes + torsoShapes, path: path)
        try TensorCheck.occupancy(weights, hasTorso: hasTorso, path: path)
    }

    private static func codes(_ tensor: Tensor?, _ key: String, _ path: String) throws(EngineError) -> (count: Int, width: Int)? {
        guard let shape = tensor?.shape else { return nil }
        guard shape.count == 2, shape[0] > 0, (1...128).contains(shape[1]) else { throw .badPackage(path: path, entry: key, reason: "has shape \(shape)") }
        return (shape[0], shape[1])
    }
}
