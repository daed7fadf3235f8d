// A network for patches that needs no download: oriented filters as the eye has them, and drawn weights behind them.
import Base
import Foundation
import Tensors

extension PerceptualDistance {
    /// Four layers that nobody trained. The first are Gabor filters of 5 × 5 pixels: six directions and four phases on brightness
    /// and on two differences of colour. The others are drawn from a fixed seed; before each stands a maximum of 3 × 3, which
    /// forgives a small shift but no missing edge. The first layer is not compared itself: to compare fine filters place by place
    /// is to ask for the mean of what cannot be told apart, which is soft.
    package static let drawn = PerceptualDistance(layers: DrawnLayers.all())
}

private enum DrawnLayers {
    private static let side = 5
    private static let wavelength = 3.0, spread = 1.1
    private static let directions = 6, phases = 4
    private static let quiet: Float = 0.6
    /// Brightness, red against green, both against blue; colours count half.
    private static let colors: [(axis: [Double], share: Double)] = [([1, 1, 1], 1), ([1, -1, 0], 0.5), ([0.5, 0.5, -1], 0.5)]
    private static let widths = [96, 128, 128]

    static func all() -> [PerceptualDistance.Layer] {
        var layers = [filters()]
        for (index, width) in widths.enumerated() { layers.append(drawn(width, behind: layers[index].outputs, stream: UInt64(index))) }
        return layers
    }

    /// The first layer.
    private static func filters() -> PerceptualDistance.Layer {
        var values: [Float] = []
        for color in colors {
            let length = color.axis.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for direction in 0..<directions {
                for phase in 0..<phases {
                    let filter = gabor(angle: .pi * Double(direction) / Double(directions), phase: 2 * .pi * Double(phase) / Double(phases))
                    for part in color.axis { values += filter.map { Float(color.share * part / length * $0) } }
                }
            }
        }
        let count = colors.count * directions * phases
        return layer(Tensor(shape: [count, 3, side, side], values: values), weight: 0, padding: 0, pooled: false)
    }

    /// A wave under a bell, of length one, that does not answer to a flat patch.
    private static func gabor(angle: Double, phase: Double) -> [Double] {
        let middle = Double(side - 1) / 2
        var bell: [Double] = [], wave: [Double] = []
        for y in 0..<side {
            for x in 0..<side {
                let (dx, dy) = (Double(x) - middle, Double(y) - middle)
                bell.append(Foundation.exp(-(dx * dx + dy * dy) / (2 * spread * spread)))
                wave.append(Foundation.cos(2 * .pi * (dx * Foundation.cos(angle) + dy * Foundation.sin(angle)) / wavelength + phase))
            }
        }
        let mean = zip(bell, wave).reduce(0) { $0 + $1.0 * $1.1 } / bell.reduce(0, +)
        let filter = zip(bell, wave).map { $0 * ($1 - mean) }
        let length = filter.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return filter.map { $0 / length }
    }

    /// A layer of 3 × 3 with normal weights that sum to nothing and keep the size of what goes in.
    private static func drawn(_ outputs: Int, behind inputs: Int, stream: UInt64) -> PerceptualDistance.Layer {
        let random = SeededRandom(seed: 1, stream: stream), depth = inputs * 9
        let scale = (2 / Float(depth)).squareRoot()
        var values: [Float] = []
        for output in 0..<outputs {
            let row = (0..<depth).map { scale * random.normal(UInt64(output * depth + $0)) }
            let mean = row.reduce(0, +) / Float(depth)
            values += row.map { $0 - mean }
        }
        return layer(Tensor(shape: [outputs, inputs, 3, 3], values: values), weight: 1, padding: 1, pooled: true)
    }

    private static func layer(_ weights: Tensor, weight: Float, padding: Int, pooled: Bool) -> PerceptualDistance.Layer {
        let count = weights.shape[0]
        return .init(weights: weights, bias: [Float](repeating: 0, count: count), linear: [Float](repeating: weight, count: count),
                     kernel: weights.shape[2], stride: 1, padding: padding, pooled: pooled, quiet: quiet)
    }
}
