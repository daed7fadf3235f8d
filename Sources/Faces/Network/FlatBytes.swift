// FlatBuffers, read only: every offset is checked before it is followed.
import Tensors

/// The bytes of a FlatBuffer that nobody vouches for.
struct FlatBytes: Sendable {
    /// For messages.
    let path: String
    let bytes: [UInt8]

    func fail(_ at: Int, _ reason: String) -> CheckpointError { .malformed(path: path, at: max(0, min(at, bytes.count)), reason: reason) }

    /// Little-endian number of `width` bytes, without sign.
    func unsigned(_ at: Int, _ width: Int) throws(CheckpointError) -> UInt64 {
        guard at >= 0, at <= bytes.count - width else { throw fail(at, "an offset leads out of the file") }
        var value: UInt64 = 0
        for k in 0..<width { value |= UInt64(bytes[at + k]) << UInt64(8 * k) }
        return value
    }
    func signed(_ at: Int, _ width: Int) throws(CheckpointError) -> Int {
        let value = try unsigned(at, width)
        let shift = UInt64(64 - 8 * width)
        return Int(Int64(bitPattern: value << shift) >> Int64(shift))
    }

    /// Where the offset that stands at `at` leads; offsets only go forward.
    func target(_ at: Int) throws(CheckpointError) -> Int {
        let distance = Int(try unsigned(at, 4))
        guard distance > 0, distance <= bytes.count - at else { throw fail(at, "an offset leads out of the file") }
        return at + distance
    }

    /// The first table, if the file says that it is of this kind: four letters behind the first offset.
    func root(identifier: String) throws(CheckpointError) -> FlatTable {
        guard bytes.count >= 8, Array(bytes[4..<8]) == Array(identifier.utf8) else { throw fail(4, "it is no \(identifier) file") }
        return try FlatTable(self, at: target(0))
    }
}

/// A vector inside the bytes: `count` elements of `width` bytes that all lie in the file.
struct FlatVector: Sendable {
    let bytes: FlatBytes
    let start: Int
    let count: Int
    let width: Int

    fileprivate init(_ bytes: FlatBytes, at position: Int, width: Int) throws(CheckpointError) {
        let count = Int(try bytes.unsigned(position, 4))
        guard count <= (bytes.bytes.count - position - 4) / width else { throw bytes.fail(position, "a list of \(count) entries is longer than the file") }
        (self.bytes, start, self.count, self.width) = (bytes, position + 4, count, width)
    }

    /// Whole numbers with sign; an error where there are more than `limit`.
    func integers(limit: Int) throws(CheckpointError) -> [Int] {
        guard count <= limit else { throw bytes.fail(start, "a list of \(count) numbers where at most \(limit) make sense") }
        var result: [Int] = []
        for k in 0..<count { result.append(try bytes.signed(start + k * width, width)) }
        return result
    }
    /// Element `index` of a vector of tables.
    func table(_ index: Int) throws(CheckpointError) -> FlatTable { try FlatTable(bytes, at: bytes.target(start + 4 * index)) }
}

/// A table: fields by number, absent ones have their default.
struct FlatTable: Sendable {
    let bytes: FlatBytes
    let position: Int
    private let fieldTable: Int
    private let fieldBytes: Int

    fileprivate init(_ bytes: FlatBytes, at position: Int) throws(CheckpointError) {
        let back = try bytes.signed(position, 4)
        let (fields, overflow) = position.subtractingReportingOverflow(back)
        guard !overflow, fields >= 0, fields < bytes.bytes.count else { throw bytes.fail(position, "a table has no list of fields") }
        let size = Int(try bytes.unsigned(fields, 2))
        guard size >= 4, size <= bytes.bytes.count - fields else { throw bytes.fail(fields, "a table's list of fields is cut off") }
        (self.bytes, self.position, fieldTable, fieldBytes) = (bytes, position, fields, size)
    }

    /// Where a field lies; nil where it is absent.
    private func place(_ field: Int) throws(CheckpointError) -> Int? {
        let slot = 4 + 2 * field
        guard slot + 2 <= fieldBytes else { return nil }
        let offset = Int(try bytes.unsigned(fieldTable + slot, 2))
        return offset == 0 ? nil : position + offset
    }
    /// A whole number of `width` bytes.
    func integer(_ field: Int, width: Int, default value: Int = 0) throws(CheckpointError) -> Int {
        guard let place = try place(field) else { return value }
        return try bytes.signed(place, width)
    }
    func table(_ field: Int) throws(CheckpointError) -> FlatTable? {
        guard let place = try place(field) else { return nil }
        return try FlatTable(bytes, at: bytes.target(place))
    }
    /// A vector of elements of `width` bytes (4 for tables).
    func vector(_ field: Int, width: Int) throws(CheckpointError) -> FlatVector? {
        guard let place = try place(field) else { return nil }
        return try FlatVector(bytes, at: bytes.target(place), width: width)
    }
}
