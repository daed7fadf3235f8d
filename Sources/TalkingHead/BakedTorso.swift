// A torso without its network: what most of its pixels show, as a polynomial of the pose.
import Base
import Foundation
import Kernels

/// Pixels of one picture size. Each has premultiplied colour and opacity for every term of the pose; those that no polynomial can say
/// ask the network.
final class BakedTorso: @unchecked Sendable {  // written while it is made or read from a file
    /// Pixels beside one another.
    struct Run: Sendable, Hashable {
        var row: Int32, first: Int32, count: Int32
        /// Numbers of its terms: pixels go in pairs, and the last one may be alone.
        var size: Int { (Int(count) + 1) / 2 * 8 * BakedTorso.terms }
    }
    /// Directions in which key points move, and terms of their coordinates: all up to the second degree.
    static let directions = 3, terms = 1 + directions + directions * (directions + 1) / 2
    /// Numbers of the key points.
    static let points = 6

    let width: Int, height: Int
    let axes: PrincipalAxes
    /// The largest coordinates that the polynomials know.
    let reach: [Float]
    /// What is known, what is asked; in order of rows.
    let runs: [Run], asking: [Run]
    /// Half floats, run after run.
    let values: Buffer<UInt16>
    /// Pixels that ask the network.
    let asks: [Bool]
    /// The first run of each row, and where its numbers begin.
    private let rows: [(run: Int, value: Int)]

    init(width: Int, height: Int, axes: PrincipalAxes, reach: [Float], runs: [Run], asking: [Run], values: consuming Buffer<UInt16>) {
        (self.width, self.height, self.axes, self.reach, self.runs, self.asking) = (width, height, axes, reach, runs, asking)
        self.values = values
        var asks = [Bool](repeating: false, count: width * height), rows: [(run: Int, value: Int)] = []
        for run in asking { for i in 0..<Int(run.count) { asks[Int(run.row) * width + Int(run.first) + i] = true } }
        var value = 0
        for (index, run) in runs.enumerated() {
            while rows.count <= Int(run.row) { rows.append((index, value)) }
            value += run.size
        }
        while rows.count <= height { rows.append((runs.count, value)) }
        (self.asks, self.rows) = (asks, rows)
    }

    /// Factors of the terms for key points; beyond what was recorded the torso stays as it is at the edge.
    func factors(_ keyPoints: [Float]) -> [Float] {
        Self.factors(zip(axes.coordinates(keyPoints), reach).map { min(max($0, -$1), $1) })
    }
    static func factors(_ z: [Float]) -> [Float] {
        [1] + z + z.indices.flatMap { a in z.indices[a...].map { z[a] * z[$0] } }
    }

    /// Puts what it knows of some rows under a picture (premultiplied, four floats a pixel).
    func draw(rows range: Range<Int>, _ factors: [Float], under pixels: UnsafeMutablePointer<Float>) {
        var value = rows[range.lowerBound].value
        for run in runs[rows[range.lowerBound].run..<rows[range.upperBound].run] {
            termsUnder(pixels + 4 * (Int(run.row) * width + Int(run.first)), count: Int(run.count), values.pointer + value, factors: factors)
            value += run.size
        }
    }

    // MARK: bytes

    /// Sizes, axes, runs and numbers, little endian.
    func encoded() -> Data {
        var data = Data()
        func put(_ value: Int32) { withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) } }
        for value in [width, height, runs.count, asking.count, values.count] { put(Int32(value)) }
        for value in axes.mean + axes.rows.flatMap({ $0 }) + reach { put(Int32(bitPattern: value.bitPattern)) }
        for run in runs + asking { for value in [run.row, run.first, run.count] { put(value) } }
        data.append(Data(buffer: UnsafeBufferPointer(start: values.pointer, count: values.count)))
        return data
    }

    /// Nil where the bytes are no torso.
    convenience init?(decoding raw: UnsafeRawBufferPointer) {
        func number(_ index: Int) -> Int { Int(Int32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))) }
        let head = 5 + Self.points * (1 + Self.directions) + Self.directions
        guard raw.count >= 4 * head, let base = raw.baseAddress else { return nil }
        let (width, height, known, asked, numbers) = (number(0), number(1), number(2), number(3), number(4))
        guard (2...16_384).contains(width), (2...16_384).contains(height), known >= 0, asked >= 0, numbers >= 0, known <= width * height, asked <= width * height,
              raw.count == 4 * head + 12 * (known + asked) + 2 * numbers else { return nil }
        let values = (5..<head).map { Float(bitPattern: UInt32(truncatingIfNeeded: number($0))) }
        guard values.allSatisfy(\.isFinite) else { return nil }
        let rows = (0...Self.directions).map { Array(values[($0 * Self.points)..<(($0 + 1) * Self.points)]) }
        let runs = (0..<(known + asked)).map { i in
            Run(row: Int32(number(head + 3 * i)), first: Int32(number(head + 3 * i + 1)), count: Int32(number(head + 3 * i + 2)))
        }
        var row: Int32 = 0, size = 0
        for (index, run) in runs.enumerated() {
            if index == known { row = 0 }
            guard run.row >= row, run.row < height, run.first >= 0, run.count > 0, Int(run.first) + Int(run.count) <= width else { return nil }
            row = run.row
            if index < known { size += run.size }
        }
        guard size == numbers else { return nil }
        let buffer = Buffer<UInt16>(count: numbers)
        UnsafeMutableRawPointer(buffer.pointer).copyMemory(from: base + raw.count - 2 * numbers, byteCount: 2 * numbers)
        self.init(width: width, height: height, axes: PrincipalAxes(mean: rows[0], rows: Array(rows.dropFirst())), reach: Array(values.suffix(Self.directions)),
                  runs: Array(runs.prefix(known)), asking: Array(runs.dropFirst(known)), values: buffer)
    }
}
