// Writes PyTorch checkpoints in the ZIP layout: plain containers and float tensors, the way `torch.save` does.
import CZlib
import Foundation

/// What a checkpoint holds.
package indirect enum CheckpointValue: Sendable {
    case none, int(Int), float(Double), string(String)
    case list([CheckpointValue])
    /// Keys in order.
    case dictionary([(key: String, value: CheckpointValue)])
    case tensor(Tensor)
    /// Whole numbers 0…255, stored as bytes.
    case bytes([UInt8])
}

/// One checkpoint in the making. The same values give the same bytes.
package struct TorchCheckpointWriter {
    private var pickle: [UInt8] = [0x80, 2]
    private var storages: [[UInt8]] = []

    /// Writes `value` to a file under a temporary name, and renames it.
    package static func write(_ value: CheckpointValue, to path: String) throws(CheckpointError) {
        var writer = TorchCheckpointWriter()
        writer.put(value)
        writer.pickle.append(UInt8(ascii: "."))
        var entries = [("archive/data.pkl", writer.pickle)]
        for (index, bytes) in writer.storages.enumerated() { entries.append(("archive/data/\(index)", bytes)) }
        entries.append(("archive/version", Array("3\n".utf8)))
        do { try Data(archive(entries)).write(to: URL(fileURLWithPath: path), options: .atomic) } catch { throw .writing(path, error) }
    }

    // MARK: pickle, protocol 2

    private mutating func code(_ character: Character) { pickle.append(character.asciiValue ?? 0) }
    private mutating func text(_ value: String) {
        code("X")
        number(value.utf8.count, 4)
        pickle += Array(value.utf8)
    }
    private mutating func number(_ value: Int, _ width: Int) { for k in 0..<width { pickle.append(UInt8(truncatingIfNeeded: value >> (8 * k))) } }
    private mutating func whole(_ value: Int) {
        if Int(Int32(truncatingIfNeeded: value)) == value {
            code("J")
            number(value, 4)
        } else {
            pickle += [0x8A, 8]
            number(value, 8)
        }
    }
    private mutating func name(_ module: String, _ attribute: String) { pickle += Array("c\(module)\n\(attribute)\n".utf8) }

    private mutating func put(_ value: CheckpointValue) {
        switch value {
        case .none: code("N")
        case .int(let n): whole(n)
        case .float(let x):
            code("G")
            pickle += (0..<8).map { UInt8(truncatingIfNeeded: x.bitPattern >> (56 - 8 * UInt64($0))) }
        case .string(let s): text(s)
        case .list(let items):
            code("]"); code("(")
            for item in items { put(item) }
            code("e")
        case .dictionary(let entries):
            code("}"); code("(")
            for (key, item) in entries { text(key); put(item) }
            code("u")
        case .tensor(let t): tensor(t.shape, t.count, "FloatStorage", t.values.withUnsafeBytes { Array($0) })
        case .bytes(let b): tensor([b.count], b.count, "ByteStorage", b)
        }
    }

    /// `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`.
    private mutating func tensor(_ shape: [Int], _ count: Int, _ kind: String, _ bytes: [UInt8]) {
        name("torch._utils", "_rebuild_tensor_v2")
        code("("); code("(")
        text("storage")
        name("torch", kind)
        text("\(storages.count)")
        text("cpu")
        whole(count)
        code("t"); code("Q")
        whole(0)
        code("(")
        for size in shape { whole(size) }
        code("t"); code("(")
        for axis in shape.indices { whole(shape[(axis + 1)...].reduce(1, *)) }
        code("t")
        pickle.append(0x89)
        name("collections", "OrderedDict")
        code(")"); code("R"); code("t"); code("R")
        storages.append(bytes)
    }

    // MARK: archive

    /// A ZIP archive without compression, without time stamps.
    private static func archive(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var result: [UInt8] = [], directory: [UInt8] = []
        func number(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        for (name, bytes) in entries {
            let sum = bytes.withUnsafeBufferPointer { Int(crc32(0, $0.baseAddress, UInt32(clamping: $0.count))) }
            let title = Array(name.utf8)
            // Needs version 2.0; no flags, no compression, no time.
            let facts = number(20, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(sum, 4) + number(bytes.count, 4) + number(bytes.count, 4) + number(title.count, 2) + number(0, 2)
            directory += [0x50, 0x4B, 1, 2] + number(20, 2) + facts + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(result.count, 4) + title
            result += [0x50, 0x4B, 3, 4] + facts + title + bytes
        }
        let end = number(0, 4) + number(entries.count, 2) + number(entries.count, 2) + number(directory.count, 4) + number(result.count, 4) + number(0, 2)
        return result + directory + [0x50, 0x4B, 5, 6] + end
    }
}
