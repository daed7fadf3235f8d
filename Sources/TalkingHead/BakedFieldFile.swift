// A baked field on disk: a cache that is never half written and never believed without its key.
import Base
import Foundation

/// One file: magic and key, sizes and views, the cells that are not nothing, the bricks. Little endian.
enum BakedFieldFile {
    private static let magic = Array("studio baked field 1\n".utf8)

    /// Writes under a temporary name and renames.
    static func write(_ field: BakedField, key: ContentKey, to path: String) throws {
        var head = Data(magic)
        head.append(contentsOf: Array("\(key)\n".utf8))
        func put(_ value: Int32) { withUnsafeBytes(of: value.littleEndian) { head.append(contentsOf: $0) } }
        let occupied = (0..<OccupancyGrid.cellCount).filter { field.cells.pointer[$0] != 0 }
        put(Int32(field.side))
        put(Int32(field.bricks.count))
        put(Int32(occupied.count))
        let v = field.views
        for value in [v.middle.x, v.middle.y, v.middle.z, v.distance, v.across, v.over] { put(Int32(bitPattern: value.bitPattern)) }
        for cell in occupied {
            put(Int32(cell))
            put(field.cells.pointer[cell])
        }
        let temporary = path + ".part-\(ProcessInfo.processInfo.processIdentifier)"
        do {
            guard FileManager.default.createFile(atPath: temporary, contents: head) else { throw CocoaError(.fileWriteNoPermission) }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
            try file.seekToEnd()
            try file.write(contentsOf: Data(buffer: UnsafeBufferPointer(start: field.bricks.pointer, count: field.bricks.count)))
            try file.close()
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
        withExtendedLifetime(field) {}
    }

    /// The field under `key`; nil where there is none, where it was made from something else, or where the file is damaged.
    static func read(_ path: String, key: ContentKey) -> BakedField? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { return nil }
        let name = magic + Array("\(key)\n".utf8)
        guard data.count >= name.count + 36, data.prefix(name.count).elementsEqual(name) else { return nil }
        return data.withUnsafeBytes { raw -> BakedField? in
            func number(_ index: Int) -> Int32 { Int32(littleEndian: raw.loadUnaligned(fromByteOffset: name.count + 4 * index, as: Int32.self)) }
            func float(_ index: Int) -> Float { Float(bitPattern: UInt32(bitPattern: number(index))) }
            let side = Int(number(0)), halves = Int(number(1)), occupied = Int(number(2))
            guard (1...16).contains(side), (0...OccupancyGrid.cellCount).contains(occupied), halves > 0 else { return nil }
            let size = BakedField.corners(side) * BakedField.cornerHalves
            let start = name.count + 4 * (9 + 2 * occupied)
            guard halves % size == 0, raw.count == start + 2 * halves, let base = raw.baseAddress else { return nil }
            let cells = Buffer<Int32>(count: OccupancyGrid.cellCount)
            for i in 0..<occupied {
                let cell = Int(number(9 + 2 * i)), code = number(10 + 2 * i)
                guard (0..<OccupancyGrid.cellCount).contains(cell), code >= -1, Int(code >> 1) < halves / size else { return nil }
                cells.pointer[cell] = code
            }
            let bricks = Buffer<UInt16>(count: halves)
            UnsafeMutableRawPointer(bricks.pointer).copyMemory(from: base + start, byteCount: 2 * halves)
            var views = ViewRange([])
            views.middle = SIMD3(float(3), float(4), float(5))
            (views.distance, views.across, views.over) = (float(6), float(7), float(8))
            let finite = [views.middle.x, views.middle.y, views.middle.z, views.distance, views.across, views.over].allSatisfy(\.isFinite)
            guard finite, views.across > 0, views.over > 0 else { return nil }
            return BakedField(cells: cells, bricks: bricks, side: side, views: views)
        }
    }
}
