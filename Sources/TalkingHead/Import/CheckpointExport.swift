// Field weights as the original's checkpoint: what its own program reads.
import Engines
import Foundation
import Tensors

/// Writes ER-NeRF's `.pth` layout.
package enum CheckpointExport {
    /// Appearance codes in a checkpoint of the original, one for each training frame at most.
    private static let identityCount = 10_000

    /// A persona's own speech encoder goes along under names that the original's program passes over.
    package static func write(_ weights: FieldWeights, speechEncoder: [String: Tensor] = [:], to path: String) throws(EngineError) {
        var model: [(key: String, value: CheckpointValue)] = []
        for (key, tensor) in weights.tensors.sorted(by: { $0.key < $1.key }) {
            model.append((key, .tensor(key.hasPrefix("individual_codes") ? repeated(tensor) : tensor)))
        }
        for (key, tensor) in speechEncoder.sorted(by: { $0.key < $1.key }) { model.append((PersonaPackage.speechPrefix + key, .tensor(tensor))) }
        model.append(("density_bitfield", .bytes(weights.occupancy)))
        let empty = CheckpointValue.list([])
        let stats: CheckpointValue = .dictionary([("loss", empty), ("valid_loss", empty), ("results", empty), ("checkpoints", empty), ("best_result", .none)])
        let checkpoint: CheckpointValue = .dictionary([
            ("epoch", .int(0)), ("global_step", .int(0)), ("stats", stats), ("mean_count", .int(0)), ("mean_density", .float(0)),
            ("mean_density_torso", .float(Double(weights.meanDensityTorso))), ("model", .dictionary(model)),
        ])
        do { try TorchCheckpointWriter.write(checkpoint, to: path) } catch {
            if case .noSpace = error { throw .noSpace(path: path) }
            throw .unwritable(path: path, reason: error.reason)
        }
    }

    /// The original keeps a row for each frame: a package's rows are repeated.
    private static func repeated(_ codes: Tensor) -> Tensor {
        guard codes.shape.count == 2, codes.shape[0] > 0, codes.shape[0] < identityCount else { return codes }
        let width = codes.shape[1], rows = codes.shape[0]
        return Tensor(shape: [identityCount, width], values: (0..<identityCount).flatMap { codes.values[(($0 % rows) * width)..<(($0 % rows + 1) * width)] })
    }
}
