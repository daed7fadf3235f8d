// ZIP archives, read only: `.npz` files and PyTorch checkpoints.
import CZlib

/// The entries of an archive in memory. Sizes and offsets are checked before use; nothing is written to disk.
package struct ZipArchive {
    package struct Entry: Sendable { package var name: String; var method: UInt64; var sum: UInt64; var stored: Int; var size: Int; var header: Int }
    let path: String
    let bytes: [UInt8]
    package let entries: [Entry]

    static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

    package init(path: String, bytes: [UInt8]) throws(CheckpointError) {
        self.path = path
        self.bytes = bytes
        entries = try Self.directory(path, bytes)
    }

    package func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

    /// The unpacked bytes of an entry.
    package func contents(_ entry: Entry) throws(CheckpointError) -> [UInt8] {
        var reader = ByteReader(path: path, bytes: bytes, offset: entry.header)
        guard entry.header <= bytes.count, try reader.unsigned(4) == 0x0403_4B50 else { throw reader.fail("the archive's entry \(entry.name) is not where it should be") }
        _ = try reader.take(22)
        let nameLength = Int(try reader.unsigned(2)), extraLength = Int(try reader.unsigned(2))
        _ = try reader.take(nameLength + extraLength)
        let data = try reader.take(entry.stored)
        switch entry.method {
        case 0: return try checked(Array(data), entry)
        case 8: return try checked(inflated(data, entry), entry)
        default: throw reader.fail("entry \(entry.name) is packed in an unknown way")
        }
    }

    /// The bytes, if they have the sum that the directory promises.
    private func checked(_ data: [UInt8], _ entry: Entry) throws(CheckpointError) -> [UInt8] {
        var sum: UInt = 0
        for start in stride(from: 0, to: data.count, by: 1 << 30) {
            let part = data[start..<min(start + (1 << 30), data.count)]
            sum = part.withUnsafeBufferPointer { crc32(sum, $0.baseAddress, UInt32($0.count)) }
        }
        guard UInt64(sum) == entry.sum else {
            throw .malformed(path: path, at: entry.header, reason: "entry \(entry.name) is damaged: its check sum is wrong")
        }
        return data
    }

    private func inflated(_ data: ArraySlice<UInt8>, _ entry: Entry) throws(CheckpointError) -> [UInt8] {
        guard entry.size <= max(1 << 20, data.count * 1100), entry.size < 1 << 32, data.count < 1 << 32 else {
            throw .malformed(path: path, at: entry.header, reason: "entry \(entry.name) claims an impossible size")
        }
        var stream = z_stream()
        guard sk_inflate_raw_init(&stream) == Z_OK else { throw .unreadable(path: path, reason: "zlib could not start") }
        defer { inflateEnd(&stream) }
        var status = Z_OK
        let result = [UInt8](unsafeUninitializedCapacity: entry.size) { out, filled in
            data.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = out.baseAddress
                stream.avail_out = UInt32(entry.size)
                status = inflate(&stream, Z_FINISH)
                filled = entry.size - Int(stream.avail_out)
            }
        }
        guard status == Z_STREAM_END, result.count == entry.size else {
            throw .malformed(path: path, at: entry.header, reason: "entry \(entry.name) is damaged")
        }
        return result
    }

    private static func directory(_ path: String, _ bytes: [UInt8]) throws(CheckpointError) -> [Entry] {
        // The end record is searched from the back; its comment has at most 65,535 bytes.
        var end = bytes.count - 22
        let last = max(0, end - 65_535)
        while end >= last, !(bytes[end] == 0x50 && bytes[end + 1] == 0x4B && bytes[end + 2] == 5 && bytes[end + 3] == 6) { end -= 1 }
        guard end >= last else { throw .malformed(path: path, at: bytes.count, reason: "the archive has no directory: it is cut off or not a ZIP") }
        var reader = ByteReader(path: path, bytes: bytes, offset: end + 10)
        var count = Int(try reader.unsigned(2))
        _ = try reader.unsigned(4)
        var start = Int(try reader.unsigned(4))
        if count == 0xFFFF || start == 0xFFFF_FFFF { (count, start) = try large(path, bytes, end) }
        guard start <= bytes.count, count <= bytes.count / 46 else { throw reader.fail("the archive's directory lies outside it") }
        reader.offset = start
        var entries: [Entry] = []
        for _ in 0..<count { entries.append(try entry(&reader)) }
        return entries
    }

    private static func large(_ path: String, _ bytes: [UInt8], _ end: Int) throws(CheckpointError) -> (Int, Int) {
        guard end >= 20 else { throw .malformed(path: path, at: end, reason: "the archive's directory is damaged") }
        var locator = ByteReader(path: path, bytes: bytes, offset: end - 20)
        guard try locator.unsigned(4) == 0x0706_4B50 else { throw locator.fail("the archive's directory is damaged") }
        _ = try locator.unsigned(4)
        let at = try locator.length(8)
        var record = ByteReader(path: path, bytes: bytes, offset: at)
        guard try record.unsigned(4) == 0x0606_4B50 else { throw record.fail("the archive's directory is damaged") }
        _ = try record.take(28)
        let count = try record.length(8)
        _ = try record.unsigned(8)
        return (count, try record.length(8))
    }

    private static func entry(_ reader: inout ByteReader) throws(CheckpointError) -> Entry {
        guard try reader.unsigned(4) == 0x0201_4B50 else { throw reader.fail("the archive's directory is damaged") }
        _ = try reader.take(6)
        let method = try reader.unsigned(2)
        _ = try reader.take(4)
        let sum = try reader.unsigned(4)
        var stored = Int(try reader.unsigned(4)), size = Int(try reader.unsigned(4))
        let nameLength = Int(try reader.unsigned(2)), extraLength = Int(try reader.unsigned(2)), commentLength = Int(try reader.unsigned(2))
        _ = try reader.take(8)
        var header = Int(try reader.unsigned(4))
        let name = String(decoding: try reader.take(nameLength), as: UTF8.self)
        var extra = ByteReader(path: reader.path, bytes: Array(try reader.take(extraLength)))
        while extra.offset + 4 <= extra.bytes.count {
            let kind = try extra.unsigned(2), length = Int(try extra.unsigned(2))
            guard kind == 1 else {
                guard extra.offset + length <= extra.bytes.count else { break }
                extra.offset += length
                continue
            }
            // Sizes beyond 32 bits stand here, in this order, where the short field is full.
            if size == 0xFFFF_FFFF { size = Int(clamping: try extra.unsigned(8)) }
            if stored == 0xFFFF_FFFF { stored = Int(clamping: try extra.unsigned(8)) }
            if header == 0xFFFF_FFFF { header = Int(clamping: try extra.unsigned(8)) }
            break
        }
        _ = try reader.take(commentLength)
        return Entry(name: name, method: method, sum: sum, stored: stored, size: size, header: header)
    }
}

/// `.npz`: an archive of arrays.
package enum NumpyArchive {
    /// All arrays by name, as 32-bit floats.
    package static func read(_ path: String) throws(CheckpointError) -> [String: Tensor] {
        let archive = try ZipArchive(path: path, bytes: ByteReader.load(path))
        var result: [String: Tensor] = [:]
        for entry in archive.entries where entry.name.hasSuffix(".npy") {
            result[String(entry.name.dropLast(4))] = try NumpyFile.parse(archive.contents(entry), path: path + ":" + entry.name)
        }
        return result
    }
}
