// Where in space the fine network finds anything: what lets a ray skip the rest.
import Base
import Foundation

/// Cells of a box, one bit each, x fastest.
package struct AdNerfGrid: Sendable, Hashable {
    package static let side = 64
    static let cells = side * side * side
    /// Low corner and size of the box, in data set units.
    package let low: SIMD3<Float>, size: SIMD3<Float>
    package var bits: [UInt8]

    package init(low: SIMD3<Float>, size: SIMD3<Float>, bits: [UInt8]) {
        precondition(bits.count == Self.cells / 8, "a grid of 64³ cells")
        (self.low, self.size, self.bits) = (low, size, bits)
    }

    /// From a box of six numbers and kept bits; nil where they do not fit.
    init?(box: [Float], bits: [UInt8]) {
        guard box.count == 6, bits.count == Self.cells / 8 else { return nil }
        self.init(low: SIMD3(box[0], box[1], box[2]), size: SIMD3(box[3], box[4], box[5]), bits: bits)
    }
    package var box: [Float] { [low.x, low.y, low.z, size.x, size.y, size.z] }

    @inline(__always) func isOccupied(_ p: SIMD3<Float>) -> Bool {
        let q = (p - low) / size * Float(Self.side)
        let c = SIMD3<Int32>(q.rounded(.down).clamped(lowerBound: SIMD3(repeating: -1), upperBound: SIMD3(repeating: Float(Self.side))))
        guard all(c .>= 0), all(c .< Int32(Self.side)) else { return false }
        let index = (Int(c.z) * Self.side + Int(c.y)) * Self.side + Int(c.x)
        return bits[index >> 3] & (1 << UInt8(index & 7)) != 0
    }

    package var occupiedShare: Double { Double(bits.reduce(0) { $0 + $1.nonzeroBitCount }) / Double(Self.cells) }

    /// The box that the pictures of some cameras can show between two depths.
    static func box(_ cameras: [AdNerfCamera], near: Float, far: Float) -> (low: SIMD3<Float>, size: SIMD3<Float>) {
        var low = SIMD3<Float>(repeating: .greatestFiniteMagnitude), high = -low
        for camera in cameras {
            for (j, i) in [(0, 0), (0, camera.width - 1), (camera.height - 1, 0), (camera.height - 1, camera.width - 1)] {
                for depth in [near, far] {
                    let p = camera.origin + camera.direction(j, i) * depth
                    (low, high) = (pointwiseMin(low, p), pointwiseMax(high, p))
                }
            }
        }
        return (low, pointwiseMax(high - low, SIMD3(repeating: 1e-3)))
    }

    /// A cell may hold something where the network says so at a place within it for any of the signals, or where a neighbour does.
    /// Less than `faint` of a ray's light lost on the way through a cell counts as nothing.
    static func build(_ network: AdNerfNetwork, _ parameters: [Float], signals: [[Float]], low: SIMD3<Float>, size: SIMD3<Float>, faint: Float = 0.002,
                      budget: ComputeBudget) -> AdNerfGrid {
        let found = Found()
        let step = size / Float(side)
        let limit = -Foundation.log1p(-faint) / (step * step).sum().squareRoot()
        let biases = parameters.withUnsafeBufferPointer { p in signals.compactMap { s in p.baseAddress.map { network.biases($0, signal: s) } } }
        let pool = ScratchPool { AdNerfTape(network.sizes, capacity: side * side, keeps: false) }
        budget.forEach(side) { z in
            let tape = pool.take()
            defer { pool.put(tape) }
            parameters.withUnsafeBufferPointer { p in
                guard let p = p.baseAddress else { return }
                for (s, bias) in biases.enumerated() {
                    let random = SeededRandom(seed: 11, stream: UInt64(s))
                    for i in 0..<side * side {
                        let cell = UInt64(z * side * side + i)
                        let at = SIMD3(Float(i % side) + random.uniform(3 * cell), Float(i / side) + random.uniform(3 * cell + 1), Float(z) + random.uniform(3 * cell + 2))
                        let q = low + at * step
                        (tape.x.pointer[i], tape.y.pointer[i], tape.z.pointer[i]) = (q.x, q.y, q.z)
                    }
                    bias.withUnsafeBufferPointer { b in
                        if let b = b.baseAddress { network.densities(p, biases: b, tape: tape, count: side * side) }
                    }
                    for i in 0..<side * side where tape.density.pointer[i] > limit { found.cells.pointer[z * side * side + i] = 1 }
                }
            }
        }
        return AdNerfGrid(low: low, size: size, bits: packed(found.cells.pointer))
    }

    private final class Found: @unchecked Sendable { let cells = Buffer<UInt8>(count: AdNerfGrid.cells) }  // slices write their own cells

    /// Occupied cells and all that touch them.
    private static func packed(_ cells: UnsafePointer<UInt8>) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: Self.cells / 8)
        let reach = (-1...1).flatMap { z in (-1...1).flatMap { y in (-1...1).map { (z, y, $0) } } }
        for index in 0..<Self.cells where cells[index] != 0 {
            let (x, y, z) = (index % side, index / side % side, index / side / side)
            for (dz, dy, dx) in reach {
                let (a, b, c) = (x + dx, y + dy, z + dz)
                guard a >= 0, b >= 0, c >= 0, a < side, b < side, c < side else { continue }
                let neighbour = (c * side + b) * side + a
                bits[neighbour >> 3] |= 1 << UInt8(neighbour & 7)
            }
        }
        return bits
    }
}
