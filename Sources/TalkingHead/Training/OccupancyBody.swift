// The occupied cells that belong to the head: crumbs far from it are thrown away.

/// Components of an occupancy grid.
enum OccupancyBody {
    /// The bits of the largest component, and of all that have at least a tenth of its cells. Cells that touch by a side, an
    /// edge or a corner belong together. A crumb in a corner that no training ray met would be drawn with whatever colour the planes hold there.
    static func cleaned(_ bits: [UInt8]) -> [UInt8] {
        let side = OccupancyGrid.side
        func isSet(_ code: Int) -> Bool { bits[code >> 3] & (1 << UInt8(code & 7)) != 0 }
        var label = [Int32](repeating: 0, count: OccupancyGrid.cellCount)
        var sizes: [Int] = [0]
        var open: [Int] = []
        for start in 0..<OccupancyGrid.cellCount where isSet(start) && label[start] == 0 {
            let own = Int32(sizes.count)
            sizes.append(0)
            label[start] = own
            open.append(start)
            while let code = open.popLast() {
                sizes[Int(own)] += 1
                let (x, y, z) = OccupancyGrid.compact(code)
                for dz in -1...1 { for dy in -1...1 { for dx in -1...1 {
                    let (a, b, c) = (x + dx, y + dy, z + dz)
                    guard a >= 0, b >= 0, c >= 0, a < side, b < side, c < side else { continue }
                    let next = OccupancyGrid.morton(a, b, c)
                    if label[next] == 0, isSet(next) {
                        label[next] = own
                        open.append(next)
                    }
                } } }
            }
        }
        let largest = sizes.max() ?? 0
        var result = bits
        for code in label.indices where label[code] != 0 && sizes[Int(label[code])] * 10 < largest { result[code >> 3] &= ~(1 << UInt8(code & 7)) }
        return result
    }
}
