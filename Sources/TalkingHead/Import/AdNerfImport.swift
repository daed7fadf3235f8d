// AD-NeRF's `.tar` checkpoints as weights (engine specification, 3.3).
import Engines
import Foundation
import Tensors

/// Reads `NNNNNN_head.tar` and `NNNNNN_body.tar`.
package enum AdNerfImport {
    /// What the files hold: everything but the camera's bounds, which belong to the data set.
    package struct Result: Sendable {
        package var tensors: [String: Tensor]
        package var configuration: AdNerfConfiguration
    }

    /// Dictionaries of a checkpoint, and where their tensors go.
    private static let networks = [("network_fn_state_dict", "coarse"), ("network_fine_state_dict", "fine")]

    /// Whether a checkpoint is of this engine.
    static func isOne(_ checkpoint: TorchCheckpoint) -> Bool { checkpoint.tensors.keys.contains { $0.hasPrefix("network_fn_state_dict.") } }

    package static func read(head: String, body: String?) throws(EngineError) -> Result {
        var tensors: [String: Tensor] = [:]
        let checkpoint = try open(head)
        try take(checkpoint, head, part: "head", into: &tensors)
        try copy(checkpoint, "network_audnet_state_dict", "audio_net", head, into: &tensors)
        try copy(checkpoint, "network_audattnet_state_dict", "audio_att_net", head, into: &tensors)
        if let body { try take(open(body), body, part: "torso", into: &tensors) }
        var sizes = try sizes(tensors, head)
        guard let channels = tensors["audio_net.encoder_conv.0.weight"]?.shape, channels.count == 3 else {
            throw .badPackage(path: head, entry: "network_audnet_state_dict.encoder_conv.0.weight", reason: "is missing or has not three dimensions")
        }
        guard let code = tensors["audio_net.encoder_fc1.2.bias"]?.shape.first else {
            throw .badPackage(path: head, entry: "network_audnet_state_dict.encoder_fc1.2.bias", reason: "is missing")
        }
        sizes.audioWidth = code
        guard let input = tensors["head.coarse.pts_linears.0.weight"]?.shape.last, input > code, (input - code - 3) % 6 == 0 else {
            throw .badPackage(path: head, entry: "network_fn_state_dict.pts_linears.0.weight", reason: "its inputs are not a position code and \(code) numbers of sound")
        }
        sizes.positionOctaves = (input - code - 3) / 6
        let configuration = AdNerfConfiguration(sizes: sizes, audioChannels: channels[1], hasTorso: body != nil)
        do throws(EngineError) { try configuration.check(tensors, path: head) } catch { throw named(error, head, body) }
        return Result(tensors: tensors, configuration: configuration)
    }

    private static func open(_ path: String) throws(EngineError) -> TorchCheckpoint {
        do { return try TorchCheckpoint.read(path) } catch { throw .reading(path, error) }
    }

    private static func take(_ checkpoint: TorchCheckpoint, _ path: String, part: String, into tensors: inout [String: Tensor]) throws(EngineError) {
        for (dictionary, name) in networks { try copy(checkpoint, dictionary, "\(part).\(name)", path, into: &tensors) }
    }

    private static func copy(_ checkpoint: TorchCheckpoint, _ dictionary: String, _ prefix: String, _ path: String, into tensors: inout [String: Tensor]) throws(EngineError) {
        var found = false
        for (key, tensor) in checkpoint.tensors where key.hasPrefix(dictionary + ".") {
            found = true
            // A layer that the original makes and never asks.
            if key.contains(".feature_linear.") { continue }
            tensors[prefix + key.dropFirst(dictionary.count)] = tensor
        }
        guard found else { throw .badPackage(path: path, entry: dictionary, reason: "is missing: this is no AD-NeRF checkpoint of that kind") }
    }

    /// Depths and widths, read off the head's coarse network.
    private static func sizes(_ tensors: [String: Tensor], _ path: String) throws(EngineError) -> AdNerfSizes {
        var sizes = AdNerfSizes()
        func shape(_ name: String) -> [Int]? { tensors["head.coarse.\(name).weight"].map(\.shape).flatMap { $0.count == 2 ? $0 : nil } }
        func entry(_ name: String) -> String { "network_fn_state_dict.\(name).weight" }
        guard let first = shape("pts_linears.0") else { throw .badPackage(path: path, entry: entry("pts_linears.0"), reason: "is missing or no matrix") }
        guard let view = shape("views_linears.0") else { throw .badPackage(path: path, entry: entry("views_linears.0"), reason: "is missing or no matrix") }
        sizes.width = first[0]
        sizes.viewWidth = view[0]
        sizes.depth = (0..<33).first { tensors["head.coarse.pts_linears.\($0).weight"] == nil } ?? 33
        sizes.viewDepth = (0..<33).first { tensors["head.coarse.views_linears.\($0).weight"] == nil } ?? 33
        sizes.skips = (1..<max(sizes.depth, 1)).filter { (shape("pts_linears.\($0)")?[1] ?? 0) > sizes.width }.map { $0 - 1 }
        guard (view[1] - sizes.width - 3) % 6 == 0, view[1] > sizes.width else {
            throw .badPackage(path: path, entry: entry("views_linears.0"), reason: "has shape \(view): its inputs are not \(sizes.width) numbers and a direction code")
        }
        sizes.directionOctaves = (view[1] - sizes.width - 3) / 6
        return sizes
    }

    /// The checkpoint's own name of a tensor, and its file.
    private static func named(_ error: EngineError, _ head: String, _ body: String?) -> EngineError {
        guard case .badPackage(_, let entry, let reason) = error else { return error }
        var name = entry
        for (prefix, dictionary) in [("head.coarse", networks[0].0), ("head.fine", networks[1].0), ("torso.coarse", networks[0].0), ("torso.fine", networks[1].0),
                                     ("audio_net", "network_audnet_state_dict"), ("audio_att_net", "network_audattnet_state_dict")] where entry.hasPrefix(prefix + ".") {
            name = dictionary + entry.dropFirst(prefix.count)
        }
        return .badPackage(path: entry.hasPrefix("torso.") ? body ?? head : head, entry: name, reason: reason)
    }
}
