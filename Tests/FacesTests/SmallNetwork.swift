// A `.tflite` file written by hand, with every operation that face models use, and the same computed by plain loops.
import Foundation

/// Parts of a FlatBuffer, outermost first.
indirect enum Flat {
    case table([Int: Flat])
    case byte(UInt8)
    case number(Int32)
    case tables([Flat])
    case numbers([Int32])
    case bytes([UInt8])

    /// The whole file.
    static func file(_ root: Flat, identifier: String) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 4) + Array(identifier.utf8)
        patch(&out, at: 0, to: root.write(&out))
        return out
    }

    private static func word(_ value: Int32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    private static func patch(_ out: inout [UInt8], at place: Int, to target: Int) { out.replaceSubrange(place..<(place + 4), with: word(Int32(target - place))) }

    /// Appends the part; gives where it begins.
    private func write(_ out: inout [UInt8]) -> Int {
        while out.count % 4 != 0 { out.append(0) }
        switch self {
        case .byte, .number: preconditionFailure("numbers stand inside tables")
        case .numbers(let values):
            let start = out.count
            out += Self.word(Int32(values.count)) + values.flatMap(Self.word)
            return start
        case .bytes(let values):
            let start = out.count
            out += Self.word(Int32(values.count)) + values
            return start
        case .tables(let parts):
            let start = out.count
            out += Self.word(Int32(parts.count)) + [UInt8](repeating: 0, count: 4 * parts.count)
            for (k, part) in parts.enumerated() { Self.patch(&out, at: start + 4 + 4 * k, to: part.write(&out)) }
            return start
        case .table(let fields):
            let count = (fields.keys.max() ?? -1) + 1, known = fields.keys.sorted()
            let list = out.count
            func half(_ value: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)] }
            out += half(4 + 2 * count) + half(4 + 4 * known.count)
            for field in 0..<count { out += half(known.firstIndex(of: field).map { 4 + 4 * $0 } ?? 0) }
            while out.count % 4 != 0 { out.append(0) }
            let start = out.count
            out += Self.word(Int32(start - list))
            for field in known {
                switch fields[field] {
                case .byte(let value): out += [value, 0, 0, 0]
                case .number(let value): out += Self.word(value)
                default: out += [0, 0, 0, 0]
                }
            }
            for (k, field) in known.enumerated() {
                switch fields[field] {
                case .byte, .number, nil: continue
                case .some(let part): Self.patch(&out, at: start + 4 + 4 * k, to: part.write(&out))
                }
            }
            return start
        }
    }
}

/// Picture of 4 × 4 × 2 in, 28 numbers out.
enum SmallNetwork {
    static let kernel: [Float] = (0..<54).map { Float(Float16(Float(($0 * 7) % 11 - 5) * 0.125)) }
    static let kernelBias: [Float] = [0.25, -0.5, 0.125]
    static let channelKernel: [Float] = (0..<27).map { Float(($0 * 5) % 9 - 4) * 0.25 }
    static let channelBias: [Float] = [0.1, 0.2, -0.3]
    static let slopes: [Float] = [0.5, -0.25, 2]

    static func bytes() -> [UInt8] {
        func raw(_ values: [Float]) -> [UInt8] { values.flatMap { v in (0..<4).map { UInt8(truncatingIfNeeded: v.bitPattern >> (8 * UInt32($0))) } } }
        func half(_ values: [Float]) -> [UInt8] { values.flatMap { v in (0..<2).map { UInt8(truncatingIfNeeded: Float16(v).bitPattern >> (8 * UInt16($0))) } } }
        func raw(_ values: [Int32]) -> [UInt8] { values.flatMap { v in (0..<4).map { UInt8(truncatingIfNeeded: v >> (8 * $0)) } } }
        let buffers: [[UInt8]] = [[], half(kernel), raw(kernelBias), raw(channelKernel), raw(channelBias), raw(slopes), raw([0, 0, 0, 0, 0, 0, 0, 1] as [Int32])]
        // Shape, element (0: 32-bit float, 1: 16-bit float, 2: whole number), buffer.
        let tensors: [([Int32], UInt8, Int32)] = [
            ([1, 4, 4, 2], 0, 0), ([3, 3, 3, 2], 1, 1), ([3, 3, 3, 2], 0, 0), ([3], 0, 2), ([1, 4, 4, 3], 0, 0),
            ([1, 3, 3, 3], 0, 3), ([3], 0, 4), ([1, 2, 2, 3], 0, 0), ([1, 2, 2, 3], 0, 0), ([1, 2, 2, 3], 0, 0),
            ([1, 1, 3], 0, 5), ([1, 2, 2, 3], 0, 0), ([4, 2], 2, 6), ([1, 2, 2, 4], 0, 0), ([1, 16], 0, 0), ([1, 12], 0, 0), ([1, 28], 0, 0), ([1, 28], 0, 0),
        ]
        let codes: [UInt8] = [6, 3, 4, 17, 0, 54, 34, 22, 2, 14]
        func step(_ code: Int32, _ inputs: [Int32], _ output: Int32, _ options: [Int: Flat]? = nil) -> Flat {
            var fields: [Int: Flat] = [0: .number(code), 1: .numbers(inputs), 2: .numbers([output])]
            if let options { fields[4] = .table(options) }
            return .table(fields)
        }
        let steps: [Flat] = [
            step(0, [1], 2),
            step(1, [0, 2, 3], 4, [0: .byte(0), 1: .number(1), 2: .number(1), 3: .byte(1)]),
            step(2, [4, 5, 6], 7, [0: .byte(0), 1: .number(2), 2: .number(2), 3: .number(1)]),
            step(3, [4], 8, [0: .byte(1), 1: .number(2), 2: .number(2), 3: .number(2), 4: .number(2)]),
            step(4, [7, 8], 9),
            step(5, [9, 10], 11),
            step(6, [11, 12], 13),
            step(7, [13], 14),
            step(7, [11], 15),
            step(8, [14, 15], 16, [0: .number(1)]),
            step(9, [16], 17),
        ]
        let graph: [Int: Flat] = [
            0: .tables(tensors.map { .table([0: .numbers($0.0), 1: .byte($0.1), 2: .number($0.2)]) }),
            1: .numbers([0]), 2: .numbers([17]), 3: .tables(steps),
        ]
        return Flat.file(.table([
            0: .number(3), 1: .tables(codes.map { .table([0: .byte($0)]) }), 2: .tables([.table(graph)]),
            4: .tables(buffers.map { $0.isEmpty ? .table([:]) : .table([0: .bytes($0)]) }),
        ]), identifier: "TFL3")
    }

    /// What the file says, by loops that share nothing with the room's.
    static func expected(_ input: [Float]) -> [Float] {
        func at(_ p: [Float], _ y: Int, _ x: Int, _ c: Int, _ side: Int, _ channels: Int) -> Float {
            y < 0 || x < 0 || y >= side || x >= side ? 0 : p[(y * side + x) * channels + c]
        }
        var first: [Float] = []
        for y in 0..<4 { for x in 0..<4 { for o in 0..<3 {
            var sum = kernelBias[o]
            for r in 0..<3 { for k in 0..<3 { for c in 0..<2 { sum += at(input, y + r - 1, x + k - 1, c, 4, 2) * kernel[((o * 3 + r) * 3 + k) * 2 + c] } } }
            first.append(Swift.max(sum, 0))
        } } }
        var bent: [Float] = []
        for y in 0..<2 { for x in 0..<2 { for c in 0..<3 {
            // Four places, stride two, three wide: one place is added, behind.
            var sum = channelBias[c]
            for r in 0..<3 { for k in 0..<3 { sum += at(first, 2 * y + r, 2 * x + k, c, 4, 3) * channelKernel[(r * 3 + k) * 3 + c] } }
            var best = -Float.infinity
            for r in 0..<2 { for k in 0..<2 { best = Swift.max(best, at(first, 2 * y + r, 2 * x + k, c, 4, 3)) } }
            let value = sum + best
            bent.append(value < 0 ? value * slopes[c] : value)
        } } }
        var all: [Float] = []
        for place in 0..<4 { all += bent[(3 * place)..<(3 * place + 3)] + [0] }
        all += bent
        return all.map { 1 / (1 + exp(-$0)) }
    }
}
