// `.safetensors`: named arrays behind a JSON header.
import Foundation
import Kernels
import CKernels

/// How values are stored.
package enum StoragePrecision: String, Sendable {
    case float32 = "F32", float16 = "F16", uint8 = "U8"
    var width: Int {
        switch self {
        case .float32: 4
        case .float16: 2
        case .uint8: 1
        }
    }
}

/// Reads and writes safetensors files. Writing is deterministic: names in order, no time stamps.
package enum SafetensorsFile {
    /// Writes tensors; `precision` says how each is stored (32-bit where it says nothing).
    package static func write(_ tensors: [String: Tensor], precision: [String: StoragePrecision] = [:], to path: String) throws(CheckpointError) {
        var header: [String: Any] = [:]
        var body = Data()
        // Wide elements first: every array then lies on its own width, and the format allows no gaps.
        let ordered = tensors.sorted { a, b in
            let (x, y) = ((precision[a.key] ?? .float32).width, (precision[b.key] ?? .float32).width)
            return x != y ? x > y : a.key < b.key
        }
        for (name, tensor) in ordered {
            let kind = precision[name] ?? .float32
            let start = body.count
            append(tensor.values, kind, to: &body)
            header[name] = ["dtype": kind.rawValue, "shape": tensor.shape, "data_offsets": [start, body.count]]
        }
        do {
            var text = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])
            while text.count % 8 != 0 { text.append(0x20) }
            var file = Data()
            for k in 0..<8 { file.append(UInt8(truncatingIfNeeded: text.count >> (8 * k))) }
            file.append(text)
            file.append(body)
            try file.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw .writing(path, error) }
    }

    private static func append(_ values: [Float], _ kind: StoragePrecision, to data: inout Data) {
        switch kind {
        case .float32: values.withUnsafeBytes { data.append(contentsOf: $0) }
        case .float16:
            var half = [UInt16](repeating: 0, count: values.count)
            sk_float_to_half(values, &half, values.count)
            half.withUnsafeBytes { data.append(contentsOf: $0) }
        case .uint8: data.append(contentsOf: values.map { UInt8($0 > 0 ? min($0, 255).rounded() : 0) })
        }
    }

    /// Reads all tensors as 32-bit floats.
    package static func read(_ path: String) throws(CheckpointError) -> [String: Tensor] {
        let bytes = try ByteReader.load(path)
        var reader = ByteReader(path: path, bytes: bytes)
        let length = try reader.length(8)
        guard length < 64 << 20 else { throw reader.fail("the header is too long") }
        let text = Data(try reader.take(length))
        let start = reader.offset
        guard let header = (try? JSONSerialization.jsonObject(with: text)) as? [String: Any] else { throw reader.fail("the header is no JSON object") }
        var result: [String: Tensor] = [:]
        // In order of the names: a broken file always fails with the same words.
        for (name, value) in header.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
            guard let entry = value as? [String: Any], let code = entry["dtype"] as? String, let type = element(code), let shape = entry["shape"] as? [Int],
                  let offsets = entry["data_offsets"] as? [Int], offsets.count == 2
            else { throw .malformed(path: path, at: 8, reason: "\(name) is not described in the known way") }
            let room = bytes.count - start
            guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= room, let count = elementCount(shape, limit: room / type.width),
                  count * type.width <= offsets[1] - offsets[0]
            else { throw .malformed(path: path, at: 8, reason: "\(name) lies outside the file: it may be cut off") }
            result[name] = Tensor(shape: shape, values: type.floats(bytes[(start + offsets[0])..<(start + offsets[1])], count: count))
        }
        return result
    }

    private static func element(_ code: String) -> ElementType? {
        switch code {
        case "F64": .float64
        case "F32": .float32
        case "F16": .float16
        case "BF16": .bfloat16
        case "I64": .int64
        case "I32": .int32
        case "I16": .int16
        case "I8": .int8
        case "U8": .uint8
        case "BOOL": .bool
        default: nil
        }
    }
}
