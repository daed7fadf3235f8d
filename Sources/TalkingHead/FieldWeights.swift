// The exchange form of a talking radiance field's weights: named tensors, as in the original's checkpoints.
import Engines
import Tensors

/// All weights of a field under the original's checkpoint keys (engine specification, 3.2), without a network's own packing.
///
/// Inference packs and folds it, training flattens it, importers and packages read and write it.
package struct FieldWeights: Sendable {
    /// `sigma_net.net.0.weight`, `encoder_xy.embeddings`, `audio_net.encoder_conv.0.bias`, `anchor_points`, …; shapes as there.
    package var tensors: [String: Tensor]
    /// Occupied cells in Morton order, bit b of byte k = cell 8k + b; 128³ / 8 bytes.
    package var occupancy: [UInt8]
    /// Torso occupancy limit of the checkpoint (`mean_density_torso`).
    package var meanDensityTorso: Float

    package init(tensors: [String: Tensor], occupancy: [UInt8], meanDensityTorso: Float = 0) {
        self.tensors = tensors
        self.occupancy = occupancy
        self.meanDensityTorso = meanDensityTorso
    }
}
