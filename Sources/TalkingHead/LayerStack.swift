// Fully connected layers of a network on tiles: their packed weights, and the packed gradients of them.
import Base
import Kernels
import Tensors

/// Layers over the rows of a tile. `pack` before use and after every change of the parameters.
final class LayerStack: @unchecked Sendable {  // written by `pack` only, while nobody reads
    /// One fully connected layer: where its matrix lies and which tile rows it reads and writes.
    struct Layer {
        var offset: Int, rows: Int, columns: Int, column: [Int]
        var input: Int, output: Int, rectify: Bool
        var outputs: Int { (rows + 3) / 4 * 4 }
        fileprivate(set) var packed = 0, packedTransposed = 0
        /// Where its packed gradient lies in a block of `gradientCount` floats.
        fileprivate(set) var gradient = 0

        /// - Parameter column: the matrix column that reads each input row, −1 for none; in order where it is not given.
        init(_ layout: ParameterLayout, _ key: String, _ input: Int, _ output: Int, rectify: Bool, column: [Int]? = nil) {
            let slot = layout.slot(key + ".weight")
            (offset, rows, columns) = (slot.offset, slot.shape[0], slot.shape[1])
            self.column = column ?? Array(0..<slot.shape[1])
            (self.input, self.output, self.rectify) = (input, output, rectify)
        }
    }
    let layers: [Layer]
    let forwardWeights: Buffer<Float>
    let backwardWeights: Buffer<Float>
    /// Floats of the packed gradients of all layers.
    let gradientCount: Int

    init(_ list: [Layer]) {
        var list = list
        var forward = 0, backward = 0, gradient = 0
        for i in list.indices {
            (list[i].packed, list[i].packedTransposed, list[i].gradient) = (forward, backward, gradient)
            forward += list[i].outputs * list[i].column.count
            backward += list[i].outputs * ((list[i].column.count + 3) / 4 * 4)
            gradient += list[i].outputs * paddedInputs(list[i].column.count)
        }
        layers = list
        gradientCount = gradient
        forwardWeights = Buffer(count: forward)
        backwardWeights = Buffer(count: backward)
    }

    /// Packs the current parameters. `training` packs the transposed matrices as well.
    func pack(_ parameters: UnsafePointer<Float>, training: Bool) {
        for l in layers {
            packDense(parameters + l.offset, rows: l.rows, columns: l.columns, column: l.column, outputs: l.outputs, into: forwardWeights.pointer + l.packed)
            if training {
                packDenseTransposed(parameters + l.offset, rows: l.rows, columns: l.columns, column: l.column, outputs: l.outputs,
                                    into: backwardWeights.pointer + l.packedTransposed)
            }
        }
    }

    /// Adds packed gradients of all matrices at their places in a block of the layout.
    func unpack(_ packed: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        for l in layers { unpackGradient(packed + l.gradient, rows: l.rows, columns: l.columns, column: l.column, into: gradient + l.offset) }
    }
}
