// `.npy` arrays (NumPy's format, versions 1 to 3).
import Foundation

/// Reads and writes single arrays.
package enum NumpyFile {
    /// Reads an array as 32-bit floats in row-major order.
    package static func read(_ path: String) throws(CheckpointError) -> Tensor {
        try parse(ByteReader.load(path), path: path)
    }

    /// Parses the bytes of a `.npy` file.
    package static func parse(_ bytes: [UInt8], path: String) throws(CheckpointError) -> Tensor {
        var reader = ByteReader(path: path, bytes: bytes)
        guard try reader.take(6).elementsEqual([0x93] + Array("NUMPY".utf8)) else { throw reader.fail("not a NumPy array") }
        let major = try reader.unsigned(1)
        _ = try reader.unsigned(1)
        let length = try reader.length(major == 1 ? 2 : 4)
        guard length < 1 << 20 else { throw reader.fail("the header is too long") }
        let header = String(decoding: try reader.take(length), as: UTF8.self)
        guard let code = field("descr", header), let type = element(code) else { throw reader.fail("element type of \(header.prefix(80)) is not read") }
        guard let shape = shapeField(header) else { throw reader.fail("no shape in the header") }
        let rest = bytes.count - reader.offset
        guard let count = elementCount(shape, limit: rest / type.width) else { throw reader.fail("shape \(shape) is more than the file holds") }
        let values = type.floats(try reader.take(count * type.width), count: count)
        let fortran = header.contains("'fortran_order': True")
        return Tensor(shape: shape, values: fortran && shape.count > 1 ? rowMajor(values, shape) : values)
    }

    /// Writes 32-bit floats.
    package static func write(_ tensor: Tensor, to path: String) throws(CheckpointError) {
        let sizes = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
        header += String(repeating: " ", count: 63 - (header.utf8.count + 10) % 64) + "\n"
        var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)])
        data.append(contentsOf: header.utf8)
        tensor.values.withUnsafeBytes { data.append(contentsOf: $0) }
        do { try data.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw .writing(path, error)
        }
    }

    private static func field(_ name: String, _ header: String) -> String? {
        guard let start = header.range(of: "'\(name)':") else { return nil }
        let parts = header[start.upperBound...].split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count > 1 ? String(parts[1]) : nil
    }

    private static func shapeField(_ header: String) -> [Int]? {
        guard let start = header.range(of: "'shape':"), let open = header[start.upperBound...].firstIndex(of: "("),
              let close = header[open...].firstIndex(of: ")") else { return nil }
        var shape: [Int] = []
        for part in header[header.index(after: open)..<close].split(separator: ",") {
            let text = part.trimmingCharacters(in: .whitespaces)
            if text.isEmpty { continue }
            guard let size = Int(text), size >= 0 else { return nil }
            shape.append(size)
        }
        return shape
    }

    private static func element(_ code: String) -> ElementType? {
        switch code.drop(while: { "<|=".contains($0) }) {
        case "f8": .float64
        case "f4": .float32
        case "f2": .float16
        case "i8": .int64
        case "i4": .int32
        case "i2": .int16
        case "i1": .int8
        case "u1": .uint8
        case "b1": .bool
        default: nil
        }
    }

    private static func rowMajor(_ values: [Float], _ shape: [Int]) -> [Float] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
        var result = values
        var index = [Int](repeating: 0, count: shape.count)
        for i in values.indices {
            result[i] = values[zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }]
            var axis = shape.count - 1
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
                axis -= 1
            }
        }
        return result
    }
}
