// A baked persona on disk: a cache that is never half written and never believed without its key.
import Base
import Foundation
import Kernels

/// One file: magic and key, sizes, views, the sieve's share, axes of sound, the cells that are not nothing with their rows, the bricks, the torso. Little endian.
enum BakedFieldFile {
    private static let magic = Array("studio baked field 6\n".utf8)
    /// Numbers of an audio code.
    private static let code = AudioNetwork.code
    /// Words before the cells: three counts, views, the sieve's share, mean and axes of the sound. Words of a cell: its index and its row.
    private static let headWords = 10 + (1 + PrincipalAxes.sounds) * code, cellWords = 8

    /// Writes under a temporary name and renames.
    static func write(_ baked: BakedPersona, key: ContentKey, to path: String) throws {
        let field = baked.field, torso = baked.torso?.encoded() ?? Data()
        var head = Data(magic)
        head.append(contentsOf: Array("\(key)\n".utf8))
        func put(_ value: Int32) { withUnsafeBytes(of: value.littleEndian) { head.append(contentsOf: $0) } }
        func put(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { head.append(contentsOf: $0) } }
        let occupied = field.occupied
        put(Int32(field.bricks.count))
        put(Int32(occupied.count))
        put(Int32(torso.count))
        let v = field.views
        for value in [v.middle.x, v.middle.y, v.middle.z, v.distance, v.across, v.over, field.sieve] + field.sounds.mean + field.sounds.rows.flatMap({ $0 }) {
            put(Int32(bitPattern: value.bitPattern))
        }
        for (i, cell) in occupied.enumerated() {
            let row = field.table.pointer[i + 1]
            put(Int32(cell))
            put(row.brick)
            for bits in [row.holds, row.asks, row.asksMoving] { put(bits) }
        }
        let temporary = path + ".part-\(ProcessInfo.processInfo.processIdentifier)"
        do {
            guard FileManager.default.createFile(atPath: temporary, contents: head) else { throw CocoaError(.fileWriteNoPermission) }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
            try file.seekToEnd()
            try file.write(contentsOf: Data(buffer: UnsafeBufferPointer(start: field.bricks.memory.pointer, count: field.bricks.memory.count)))
            try file.write(contentsOf: torso)
            try file.close()
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
        withExtendedLifetime(field) {}
    }

    /// What was baked under `key`; nil where there is none, where it was made from something else, or where the file is damaged.
    static func read(_ path: String, key: ContentKey) -> BakedPersona? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { return nil }
        let name = magic + Array("\(key)\n".utf8)
        guard data.count >= name.count + 4 * headWords, data.prefix(name.count).elementsEqual(name) else { return nil }
        return data.withUnsafeBytes { raw -> BakedPersona? in
            func number(_ index: Int) -> Int32 { Int32(littleEndian: raw.loadUnaligned(fromByteOffset: name.count + 4 * index, as: Int32.self)) }
            func bits(_ index: Int) -> UInt64 { UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: name.count + 4 * index, as: UInt64.self)) }
            let count = Int(number(0)), occupied = Int(number(1)), body = Int(number(2))
            guard count > 0, body >= 0, (0...OccupancyGrid.cellCount).contains(occupied) else { return nil }
            let start = name.count + 4 * (headWords + cellWords * occupied), (size, overflow) = BrickStore.bytes.multipliedReportingOverflow(by: count)
            guard !overflow, raw.count - body == start + size, let base = raw.baseAddress else { return nil }
            var torso: BakedTorso?
            if body > 0 {
                torso = BakedTorso(decoding: UnsafeRawBufferPointer(rebasing: raw[(start + size)...]))
                guard torso != nil else { return nil }
            }
            let values = (3..<headWords).map { Float(bitPattern: UInt32(bitPattern: number($0))) }
            guard values.allSatisfy(\.isFinite), values[4] > 0, values[5] > 0, (0...1).contains(values[6]) else { return nil }
            var views = ViewRange([])
            views.middle = SIMD3(values[0], values[1], values[2])
            (views.distance, views.across, views.over) = (values[3], values[4], values[5])
            let rows = (0...PrincipalAxes.sounds).map { Array(values[(7 + $0 * code)..<(7 + ($0 + 1) * code)]) }
            var cells: [(cell: Int, holds: BakedCell)] = []
            cells.reserveCapacity(occupied)
            for i in 0..<occupied {
                let at = headWords + cellWords * i, cell = Int(number(at))
                var row = BakedCell()
                (row.brick, row.holds, row.asks, row.asksMoving) = (number(at + 1), bits(at + 2), bits(at + 4), bits(at + 6))
                guard (((cells.last?.cell ?? -1) + 1)..<OccupancyGrid.cellCount).contains(cell), (0..<count).contains(Int(row.brick)) else { return nil }
                cells.append((cell, row))
            }
            let bricks = BrickStore(count: count)
            UnsafeMutableRawPointer(bricks.memory.pointer).copyMemory(from: base + start, byteCount: size)
            let field = BakedField(cells, bricks: bricks, views: views, sounds: PrincipalAxes(mean: rows[0], rows: Array(rows.dropFirst())), sieve: values[6])
            return BakedPersona(field: field, torso: torso)
        }
    }
}
