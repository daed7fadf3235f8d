// Between which depths the rays of a part of the picture can meet anything at all.
import Base

/// Depth bounds of blocks of pixels, from the occupied blocks of the grid: empty space before and behind the head costs nothing.
/// Bounds are generous: a ray that starts at its bound meets the same samples as one that starts at the box.
struct DepthTiles {
    static let side = 8
    let columns: Int
    private let near: [Float]
    private var far: [Float]

    /// As far as both reach.
    func until(_ other: DepthTiles) -> DepthTiles {
        var result = self
        for i in far.indices { result.far[i] = min(far[i], other.far[i]) }
        return result
    }

    /// Depths along the rays through pixel (row, column), or nil where nothing is.
    @inline(__always) func range(_ row: Int, _ column: Int) -> (near: Float, far: Float)? {
        let i = row / Self.side * columns + column / Self.side
        return near[i] <= far[i] ? (near[i], far[i]) : nil
    }

    init(_ blocks: [SIMD3<Float>], camera: RayCamera) {
        columns = (camera.width + Self.side - 1) / Self.side
        let rows = (camera.height + Self.side - 1) / Self.side
        var near = [Float](repeating: .greatestFiniteMagnitude, count: columns * rows), far = [Float](repeating: 0, count: columns * rows)
        // The sphere around a block of four cells.
        let radius = OccupancyBlocks.halfSide * Float(3).squareRoot() * 1.01
        for center in blocks {
            let v = center - camera.origin
            let distance = (v * v).sum().squareRoot()
            let z = camera.rows[0].z * v.x + camera.rows[1].z * v.y + camera.rows[2].z * v.z
            // A block beside or behind the camera is seen by every ray.
            var (top, bottom, left, right) = (0, rows - 1, 0, columns - 1)
            if z > 2 * radius {
                let x = camera.rows[0].x * v.x + camera.rows[1].x * v.y + camera.rows[2].x * v.z
                let y = camera.rows[0].y * v.x + camera.rows[1].y * v.y + camera.rows[2].y * v.z
                // Every point of the sphere is at least this deep, so its picture stays within these bounds.
                let u = camera.center.x + camera.focal.x * x / z, w = camera.center.y + camera.focal.y * y / z
                let spread = SIMD2(abs(x), abs(y)) / z + 1
                let du = camera.focal.x * spread.x * radius / (z - radius) + 2, dv = camera.focal.y * spread.y * radius / (z - radius) + 2
                guard u + du >= 0, w + dv >= 0, u - du < Float(camera.width), w - dv < Float(camera.height) else { continue }
                left = Int(max(u - du, 0)) / Self.side
                right = Int(min(u + du, Float(camera.width - 1))) / Self.side
                top = Int(max(w - dv, 0)) / Self.side
                bottom = Int(min(w + dv, Float(camera.height - 1))) / Self.side
            }
            for row in top...bottom {
                for i in (row * columns + left)...(row * columns + right) {
                    near[i] = min(near[i], distance - radius)
                    far[i] = max(far[i], distance + radius)
                }
            }
        }
        self.near = near
        self.far = far
    }
}

/// The occupied blocks of 4³ cells of a grid.
enum OccupancyBlocks {
    static let halfSide: Float = 4.0 / 128

    /// Of cells, index (x · 128 + z) · 128 + y.
    static func centers(_ cells: Set<Int>) -> [SIMD3<Float>] {
        var blocks = Set<Int>()
        for cell in cells { blocks.insert(((cell >> 16) << 10) | ((cell >> 9 & 31) << 5) | (cell >> 2 & 31)) }
        return blocks.sorted().map { (block: Int) -> SIMD3<Float> in
            let corner = SIMD3<Int>(block >> 10, block & 31, block >> 5 & 31)
            return (SIMD3<Float>(corner) * 4 + 2) / 64 - 1
        }
    }

    static func centers(_ bits: [UInt8]) -> [SIMD3<Float>] {
        // 64 cells that follow one another in Morton order are a block.
        (0..<(OccupancyGrid.cellCount / 64)).compactMap { block in
            guard (0..<8).contains(where: { bits[block * 8 + $0] != 0 }) else { return nil }
            let (x, y, z) = OccupancyGrid.compact(block * 64)
            return (SIMD3(Float(x), Float(y), Float(z)) + 2) / 64 - 1
        }
    }
}
