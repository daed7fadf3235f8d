// Checkpoints with weights by formula (Tests/Vectors/fields/README.md), written as the original writes them.
import Base
import Engines
import Foundation
import Motion
import Tensors
import TestSupport
@testable import TalkingHead

enum FormulaWeights {
    static func values(_ key: String, _ count: Int, scale: Float) -> [Float] {
        var hash: UInt32 = 2_166_136_261
        for byte in key.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return (0..<count).map { i in
            var x = UInt32(truncatingIfNeeded: i) &* 2_654_435_761 &+ hash
            x ^= x >> 15
            x = x &* 2_246_822_519
            x ^= x >> 13
            return Float((Double(x) / 4_294_967_296 * 2 - 1) * Double(scale))
        }
    }

    static func tensor(_ key: String, _ shape: [Int]) -> Tensor {
        let count = shape.reduce(1, *)
        var scale = Float((6 / Double(shape.dropFirst().reduce(1, *))).squareRoot())
        if key.contains("embeddings") { scale = 1 } else if key.contains("codes") { scale = 0.2 } else if key.hasSuffix("bias") { scale = 0.1 }
        if key == "sigma_net.net.2.weight" { scale *= 0.8 }
        return Tensor(shape: shape, values: values(key, count, scale: scale))
    }
    static func tensors(_ shapes: [(key: String, shape: [Int])]) -> [String: Tensor] { Dictionary(uniqueKeysWithValues: shapes.map { ($0.key, tensor($0.key, $0.shape)) }) }

    /// Ten feature rows.
    static func features(_ channels: Int) -> SpeechFeatures {
        let steps = channels == 1024 ? 2 : channels == 512 ? 1 : 16
        let all = values("rows\(channels)", 10 * channels * steps, scale: 1)
        return SpeechFeatures(rows: (0..<10).map { Array(all[($0 * channels * steps)..<(($0 + 1) * channels * steps)]) }, channels: channels, steps: steps)
    }

    static func vectors() throws -> [String: Tensor] { try NumpyArchive.read(SharedFolder.projectRoot + "/Tests/Vectors/fields/fields.npz") }
}

/// What a checkpoint in a test holds.
struct MadeCheckpoint {
    var tensors: [String: Tensor]
    var bits = [UInt8](repeating: 0xFF, count: OccupancyGrid.cellCount / 8)
    /// "latest": with the state of the optimiser and the averages; "best": without.
    var isLatest = false
    var isBare = false

    func write(_ path: String) throws {
        var model: [(key: String, value: CheckpointValue)] = tensors.sorted { $0.key < $1.key }.map { ($0.key, .tensor($0.value)) }
        model += [("density_bitfield", .bytes(bits)), ("encoder_xy.offsets", .tensor(Tensor(zeros: [13]))), ("aabb_train", .tensor(Tensor(zeros: [6])))]
        if isLatest { model += [("density_grid", .tensor(Tensor(zeros: [1, 64]))), ("step_counter", .tensor(Tensor(zeros: [16, 2])))] }
        guard !isBare else { return try TorchCheckpointWriter.write(.dictionary(model), to: path) }
        var all: [(key: String, value: CheckpointValue)] = [("epoch", .int(3)), ("global_step", .int(100)), ("stats", .dictionary([("loss", .list([.float(0.5)])), ("best_result", .none)])),
                                                            ("mean_density", .float(1)), ("mean_density_torso", .float(0.25)), ("model", .dictionary(model))]
        if isLatest {
            all.append(("optimizer", .dictionary([("state", .dictionary([("0", .dictionary([("exp_avg", .tensor(Tensor(zeros: [4])))]))])), ("param_groups", .list([]))])))
            all.append(("ema", .dictionary([("decay", .float(0.95)), ("shadow_params", .list([.tensor(Tensor(zeros: [4]))]))])))
        }
        try TorchCheckpointWriter.write(.dictionary(all), to: path)
    }

    /// ER-NeRF with the usual options, and changes.
    static func ernerf(_ change: (inout FieldConfiguration) -> Void = { _ in }) -> MadeCheckpoint {
        var configuration = FieldConfiguration(audioChannels: 29, identityCount: 3, hasTorso: false)
        change(&configuration)
        return MadeCheckpoint(tensors: FormulaWeights.tensors(configuration.headShapes))
    }
}
