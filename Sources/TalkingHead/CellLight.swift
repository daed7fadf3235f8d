// How much light reaches the cells of a head: what is seen at all, and how well.
import Base

/// Index of all three: `BakedField.cell`.
final class CellLight: @unchecked Sendable {  // one thread at a time
    /// The most that reached a cell; sum of squares, and number, of what was worth following.
    let most = Buffer<Float>(count: OccupancyGrid.cellCount), squares = Buffer<Float>(count: OccupancyGrid.cellCount), count = Buffer<Float>(count: OccupancyGrid.cellCount)

    @inline(__always)
    func add(_ light: Float, _ cell: Int) {
        most.pointer[cell] = max(most.pointer[cell], light)
        guard light > BakedField.opaque else { return }
        squares.pointer[cell] += light * light
        count.pointer[cell] += 1
    }

    func merge(_ other: CellLight) {
        for i in 0..<OccupancyGrid.cellCount {
            most.pointer[i] = max(most.pointer[i], other.most.pointer[i])
            squares.pointer[i] += other.squares.pointer[i]
            count.pointer[i] += other.count.pointer[i]
        }
    }

    /// Mean of the squares of the light at a cell's samples.
    func mean(_ cell: Int) -> Float { squares.pointer[cell] / max(count.pointer[cell], 1) }
}
