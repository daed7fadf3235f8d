// Bounded reading of little-endian numbers from bytes that nobody vouches for.
import Foundation

/// A cursor over bytes; every read is checked.
package struct ByteReader {
    let path: String
    let bytes: [UInt8]
    var offset: Int

    init(path: String, bytes: [UInt8], offset: Int = 0) {
        self.path = path
        self.bytes = bytes
        self.offset = offset
    }

    /// The whole file; an error where it is larger than `limit`.
    package static func load(_ path: String, limit: Int = 8 << 30) throws(CheckpointError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
        defer { fclose(file) }
        var facts = stat()
        guard fstat(fileno(file), &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "not a file") }
        guard facts.st_size < limit else { throw .unreadable(path: path, reason: "larger than \(limit >> 20) MiB") }
        let count = Int(facts.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = count > 0 ? fread(buffer.baseAddress, 1, count, file) : 0
        }
        guard bytes.count == count else { throw .unreadable(path: path, reason: "it changed while it was read") }
        return bytes
    }

    func fail(_ reason: String) -> CheckpointError { .malformed(path: path, at: offset, reason: reason) }

    mutating func take(_ count: Int) throws(CheckpointError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - offset else { throw fail("the file ends in the middle of a value") }
        defer { offset += count }
        return bytes[offset..<(offset + count)]
    }
    mutating func unsigned(_ width: Int) throws(CheckpointError) -> UInt64 {
        var value: UInt64 = 0
        for (index, byte) in try take(width).enumerated() { value |= UInt64(byte) << (8 * UInt64(index)) }
        return value
    }
    /// A length that must fit the rest of the file.
    mutating func length(_ width: Int) throws(CheckpointError) -> Int {
        let value = try unsigned(width)
        guard value <= UInt64(bytes.count) else { throw fail("a length of \(value) bytes is more than the file holds") }
        return Int(value)
    }
}

/// Element types of stored arrays.
package enum ElementType: Sendable, Hashable {
    case float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8, bool

    var width: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Values as 32-bit floats. The slice holds `count × width` bytes.
    func floats(_ bytes: ArraySlice<UInt8>, count: Int) -> [Float] {
        bytes.withUnsafeBytes { raw in
            [Float](unsafeUninitializedCapacity: count) { out, filled in
                for i in 0..<count { out[i] = value(raw, i) }
                filled = count
            }
        }
    }

    private func value(_ raw: UnsafeRawBufferPointer, _ i: Int) -> Float {
        switch self {
        case .float64: Float(Double(bitPattern: raw.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)))
        case .float32: Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
        case .float16: Float(Float16(bitPattern: raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)))
        case .bfloat16: Float(bitPattern: UInt32(raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)) << 16)
        case .int64: Float(raw.loadUnaligned(fromByteOffset: 8 * i, as: Int64.self))
        case .int32: Float(raw.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self))
        case .int16: Float(raw.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self))
        case .int8: Float(raw.loadUnaligned(fromByteOffset: i, as: Int8.self))
        case .uint8, .bool: Float(raw[i])
        }
    }
}

/// Number of elements of a shape from a file; nil where it does not fit.
func elementCount(_ shape: [Int], limit: Int) -> Int? {
    guard shape.count <= 8 else { return nil }
    var total = 1
    for size in shape {
        guard size >= 0 else { return nil }
        let (product, overflow) = total.multipliedReportingOverflow(by: size)
        guard !overflow, product <= limit else { return nil }
        total = product
    }
    return total
}
