// The face that the mesh's points are numbered on, in centimetres.
import Base
import Foundation
import Tensors

/// 468 points of a face of usual size: x to the viewer's right, y up, z towards the viewer, the origin inside the head.
package struct CanonicalFace: Sendable, Hashable {
    /// Centimetres; the mesh's numbers. The irises of a mesh of 478 points are not among them.
    package let vertices: [SIMD3<Float>]
    package static let count = 468

    private init(_ vertices: [SIMD3<Float>], path: String) throws(CheckpointError) {
        guard vertices.count == Self.count else { throw .wrongShape(path: path, key: "its points", expected: "\(Self.count)", found: [vertices.count]) }
        guard vertices.allSatisfy({ abs($0.x) < 100 && abs($0.y) < 100 && abs($0.z) < 100 }) else { throw .malformed(path: path, at: 0, reason: "its points are no face in centimetres") }
        self.vertices = vertices
    }

    /// Lines `v x y z` of a `canonical_face_model.obj`; everything else in it is passed over.
    package init(objectFile path: String) throws(CheckpointError) {
        let text = String(decoding: try ByteReader.load(path, limit: 4 << 20), as: UTF8.self)
        var vertices: [SIMD3<Float>] = []
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("v ") {
            let numbers = line.dropFirst(2).split(separator: " ").compactMap { Float($0) }
            guard numbers.count >= 3, vertices.count <= Self.count else { throw .malformed(path: path, at: 0, reason: "the line “\(line.prefix(60))” is no point") }
            vertices.append(SIMD3(numbers[0], numbers[1], numbers[2]))
        }
        try self.init(vertices, path: path)
    }

    /// The mesh inside the geometry message of a face model: field 1, whose field 3 has five floats a point (place, and place in a texture).
    init(message bytes: [UInt8], path: String) throws(CheckpointError) {
        let outer = MessageBytes(path: path, bytes: bytes)
        var numbers: [Float] = []
        try outer.fields(0..<bytes.count) { field, range throws(CheckpointError) in
            guard field == 1 else { return }
            try outer.fields(range) { field, range throws(CheckpointError) in
                guard field == 3 else { return }
                guard range.count % 4 == 0, numbers.count + range.count / 4 <= 5 * Self.count else { throw outer.fail(range.lowerBound, "it has more numbers than a face") }
                for at in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
                    numbers.append(Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }))
                }
            }
        }
        guard numbers.count % 5 == 0 else { throw outer.fail(0, "its points do not have five numbers each") }
        try self.init(stride(from: 0, to: numbers.count, by: 5).map { SIMD3(numbers[$0], numbers[$0 + 1], numbers[$0 + 2]) }, path: path)
    }
}

/// A message of tagged fields that nobody vouches for: every length is checked before it is followed.
private struct MessageBytes {
    let path: String
    let bytes: [UInt8]

    func fail(_ at: Int, _ reason: String) -> CheckpointError { .malformed(path: path, at: at, reason: reason) }

    /// Calls with the number and the bytes of every field that has bytes: those with a length, and numbers of four bytes.
    func fields(_ range: Range<Int>, _ body: (Int, Range<Int>) throws(CheckpointError) -> Void) throws(CheckpointError) {
        var at = range.lowerBound
        while at < range.upperBound {
            let tag = try number(&at, range.upperBound)
            guard let field = Int(exactly: tag >> 3), field > 0 else { throw fail(at, "a field without a number") }
            switch tag & 7 {
            case 0: _ = try number(&at, range.upperBound)
            case 1: try skip(&at, 8, range.upperBound)
            case 2:
                let length = try number(&at, range.upperBound), start = at
                guard let size = Int(exactly: length) else { throw fail(at, "a field leads out of the file") }
                try skip(&at, size, range.upperBound)
                try body(field, start..<at)
            case 5:
                let start = at
                try skip(&at, 4, range.upperBound)
                try body(field, start..<at)
            default: throw fail(at, "a field of a kind that is not read")
            }
        }
    }

    private func skip(_ at: inout Int, _ count: Int, _ end: Int) throws(CheckpointError) {
        guard count >= 0, count <= end - at else { throw fail(at, "a field leads out of the file") }
        at += count
    }

    /// A number of seven bits a byte.
    private func number(_ at: inout Int, _ end: Int) throws(CheckpointError) -> UInt64 {
        var value: UInt64 = 0, shift: UInt64 = 0
        while at < end, shift < 64 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
            shift += 7
        }
        throw fail(at, "a number is cut off")
    }
}
