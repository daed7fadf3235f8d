// The original's checkpoints as field weights.
import Engines
import Tensors

/// Reads `.pth` files of ER-NeRF and RAD-NeRF: the latest and the best layout, and a bare state dictionary.
package enum CheckpointImport {
    /// Networks that a checkpoint may hold.
    package enum Kind: String, Sendable { case ernerf = "er-nerf", radnerf = "rad-nerf" }

    /// ER-NeRF weights.
    package static func read(_ path: String) throws(EngineError) -> FieldWeights {
        let (kind, weights) = try open(path)
        guard kind == .ernerf else { throw .badPackage(path: path, entry: "ambient_net.net.0.weight", reason: "belongs to RAD-NeRF, not to ER-NeRF") }
        return weights
    }

    /// Weights and what they belong to.
    package static func open(_ path: String) throws(EngineError) -> (kind: Kind, weights: FieldWeights) {
        let checkpoint: TorchCheckpoint
        do { checkpoint = try TorchCheckpoint.read(path) } catch { throw .reading(path, error) }
        guard !AdNerfImport.isOne(checkpoint) else {
            throw .badPackage(path: path, entry: "network_fn_state_dict", reason: "belongs to AD-NeRF: import its _head.tar under that name")
        }
        let prefix = checkpoint.tensors.keys.contains { $0.hasPrefix("model.") } ? "model." : ""
        var tensors: [String: Tensor] = [:]
        for (key, tensor) in checkpoint.tensors where key.hasPrefix(prefix) {
            let name = String(key.dropFirst(prefix.count))
            if isOfTheProgram(name) { continue }
            tensors[name] = tensor
        }
        guard let bits = tensors.removeValue(forKey: "density_bitfield") else {
            throw .badPackage(path: path, entry: "density_bitfield", reason: "is missing: this is no checkpoint of ER-NeRF or RAD-NeRF")
        }
        guard bits.values.allSatisfy({ $0 >= 0 && $0 <= 255 }) else { throw .badPackage(path: path, entry: "density_bitfield", reason: "holds values that are not bytes") }
        let weights = FieldWeights(tensors: tensors, occupancy: bits.values.map { UInt8($0) }, meanDensityTorso: Float(checkpoint.numbers["mean_density_torso"] ?? 0))
        if tensors["ambient_net.net.0.weight"] != nil { return (.radnerf, weights) }
        return (.ernerf, FieldNormalisation.normalised(weights))
    }

    /// Constants of the original's code, its bookkeeping, and the state of its training: not of the person.
    private static func isOfTheProgram(_ name: String) -> Bool {
        name.hasSuffix(".offsets") || ["density_grid", "step_counter", "aabb_train", "aabb_infer", "camera_dT", "camera_dR"].contains(name)
            || ["optimizer.", "ema.", "lr_scheduler.", "scaler.", "stats."].contains { name.hasPrefix($0) }
    }
}
