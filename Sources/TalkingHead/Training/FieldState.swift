// The numbers that training changes: parameters, density grid, counters.
import Base
import Engines
import Foundation
import Tensors

/// Initial values of a new field (engine specification, 1.4, 1.6 and the library's defaults for linear layers).
enum FieldInitialisation {
    static func block(_ layout: ParameterLayout, seed: UInt64) -> [Float] {
        var values = [Float](repeating: 0, count: layout.total)
        for (index, slot) in layout.slots.enumerated() {
            let random = SeededRandom(seed: seed, stream: UInt64(index) &+ 1)
            for i in 0..<slot.count { values[slot.offset + i] = value(slot, random, UInt64(i)) }
        }
        return values
    }

    private static func value(_ slot: ParameterLayout.Slot, _ random: SeededRandom, _ i: UInt64) -> Float {
        if slot.key.hasSuffix("embeddings") { return random.uniform(i, -1e-4, 1e-4) }
        if slot.key.hasPrefix("individual_codes") { return 0.1 * random.normal(i) }
        if slot.key == "anchor_points" {
            let anchors: [Float] = [0.01, 0.01, 0.1, 1, -0.1, -0.1, 0.1, 1, 0.1, -0.1, 0.1, 1]
            return anchors[Int(i)]
        }
        // Uniform within 1/√(inputs), as the original framework fills linear and convolutional layers.
        let inputs = slot.shape.count > 1 ? slot.shape.dropFirst().reduce(1, *) : 32
        let limit = 1 / Float(max(inputs, 1)).squareRoot()
        return random.uniform(i, -limit, limit)
    }
}

/// The density grid behind the occupancy bits: −1 marks cells that no camera needs (engine specification, 2.5).
final class DensityGrid: @unchecked Sendable {  // bands write their own cells
    var density: [Float]
    private(set) var bits: [UInt8]
    /// Morton codes of the cells that may be occupied.
    let live: [Int32]
    /// How much light lately reached a cell: what lies behind the skin is never seen and need not be sampled.
    private(set) var light: [Float]
    private(set) var mean: Float = 0

    /// Keeps the cells that `isPossible`; they count as occupied until they are looked at.
    init(isPossible: (SIMD3<Float>) -> Bool) {
        density = [Float](repeating: -1, count: OccupancyGrid.cellCount)
        light = [Float](repeating: 1, count: OccupancyGrid.cellCount)
        var cells: [Int32] = []
        for z in 0..<128 { for y in 30..<98 { for x in 0..<128 {
            if isPossible(Self.center(x, y, z)) { cells.append(Int32(OccupancyGrid.morton(x, y, z))) }
        } } }
        cells.sort()
        live = cells
        for cell in cells { density[Int(cell)] = 30 }
        bits = [UInt8](repeating: 0, count: OccupancyGrid.cellCount / 8)
        refresh()
    }

    /// The bits while nobody writes them.
    func withBits<T>(_ body: (UnsafePointer<UInt8>) throws(EngineError) -> T) throws(EngineError) -> T {
        let result: Result<T, EngineError> = bits.withUnsafeBufferPointer { p in
            guard let base = p.baseAddress else { return .failure(.badInput("the occupancy grid is empty")) }
            do throws(EngineError) { return .success(try body(base)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Takes kept values; false where they are not of this grid.
    func restore(density: [Float], light: [Float]) -> Bool {
        guard density.count == OccupancyGrid.cellCount, light.count == OccupancyGrid.cellCount else { return false }
        (self.density, self.light) = (density, light)
        refresh()
        return true
    }

    static func center(_ x: Int, _ y: Int, _ z: Int) -> SIMD3<Float> {
        (SIMD3(Float(x), Float(y), Float(z)) * 2 + 1) / 128 - 1
    }

    /// Cells above min(mean, 10) are occupied, where they or a neighbour were seen lately.
    func refresh() {
        var sum: Double = 0
        for cell in live { sum += Double(max(density[Int(cell)], 0)) }
        mean = Float(sum / Double(OccupancyGrid.cellCount))
        let threshold = min(mean, 10)
        for i in bits.indices { bits[i] = 0 }
        for cell in live where density[Int(cell)] > threshold && isSeen(Int(cell)) { bits[Int(cell) >> 3] |= 1 << UInt8(cell & 7) }
    }

    private static let dark: Float = 0.05

    private func isSeen(_ cell: Int) -> Bool {
        if light[cell] > Self.dark { return true }
        let (x, y, z) = OccupancyGrid.compact(cell)
        for (dx, dy, dz) in Self.neighbours {
            let (a, b, c) = (x + dx, y + dy, z + dz)
            if a >= 0, b >= 0, c >= 0, a < 128, b < 128, c < 128, light[OccupancyGrid.morton(a, b, c)] > Self.dark { return true }
        }
        return false
    }

    private static let neighbours = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]

    /// Light that reached the sampled cells of a step.
    func see(_ cells: UnsafePointer<Int32>, _ values: UnsafePointer<Float>, count: Int) {
        for i in 0..<count { light[Int(cells[i])] = max(light[Int(cells[i])], values[i]) }
    }

    /// Takes new densities of some cells, their six neighbours included.
    func update(_ cells: [Int32], _ values: [Float], keep: Float) {
        for (cell, value) in zip(cells, values) {
            let index = Int(cell)
            density[index] = max(density[index] * keep, value)
        }
        for (cell, value) in zip(cells, values) where value > 1 {
            let (x, y, z) = OccupancyGrid.compact(Int(cell))
            for (dx, dy, dz) in Self.neighbours {
                let (a, b, c) = (x + dx, y + dy, z + dz)
                guard a >= 0, b >= 0, c >= 0, a < 128, b < 128, c < 128 else { continue }
                let neighbour = OccupancyGrid.morton(a, b, c)
                if density[neighbour] >= 0 { density[neighbour] = max(density[neighbour], value * keep) }
            }
        }
        for cell in live { light[Int(cell)] *= 0.96 }
        refresh()
    }
}
