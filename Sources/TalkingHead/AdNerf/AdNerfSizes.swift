// Sizes of AD-NeRF's networks, and what a frame costs (engine specification, 4.2, 8.2).
import Engines
import Tensors

/// Sizes of one family of networks: coarse and fine, head and torso share them, up to the width of the signal.
package struct AdNerfSizes: Codable, Sendable, Hashable {
    /// Layers over points, their width, and the layers after which the input comes in again.
    package var depth = 8, width = 256
    package var skips = [4]
    package var viewDepth = 3, viewWidth = 128
    package var positionOctaves = 10, directionOctaves = 4
    package var audioWidth = 64
    package init() {}

    static let poseOctaves = 3
    package var positionCode: Int { PositionCode.width(octaves: positionOctaves) }
    package var directionCode: Int { PositionCode.width(octaves: directionOctaves) }
    /// What the head, the torso is told besides the position.
    package var headSignal: Int { audioWidth }
    package var torsoSignal: Int { audioWidth + 2 * PositionCode.width(octaves: Self.poseOctaves) }

    /// Inputs of a layer over points: from the code and the signal, from the layer before.
    func inputs(_ layer: Int, signal: Int) -> (code: Int, hidden: Int) {
        let again = layer == 0 || skips.contains(layer - 1)
        return (again ? positionCode + signal : 0, layer == 0 ? 0 : width)
    }

    /// Tensors of one network and their shapes, under `prefix`. (The original's unused `feature_linear` is left out.)
    package func shapes(_ prefix: String, signal: Int) -> [(key: String, shape: [Int])] {
        var list: [(key: String, shape: [Int])] = []
        func add(_ name: String, _ output: Int, _ input: Int) {
            list += [("\(prefix).\(name).weight", [output, input]), ("\(prefix).\(name).bias", [output])]
        }
        for layer in 0..<depth {
            let (code, hidden) = inputs(layer, signal: signal)
            add("pts_linears.\(layer)", width, code + hidden)
        }
        for layer in 0..<viewDepth { add("views_linears.\(layer)", viewWidth, layer == 0 ? width + directionCode : viewWidth) }
        add("alpha_linear", 1, width)
        add("rgb_linear", 3, viewWidth)
        return list
    }

    /// Multiply-adds of one evaluation.
    package func multiplyAdds(signal: Int) -> Int {
        shapes("", signal: signal).reduce(0) { $1.shape.count == 2 ? $0 + $1.shape[0] * $1.shape[1] : $0 }
    }

    /// Floating-point operations of a frame drawn exactly: every ray asks the coarse network `coarse` times, the fine one `coarse + draws` times.
    package func operationsPerFrame(width: Int, height: Int, coarse: Int, draws: Int, hasTorso: Bool) -> Double {
        let evaluations = Double(width * height) * Double(2 * coarse + draws)
        return 2 * evaluations * Double(multiplyAdds(signal: headSignal) + (hasTorso ? multiplyAdds(signal: torsoSignal) : 0))
    }

    /// Whether these are sizes that memory and time can bear.
    package var areSane: Bool {
        (1...32).contains(depth) && (4...1024).contains(width) && (1...8).contains(viewDepth) && (4...1024).contains(viewWidth)
            && (0...10).contains(positionOctaves) && (0...10).contains(directionOctaves) && (4...256).contains(audioWidth)
            && skips.allSatisfy { (0..<max(depth - 1, 0)).contains($0) }
    }
}

/// Everything that a set of AD-NeRF weights holds.
package struct AdNerfConfiguration: Sendable, Hashable {
    package var sizes: AdNerfSizes
    package var audioChannels: Int
    package var hasTorso: Bool

    package init(sizes: AdNerfSizes, audioChannels: Int, hasTorso: Bool) {
        self.sizes = sizes
        self.audioChannels = audioChannels
        self.hasTorso = hasTorso
    }

    /// Audio net and attention; their keys are those of the other engines.
    package var audioShapes: [(key: String, shape: [Int])] {
        var list: [(key: String, shape: [Int])] = []
        func add(_ name: String, _ shape: [Int]) { list += [("\(name).weight", shape), ("\(name).bias", [shape[0]])] }
        for (layer, out, input) in [(0, 32, audioChannels), (2, 32, 32), (4, 64, 32), (6, 64, 64)] { add("audio_net.encoder_conv.\(layer)", [out, input, 3]) }
        add("audio_net.encoder_fc1.0", [64, 64])
        add("audio_net.encoder_fc1.2", [sizes.audioWidth, 64])
        for (layer, out, input) in [(0, 16, min(32, sizes.audioWidth)), (2, 8, 16), (4, 4, 8), (6, 2, 4), (8, 1, 2)] {
            add("audio_att_net.attentionConvNet.\(layer)", [out, input, 3])
        }
        add("audio_att_net.attentionNet.0", [8, 8])
        return list
    }
    package var headShapes: [(key: String, shape: [Int])] {
        audioShapes + sizes.shapes("head.coarse", signal: sizes.headSignal) + sizes.shapes("head.fine", signal: sizes.headSignal)
    }
    package var torsoShapes: [(key: String, shape: [Int])] {
        hasTorso ? sizes.shapes("torso.coarse", signal: sizes.torsoSignal) + sizes.shapes("torso.fine", signal: sizes.torsoSignal) : []
    }

    /// Checks every tensor against the sizes; one error names the first that is missing, misshapen or not finite.
    package func check(_ tensors: [String: Tensor], path: String) throws(EngineError) {
        guard sizes.areSane, (1...4096).contains(audioChannels) else { throw .badPackage(path: path, entry: "sizes", reason: "are out of range") }
        for (key, shape) in headShapes + torsoShapes {
            guard let tensor = tensors[key] else { throw .badPackage(path: path, entry: key, reason: "is missing") }
            guard tensor.shape == shape else { throw .badPackage(path: path, entry: key, reason: "has shape \(tensor.shape), expected \(shape)") }
            guard tensor.values.allSatisfy(\.isFinite) else { throw .badPackage(path: path, entry: key, reason: "holds values that are not finite") }
        }
    }
}
