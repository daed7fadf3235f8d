// Checkpoints made without some option, in the form that the networks have: what is missing becomes zeros that change nothing.
import Tensors

enum FieldNormalisation {
    /// ER-NeRF weights without `exp_eye` or without individual codes, as weights that have both.
    static func normalised(_ weights: FieldWeights) -> FieldWeights {
        var result = weights
        guard let inputs = weights.tensors["aud_ch_att_net.net.0.weight"]?.shape.last, inputs > 0 else { return weights }
        // Without exp_eye the density network has no eye input: a column of zeros is one that it ignores.
        widen(&result, "sigma_net.net.0.weight", from: inputs + 32, by: 1)
        if result.tensors["eye_att_net.net.0.weight"] == nil, result.tensors["eye_att_net.net.1.weight"] == nil {
            result.tensors["eye_att_net.net.0.weight"] = Tensor(zeros: [16, inputs])
            result.tensors["eye_att_net.net.1.weight"] = Tensor(zeros: [1, 16])
        }
        if result.tensors["individual_codes"] == nil, widen(&result, "color_net.net.0.weight", from: 80, by: 4) {
            result.tensors["individual_codes"] = Tensor(zeros: [1, 4])
        }
        if result.tensors["anchor_points"] != nil, result.tensors["individual_codes_torso"] == nil, widen(&result, "torso_deform_net.net.0.weight", from: 76, by: 8),
           widen(&result, "torso_net.net.0.weight", from: 108, by: 8) {
            result.tensors["individual_codes_torso"] = Tensor(zeros: [1, 8])
        }
        return result
    }

    /// Adds columns of zeros at the end of a matrix that has exactly `columns`.
    @discardableResult
    private static func widen(_ weights: inout FieldWeights, _ key: String, from columns: Int, by more: Int) -> Bool {
        guard let tensor = weights.tensors[key], tensor.shape.count == 2, tensor.shape[1] == columns else { return false }
        let rows = tensor.shape[0]
        let zeros = [Float](repeating: 0, count: more)
        var values: [Float] = []
        for row in 0..<rows {
            values += tensor.values[(row * columns)..<((row + 1) * columns)]
            values += zeros
        }
        weights.tensors[key] = Tensor(shape: [rows, columns + more], values: values)
        return true
    }
}
