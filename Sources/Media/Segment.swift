// Encoded stretches of a film on disk: what an interrupted render keeps.
import Base
import CFFmpeg
import Foundation
import Imaging

/// The layout of a segment file: a head (8 bytes of name, 16 of key), packets (pts, dts, duration as 8 bytes each, flags and
/// size as 4 each, then the bytes), a tail (4 bytes each of picture and packet count, 8 of checksum, 8 of name). Little endian.
private enum SegmentLayout {
    static let head = Array("STSEG01\n".utf8)
    static let tail = Array("STSEGEND".utf8)
    static let tailSize = 24
    static let packetHead = 32
    static let mostPacket = 1 << 28
}

/// Sum over the bytes of a segment, in eight-byte words.
private struct SegmentSum {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var at = 0
        while at + 8 <= bytes.count {
            value = (value ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0x0000_0100_0000_01B3
            value ^= value >> 31
            at += 8
        }
        while at < bytes.count { value = (value ^ UInt64(bytes[at])) &* 0x0000_0100_0000_01B3; at += 1 }
    }
}

/// Encodes some pictures to a file that appears under its name only when it is whole. One owner at a time.
package final class SegmentWriter {
    private let path: String
    private let temporary: String
    private let encoder: VideoEncoder
    private let file: UnsafeMutablePointer<FILE>
    private var packets = 0
    private var sum = SegmentSum()
    private var isOpen = true

    /// `film` is the path of the film that the segment will be a part of: its container decides how the codec's set-up is kept.
    package init(path: String, film: String, key: ContentKey, settings: VideoSettings) throws(MediaError) {
        self.path = path
        temporary = path + ".part"
        encoder = try VideoEncoder(path: film, settings: settings, globalHeader: Self.wantsGlobalHeader(film))
        guard let file = fopen(temporary, "wb") else { throw AtomicFile.refusal(path) }
        self.file = file
        try put(SegmentLayout.head)
        try put(Self.bytes(key.high) + Self.bytes(key.low))
    }
    deinit { if isOpen { discard() } }

    private static func wantsGlobalHeader(_ film: String) -> Bool {
        guard let format = av_guess_format(nil, film, nil) else { return true }
        return format.pointee.flags & AVFMT_GLOBALHEADER != 0
    }

    package func write(_ frame: Frame) throws(MediaError) {
        try encoder.write(frame) { packet throws(MediaError) in try self.put(packet) }
    }

    /// Ends the segment and gives it its name.
    package func finish() throws(MediaError) {
        try encoder.finish { packet throws(MediaError) in try self.put(packet) }
        try put(Self.bytes(UInt32(clamping: encoder.frames)) + Self.bytes(UInt32(clamping: packets)))
        try put(Self.bytes(sum.value) + SegmentLayout.tail)
        guard fflush(file) == 0 else { throw AtomicFile.refusal(path) }
        fclose(file)
        isOpen = false
        guard rename(temporary, path) == 0 else {
            let refusal = AtomicFile.refusal(path)
            unlink(temporary)
            throw refusal
        }
    }

    /// Throws the unfinished segment away.
    package func cancel() { if isOpen { discard() } }

    private func discard() {
        fclose(file)
        unlink(temporary)
        isOpen = false
    }

    private static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] { (0..<MemoryLayout<T>.size).map { UInt8(truncatingIfNeeded: value >> (8 * T($0))) } }

    private func put(_ packet: UnsafeMutablePointer<AVPacket>) throws(MediaError) {
        let p = packet.pointee
        let dts = p.dts == sk_no_pts() ? p.pts : p.dts
        try put(Self.bytes(p.pts) + Self.bytes(dts) + Self.bytes(p.duration) + Self.bytes(p.flags) + Self.bytes(p.size))
        try put(UnsafeRawBufferPointer(start: p.data, count: Int(p.size)))
        packets += 1
    }
    private func put(_ list: [UInt8]) throws(MediaError) {
        let code: Result<Void, MediaError> = list.withUnsafeBytes { bytes in
            do throws(MediaError) { return .success(try put(bytes)) } catch { return .failure(error) }
        }
        try code.get()
    }
    private func put(_ bytes: UnsafeRawBufferPointer) throws(MediaError) {
        if fwrite(bytes.baseAddress, 1, bytes.count, file) != bytes.count { throw AtomicFile.refusal(path) }
        sum.add(bytes)
    }
}

/// A finished segment.
package struct SegmentReader: Sendable {
    package let path: String
    package let frameCount: Int
    /// How many pictures the coding order runs ahead of the order on screen.
    package let delay: Int
    private let packetCount: Int

    /// nil: there is no such file, it is not whole, or it holds something else than `key`; without a key anything goes. Every
    /// byte is looked at.
    package init?(path: String, key: ContentKey?) {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        guard size >= 24 + SegmentLayout.tailSize else { return nil }
        fseek(file, 0, SEEK_SET)
        let head = Self.take(file, 24)
        guard head.count == 24, Array(head.prefix(8)) == SegmentLayout.head else { return nil }
        if let key { guard Self.word(head, 8) == key.high, Self.word(head, 16) == key.low else { return nil } }
        var sum = SegmentSum()
        var left = size - 24 - SegmentLayout.tailSize
        head.prefix(8).withUnsafeBytes { sum.add($0) }
        head.suffix(16).withUnsafeBytes { sum.add($0) }
        var number: Int64 = 0, delay: Int64 = 0
        // The sum was made piece by piece as they were written: heads and bodies of packets.
        while left > 0 {
            let start = Self.take(file, SegmentLayout.packetHead)
            guard start.count == SegmentLayout.packetHead else { return nil }
            let count = Int(Int32(truncatingIfNeeded: Self.word(start, 24) >> 32))
            guard count >= 0, count <= SegmentLayout.mostPacket, left >= SegmentLayout.packetHead + count else { return nil }
            let body = Self.take(file, count)
            guard body.count == count else { return nil }
            start.withUnsafeBytes { sum.add($0) }
            body.withUnsafeBytes { sum.add($0) }
            left -= SegmentLayout.packetHead + count
            delay = max(delay, number &- Int64(bitPattern: Self.word(start, 0)))
            number += 1
        }
        let tail = Self.take(file, SegmentLayout.tailSize)
        guard tail.count == SegmentLayout.tailSize, Array(tail.suffix(8)) == SegmentLayout.tail else { return nil }
        tail.prefix(8).withUnsafeBytes { sum.add($0) }
        guard Self.word(tail, 8) == sum.value else { return nil }
        self.path = path
        self.delay = Int(delay)
        frameCount = Int(UInt32(truncatingIfNeeded: Self.word(tail, 0)))
        packetCount = Int(Self.word(tail, 0) >> 32)
    }

    private static func take(_ file: UnsafeMutablePointer<FILE>, _ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in filled = fread(buffer.baseAddress, 1, count, file) }
    }
    private static func word(_ bytes: [UInt8], _ at: Int) -> UInt64 { (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[at + $1]) << (8 * UInt64($1)) } }

    /// Hands over every packet in coding order, in the encoder's time base; the receiver may change it. `delay` is that of the
    /// whole film: with it the decoding times of all segments go on without a gap, however short a segment is.
    func packets(delay: Int, _ receive: VideoEncoder.Receiver) throws(MediaError) {
        guard let file = fopen(path, "rb") else { throw .unreadable(path: path, reason: "a finished segment went away") }
        defer { fclose(file) }
        guard let packet = NativePacket() else { throw .unreadable(path: path, reason: "no memory") }
        fseek(file, 24, SEEK_SET)
        for number in 0..<packetCount {
            let head = Self.take(file, SegmentLayout.packetHead)
            guard head.count == SegmentLayout.packetHead else { throw .unreadable(path: path, reason: "a finished segment is cut off") }
            let count = Int32(truncatingIfNeeded: Self.word(head, 24) >> 32)
            guard count >= 0, count <= SegmentLayout.mostPacket, av_new_packet(packet.pointer, count) >= 0 else { throw .unreadable(path: path, reason: "a finished segment is damaged") }
            defer { av_packet_unref(packet.pointer) }
            guard fread(packet.pointer.pointee.data, 1, Int(count), file) == Int(count) else { throw .unreadable(path: path, reason: "a finished segment is cut off") }
            packet.pointer.pointee.pts = Int64(bitPattern: Self.word(head, 0))
            packet.pointer.pointee.dts = packetCount == frameCount ? Int64(number - delay) : Int64(bitPattern: Self.word(head, 8))
            packet.pointer.pointee.duration = Int64(bitPattern: Self.word(head, 16))
            packet.pointer.pointee.flags = Int32(truncatingIfNeeded: Self.word(head, 24))
            try receive(packet.pointer)
        }
    }
}
