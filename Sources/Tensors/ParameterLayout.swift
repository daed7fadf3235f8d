// All trainable numbers of a network in one flat block, addressed by their checkpoint keys.

/// Names, shapes and places of parameters.
package struct ParameterLayout: Sendable {
    /// One parameter: its checkpoint key and shape, and where its numbers begin in the block.
    package struct Slot: Sendable {
        package var key: String
        package var shape: [Int]
        package var offset: Int
        package var count: Int
    }
    package let slots: [Slot]
    /// Length of the block.
    package let total: Int
    private let index: [String: Int]

    package init(_ shapes: [(key: String, shape: [Int])]) {
        var offset = 0
        var list: [Slot] = []
        for (key, shape) in shapes {
            let count = shape.reduce(1, *)
            list.append(Slot(key: key, shape: shape, offset: offset, count: count))
            // Every tensor starts on a cache line.
            offset += (count + 15) / 16 * 16
        }
        slots = list
        total = offset
        index = Dictionary(uniqueKeysWithValues: list.enumerated().map { ($0.element.key, $0.offset) })
    }
    package func slot(_ key: String) -> Slot {
        guard let i = index[key] else { preconditionFailure("no parameter \(key)") }
        return slots[i]
    }
    package func offset(_ key: String) -> Int { slot(key).offset }
    package func has(_ key: String) -> Bool { index[key] != nil }

    /// A flat block filled from named tensors (shapes were checked before).
    package func block(from tensors: [String: Tensor]) -> [Float] {
        var values = [Float](repeating: 0, count: total)
        for slot in slots {
            guard let tensor = tensors[slot.key], tensor.count == slot.count else { continue }
            values.replaceSubrange(slot.offset..<(slot.offset + slot.count), with: tensor.values)
        }
        return values
    }
    /// Named tensors from a flat block.
    package func tensors(from values: [Float]) -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: slots.map {
            ($0.key, Tensor(shape: $0.shape, values: Array(values[$0.offset..<($0.offset + $0.count)])))
        })
    }
}
