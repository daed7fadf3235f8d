// Dense tensors as values: the currency of checkpoints and weights.

/// A dense row-major tensor of 32-bit floats.
public struct Tensor: Sendable, Hashable {
    /// Sizes from the outermost axis to the innermost; empty for a scalar.
    public let shape: [Int]
    /// `shape.product` values, row-major.
    public var values: [Float]

    public init(shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values do not fill shape \(shape)")
        self.shape = shape
        self.values = values
    }
    public init(zeros shape: [Int]) {
        self.init(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    }
    public var count: Int { values.count }
}
