// Which pixels of a picture need rays: a lattice first, then those between it whose neighbours disagree.
import Base
import Kernels

/// The passes of a picture. Each one lies in the middle between pixels of earlier ones.
enum PicturePass: Sendable, Equatable {
    /// Every `spacing`-th pixel of every `spacing`-th row.
    case lattice(spacing: Int)
    /// Between four pixels `half` rows and columns away.
    case middles(half: Int)
    /// Between two pixels of a row and two of a column, `half` away.
    case edges(half: Int)

    /// A lattice of `spacing` (a power of two) and what fills it.
    static func all(spacing: Int) -> [PicturePass] {
        var passes = [PicturePass.lattice(spacing: spacing)], half = spacing / 2
        while half > 0 {
            passes += [.middles(half: half), .edges(half: half)]
            half /= 2
        }
        return passes
    }

    /// Pixels between those of the lattice, or across a middle or an edge: a block whose corner is a multiple of it has whole patterns.
    var period: Int {
        switch self {
        case .lattice(let spacing): spacing
        case .middles(let half), .edges(let half): 2 * half
        }
    }

    /// Calls for the rows of a pass in a block: the first of its columns in that row, `period` apart.
    @inline(__always)
    func forEachRow(_ rows: Range<Int>, from column: Int, _ body: (_ row: Int, _ column: Int) -> Void) {
        switch self {
        case .lattice(let spacing): for j in stride(from: rows.lowerBound, to: rows.upperBound, by: spacing) { body(j, column) }
        case .middles(let half): for j in stride(from: rows.lowerBound + half, to: rows.upperBound, by: 2 * half) { body(j, column + half) }
        case .edges(let half):
            for j in stride(from: rows.lowerBound, to: rows.upperBound, by: 2 * half) { body(j, column + half) }
            for j in stride(from: rows.lowerBound + half, to: rows.upperBound, by: 2 * half) { body(j, column) }
        }
    }

    /// Pixels to the neighbours of earlier passes: two of them, whose opposites lie on the other side. Nil where there are none.
    func neighbours(width: Int) -> (reach: Int, a: Int, b: Int)? {
        switch self {
        case .lattice: nil
        case .middles(let half): (half, half * width + half, half * width - half)
        case .edges(let half): (half, half * width, half)
        }
    }
}

/// Which pixels of a picture are seen by a ray, and which lie between them.
struct PictureSieve {
    let width: Int, height: Int
    /// Neighbours that differ by more than `edge` have an edge between them; where the means of both pairs differ by more than `bend`, the surface bends.
    private let edge: Float, bend: Float
    /// Side of the blocks that rays come in, and rows of a band of them: what they look at lies close together.
    static let block = 16

    /// - Parameter share: of 12 levels for edges and 3 for bends: what smooth shading tells from noise and texture.
    init(width: Int, height: Int, share: Float = 1) {
        (self.width, self.height) = (width, height)
        (edge, bend) = (share * 12 / 255, share * 3 / 255)
    }

    /// Gives the pixels of a pass in a band of blocks the mean of their neighbours where these agree.
    ///
    /// - Parameter taken: samples of each pixel's ray. A pixel between others counts as one of them, one that needs a ray as none.
    /// - Returns: the numbers of the others, where anything can be seen at all.
    func sift(_ pass: PicturePass, band: Int, _ depths: DepthTiles, _ pixels: UnsafeMutablePointer<Float>, taken: UnsafeMutablePointer<UInt8>) -> [Int32] {
        let rows = (band * Self.block)..<min((band + 1) * Self.block, height)
        return [Int32](unsafeUninitializedCapacity: rows.count * width) { wanted, count in
            guard let wanted = wanted.baseAddress else { return }
            for left in stride(from: 0, to: width, by: Self.block) {
                for tile in stride(from: left, to: min(left + Self.block, width), by: DepthTiles.side) {
                    for top in stride(from: rows.lowerBound, to: rows.upperBound, by: DepthTiles.side) where depths.range(top, tile) != nil {
                        let end = min(tile + DepthTiles.side, width)
                        pass.forEachRow(top..<min(top + DepthTiles.side, rows.upperBound), from: tile) { row, column in
                            count += sift(pass, row, column..<max(end, column), pixels, taken, wanted + count)
                        }
                    }
                }
            }
        }
    }

    /// Pixels of one row, `period` apart; those at the edge of the picture have no neighbours on all sides.
    @inline(__always)
    private func sift(_ pass: PicturePass, _ row: Int, _ columns: Range<Int>, _ pixels: UnsafeMutablePointer<Float>, _ taken: UnsafeMutablePointer<UInt8>,
                      _ wanted: UnsafeMutablePointer<Int32>) -> Int {
        let first = row * width
        var column = columns.lowerBound, found = 0
        func want(until end: Int) {
            while column < end {
                wanted[found] = Int32(truncatingIfNeeded: first + column)
                found += 1
                column += pass.period
            }
        }
        if let (reach, a, b) = pass.neighbours(width: width), row >= reach, row + reach < height {
            want(until: min(reach, columns.upperBound))
            let count = max((min(columns.upperBound, width - reach) - column + pass.period - 1) / pass.period, 0)
            for k in 0..<count { taken[first + column + k * pass.period] = taken[first + column + k * pass.period - a] }
            found += between(pixels, first: first + column, step: pass.period, count: count, a: a, b: b, edge: edge, bend: bend, wanted: wanted + found)
            column += count * pass.period
        }
        want(until: columns.upperBound)
        for k in 0..<found { taken[Int(wanted[k])] = 0 }
        return found
    }
}
