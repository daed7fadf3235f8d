// How different two patches look to a network of convolutions, and which change of colour would help (engine specification, 2.4).
import Engines
import Foundation
import Tensors

/// LPIPS with AlexNet (`init(path:)`), or layers that were made otherwise (`drawn`). Immutable after init.
package final class PerceptualDistance: Sendable {
    struct Layer: Sendable {
        /// [outputs, inputs, kernel, kernel]
        let weights: Tensor
        let bias: [Float]
        /// Weights of the difference of this stage.
        let linear: [Float]
        let kernel: Int, stride: Int, padding: Int
        /// A 3 × 3 maximum of every second place stands before it.
        let pooled: Bool
        /// Feature vectors shorter than this count for less: what is nearly nothing is not made as long as the rest.
        var quiet: Float = 0
        var outputs: Int { weights.shape[0] }
        var inputs: Int { weights.shape[1] }
    }
    private let layers: [Layer]
    /// Patches below this size have no last stage.
    package static let smallest = 32

    init(layers: [Layer]) { self.layers = layers }

    /// Reads the public AlexNet and linear weights as safetensors (`scripts/fetch-lpips`); nil where there is no file.
    package init?(path: String) throws(EngineError) {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let tensors: [String: Tensor]
        do { tensors = try SafetensorsFile.read(path) } catch { throw .unreadable(path: path, reason: "\(error)") }
        let shapes: [(key: Int, shape: [Int], stride: Int, padding: Int, pooled: Bool)] = [
            (0, [64, 3, 11, 11], 4, 2, false), (3, [192, 64, 5, 5], 1, 2, true), (6, [384, 192, 3, 3], 1, 1, true),
            (8, [256, 384, 3, 3], 1, 1, false), (10, [256, 256, 3, 3], 1, 1, false),
        ]
        var list: [Layer] = []
        for (index, s) in shapes.enumerated() {
            guard let w = tensors["features.\(s.key).weight"], w.shape == s.shape, let b = tensors["features.\(s.key).bias"], b.shape == [s.shape[0]],
                  let l = tensors["lin\(index).weight"], l.count == s.shape[0] else {
                throw .unreadable(path: path, reason: "features.\(s.key) or lin\(index) is missing or not of shape \(s.shape)")
            }
            list.append(Layer(weights: w, bias: b.values, linear: l.values, kernel: s.shape[2], stride: s.stride, padding: s.padding, pooled: s.pooled))
        }
        layers = list
    }

    /// One picture's way through the net: the inputs and rectified outputs of each layer, [C, H, W].
    private struct Pass {
        struct Stage {
            var pooledFrom: (height: Int, width: Int, places: [Int32])?
            var inputHeight = 0, inputWidth = 0
            var columns: [Float] = []
            var output: [Float] = []
            var height = 0, width = 0
        }
        var stages: [Stage] = []
    }

    private static let shift: [Float] = [-0.030, -0.088, -0.188], scale: [Float] = [0.458, 0.448, 0.450]

    /// Distance of two patches [3, height, width] in 0…1, and its gradient by the first one's values.
    package func distance(_ own: [Float], _ target: [Float], height: Int, width: Int) -> (value: Float, gradient: [Float]) {
        precondition(height >= Self.smallest && width >= Self.smallest && own.count == 3 * height * width && target.count == own.count,
                     "patches are [3, height, width] of at least 32 × 32")
        let a = run(own, height, width), b = run(target, height, width)
        var value: Float = 0
        var toStage: [[Float]] = []
        for (k, layer) in layers.enumerated() {
            let (v, g) = Self.stageDistance(a.stages[k], b.stages[k], layer)
            value += v
            toStage.append(g)
        }
        return (value, backward(a, toStage, height, width))
    }

    private func run(_ picture: [Float], _ height: Int, _ width: Int) -> Pass {
        var x = picture
        let plane = height * width
        // From 0…1 to −1…1 to the net's own scale.
        for c in 0..<3 { for i in 0..<plane { x[c * plane + i] = (2 * picture[c * plane + i] - 1 - Self.shift[c]) / Self.scale[c] } }
        var (h, w) = (height, width)
        var pass = Pass()
        for layer in layers {
            var stage = Pass.Stage()
            if layer.pooled {
                let (y, places, ph, pw) = Self.pool(x, channels: layer.inputs, h, w)
                stage.pooledFrom = (h, w, places)
                (x, h, w) = (y, ph, pw)
            }
            (stage.inputHeight, stage.inputWidth) = (h, w)
            stage.columns = Self.columns(x, layer, h, w)
            (h, w) = Self.size(layer, h, w)
            (stage.height, stage.width) = (h, w)
            var y = [Float](repeating: 0, count: layer.outputs * h * w)
            let k = layer.inputs * layer.kernel * layer.kernel
            layer.weights.values.withUnsafeBufferPointer { weights in
                stage.columns.withUnsafeBufferPointer { columns in
                    y.withUnsafeMutableBufferPointer { y in
                        guard let p = weights.baseAddress, let q = columns.baseAddress, let r = y.baseAddress else { return }
                        for o in 0..<layer.outputs { (r + o * h * w).update(repeating: layer.bias[o], count: h * w) }
                        MatrixProduct.multiply(p, q, into: r, m: layer.outputs, n: h * w, k: k, adding: true)
                        for i in 0..<y.count { r[i] = max(r[i], 0) }
                    }
                }
            }
            stage.output = y
            x = y
            pass.stages.append(stage)
        }
        return pass
    }

    private static func size(_ l: Layer, _ h: Int, _ w: Int) -> (Int, Int) {
        ((h + 2 * l.padding - l.kernel) / l.stride + 1, (w + 2 * l.padding - l.kernel) / l.stride + 1)
    }

    /// Neighbourhoods as columns: [inputs · kernel², places].
    private static func columns(_ x: [Float], _ l: Layer, _ h: Int, _ w: Int) -> [Float] {
        let (oh, ow) = size(l, h, w)
        var result = [Float](repeating: 0, count: l.inputs * l.kernel * l.kernel * oh * ow)
        x.withUnsafeBufferPointer { x in
            result.withUnsafeMutableBufferPointer { result in
                forEachTap(l, h, w, oh, ow) { place, source in result[place] = x[source] }
            }
        }
        return result
    }

    /// Calls with each place of the columns that lies inside the picture, and where it comes from.
    @inline(__always)
    private static func forEachTap(_ l: Layer, _ h: Int, _ w: Int, _ oh: Int, _ ow: Int, _ body: (Int, Int) -> Void) {
        for c in 0..<l.inputs {
            for ky in 0..<l.kernel {
                for kx in 0..<l.kernel {
                    let row = ((c * l.kernel + ky) * l.kernel + kx) * oh * ow
                    for y in 0..<oh {
                        let sy = y * l.stride + ky - l.padding
                        guard sy >= 0, sy < h else { continue }
                        for x in 0..<ow {
                            let sx = x * l.stride + kx - l.padding
                            if sx >= 0, sx < w { body(row + y * ow + x, (c * h + sy) * w + sx) }
                        }
                    }
                }
            }
        }
    }

    /// Largest of 3 × 3 at every second place, and where it stood.
    private static func pool(_ x: [Float], channels: Int, _ h: Int, _ w: Int) -> ([Float], [Int32], Int, Int) {
        let oh = (h - 3) / 2 + 1, ow = (w - 3) / 2 + 1
        var y = [Float](repeating: 0, count: channels * oh * ow), places = [Int32](repeating: 0, count: y.count)
        for c in 0..<channels {
            for j in 0..<oh {
                for i in 0..<ow {
                    var best = (c * h + 2 * j) * w + 2 * i
                    for dy in 0..<3 { for dx in 0..<3 {
                        let at = (c * h + 2 * j + dy) * w + 2 * i + dx
                        if x[at] > x[best] { best = at }
                    } }
                    y[(c * oh + j) * ow + i] = x[best]
                    places[(c * oh + j) * ow + i] = Int32(best)
                }
            }
        }
        return (y, places, oh, ow)
    }

    /// Mean over places of the weighted squared difference of the unit feature vectors, and its gradient by the first features.
    private static func stageDistance(_ a: Pass.Stage, _ b: Pass.Stage, _ layer: Layer) -> (Float, [Float]) {
        let places = a.height * a.width, channels = layer.outputs
        var gradient = [Float](repeating: 0, count: channels * places)
        var value: Float = 0
        let share = 1 / Float(places)
        for i in 0..<places {
            var na: Float = 0, nb: Float = 0
            for c in 0..<channels {
                na += a.output[c * places + i] * a.output[c * places + i]
                nb += b.output[c * places + i] * b.output[c * places + i]
            }
            let quiet = layer.quiet * layer.quiet, length = (na + quiet).squareRoot()
            let la = length + 1e-10, lb = (nb + quiet).squareRoot() + 1e-10
            // u = a/|a|: dL/da = (g − u (u·g)) / |a| with g = 2 w (u − v); the same where |a|² has a constant beside it.
            var along: Float = 0
            for c in 0..<channels {
                let u = a.output[c * places + i] / la, d = u - b.output[c * places + i] / lb
                value += share * layer.linear[c] * d * d
                let g = 2 * share * layer.linear[c] * d
                gradient[c * places + i] = g
                along += g * u
            }
            let unit = length / la
            for c in 0..<channels {
                let u = a.output[c * places + i] / la
                gradient[c * places + i] = (gradient[c * places + i] - u * along * (unit > 0 ? 1 / unit : 0)) / la
            }
        }
        return (value, gradient)
    }

    private func backward(_ a: Pass, _ toStage: [[Float]], _ height: Int, _ width: Int) -> [Float] {
        var d: [Float] = []
        for k in layers.indices.reversed() {
            let layer = layers[k], stage = a.stages[k]
            var dy = toStage[k]
            if !d.isEmpty { for i in dy.indices { dy[i] += d[i] } }
            for i in dy.indices where stage.output[i] <= 0 { dy[i] = 0 }
            let depth = layer.inputs * layer.kernel * layer.kernel, places = stage.height * stage.width
            var dColumns = [Float](repeating: 0, count: depth * places)
            layer.weights.values.withUnsafeBufferPointer { weights in
                dy.withUnsafeBufferPointer { dy in
                    dColumns.withUnsafeMutableBufferPointer { out in
                        guard let p = weights.baseAddress, let q = dy.baseAddress, let r = out.baseAddress else { return }
                        MatrixProduct.multiply(p, transposed: true, q, into: r, m: depth, n: places, k: layer.outputs)
                    }
                }
            }
            var dx = [Float](repeating: 0, count: layer.inputs * stage.inputHeight * stage.inputWidth)
            dColumns.withUnsafeBufferPointer { source in
                dx.withUnsafeMutableBufferPointer { dx in
                    Self.forEachTap(layer, stage.inputHeight, stage.inputWidth, stage.height, stage.width) { place, at in dx[at] += source[place] }
                }
            }
            if let (h, w, winners) = stage.pooledFrom {
                d = [Float](repeating: 0, count: layer.inputs * h * w)
                for (i, winner) in winners.enumerated() { d[Int(winner)] += dx[i] }
            } else {
                d = dx
            }
        }
        let plane = height * width
        for c in 0..<3 { for i in 0..<plane { d[c * plane + i] *= 2 / Self.scale[c] } }
        return d
    }
}
