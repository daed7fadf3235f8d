// The original's checkpoints as field weights.
import Engines
import Tensors

/// Reads ER-NeRF's `.pth` files: the latest and the best layout, and a bare state dictionary.
package enum CheckpointImport {
    package static func read(_ path: String) throws(EngineError) -> FieldWeights {
        let checkpoint: TorchCheckpoint
        do { checkpoint = try TorchCheckpoint.read(path) } catch { throw .unreadable(path: path, reason: error.reason) }
        let prefix = checkpoint.tensors.keys.contains { $0.hasPrefix("model.") } ? "model." : ""
        var tensors: [String: Tensor] = [:]
        for (key, tensor) in checkpoint.tensors where key.hasPrefix(prefix) {
            let name = String(key.dropFirst(prefix.count))
            // Constants of the original's code, not of the person.
            if name.hasSuffix(".offsets") || name == "density_grid" || name == "step_counter" { continue }
            tensors[name] = tensor
        }
        guard let bits = tensors.removeValue(forKey: "density_bitfield") else {
            throw .badPackage(path: path, entry: "density_bitfield", reason: "is missing: this is no ER-NeRF checkpoint")
        }
        return FieldWeights(tensors: tensors, occupancy: bits.values.map { $0 > 0 ? UInt8(min($0, 255)) : 0 },
                            meanDensityTorso: Float(checkpoint.numbers["mean_density_torso"] ?? 0))
    }
}
