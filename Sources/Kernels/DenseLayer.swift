// Fully connected layers on tiles of samples, structure of arrays: row c of a tile holds channel c of `tileWidth` samples.
import CKernels

/// Rows of a tile are this many samples long: five cache lines, an odd number, so that the rows of one column of samples
/// spread over all sets of the first cache (with 128 samples they share eight sets and layers of 64 inputs run at 60 %).
public let tileWidth = 80

@inline(__always) private func load(_ p: UnsafePointer<Float>) -> Float8 { UnsafeRawPointer(p).loadUnaligned(as: Float8.self) }
@inline(__always) private func store(_ v: Float8, _ p: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: Float8.self)
}

/// y = W x, four outputs by sixteen samples a block; `weights` are packed [outputs/4][inputs][4] (see `packDense`).
///
/// - Parameters:
///   - count: samples, rounded up to a multiple of 16 by the caller (at most `tileWidth`).
///   - rectify: ReLU on the result.
///   - adding: to what `y` already holds.
public func denseForward(_ weights: UnsafePointer<Float>, inputs: Int, outputs: Int, _ x: UnsafePointer<Float>,
                         _ y: UnsafeMutablePointer<Float>, count: Int, rectify: Bool, adding: Bool = false) {
    let zero = Float8(repeating: 0)
    for s in stride(from: 0, to: count, by: 16) {
        for block in 0..<(outputs / 4) {
            var a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero
            let q = y + block * 4 * tileWidth + s
            if adding {
                a0 = load(q); a1 = load(q + 8); b0 = load(q + tileWidth); b1 = load(q + tileWidth + 8)
                c0 = load(q + 2 * tileWidth); c1 = load(q + 2 * tileWidth + 8); d0 = load(q + 3 * tileWidth); d1 = load(q + 3 * tileWidth + 8)
            }
            var w = weights + block * inputs * 4
            var p = x + s
            for _ in 0..<inputs {
                let x0 = load(p), x1 = load(p + 8)
                let wa = Float8(repeating: w[0]), wb = Float8(repeating: w[1])
                a0 = a0.addingProduct(wa, x0); a1 = a1.addingProduct(wa, x1)
                b0 = b0.addingProduct(wb, x0); b1 = b1.addingProduct(wb, x1)
                let wc = Float8(repeating: w[2]), wd = Float8(repeating: w[3])
                c0 = c0.addingProduct(wc, x0); c1 = c1.addingProduct(wc, x1)
                d0 = d0.addingProduct(wd, x0); d1 = d1.addingProduct(wd, x1)
                w += 4
                p += tileWidth
            }
            if rectify {
                a0 = maximum(a0, zero); a1 = maximum(a1, zero); b0 = maximum(b0, zero); b1 = maximum(b1, zero)
                c0 = maximum(c0, zero); c1 = maximum(c1, zero); d0 = maximum(d0, zero); d1 = maximum(d1, zero)
            }
            store(a0, q); store(a1, q + 8)
            store(b0, q + tileWidth); store(b1, q + tileWidth + 8)
            store(c0, q + 2 * tileWidth); store(c1, q + 2 * tileWidth + 8)
            store(d0, q + 3 * tileWidth); store(d1, q + 3 * tileWidth + 8)
        }
    }
}

/// Packs row-major weights [rows][columns] into [outputs/4][inputs][4]; missing rows and columns are zero.
///
/// `column[c]` is the column of the matrix that reads input row c, or −1 for none.
public func packDense(_ matrix: UnsafePointer<Float>, rows: Int, columns: Int, column: [Int], outputs: Int, into packed: UnsafeMutablePointer<Float>) {
    for block in 0..<(outputs / 4) {
        for c in 0..<column.count {
            for k in 0..<4 {
                let r = block * 4 + k
                packed[(block * column.count + c) * 4 + k] = r < rows && column[c] >= 0 ? matrix[r * columns + column[c]] : 0
            }
        }
    }
}

/// Packs the transposed matrix: it turns output gradients into input gradients. Inputs of the product are the matrix's rows
/// (padded to `outputs`), its outputs the tile's input rows (`column`, padded to a multiple of four).
public func packDenseTransposed(_ matrix: UnsafePointer<Float>, rows: Int, columns: Int, column: [Int], outputs: Int, into packed: UnsafeMutablePointer<Float>) {
    let blocks = (column.count + 3) / 4
    for block in 0..<blocks {
        for r in 0..<outputs {
            for k in 0..<4 {
                let c = block * 4 + k
                let source = c < column.count ? column[c] : -1
                packed[(block * outputs + r) * 4 + k] = r < rows && source >= 0 ? matrix[r * columns + source] : 0
            }
        }
    }
}

/// Floats between the samples of a transposed tile, and between the rows of a packed gradient, for `inputs` input rows.
public func paddedInputs(_ inputs: Int) -> Int { (inputs + 15) / 16 * 16 }

/// Turns `inputs` rows of a tile into sample-major order, `paddedInputs` floats a sample. Rows behind the last are read as padding.
public func transposeTile(_ x: UnsafePointer<Float>, inputs: Int, count: Int, into transposed: UnsafeMutablePointer<Float>) {
    sk_transpose(x, tileWidth, paddedInputs(inputs), count, transposed, paddedInputs(inputs))
}

/// gradient[r][c] += Σ over samples of dy[r] · x[c], four rows by sixteen columns a block.
///
/// - Parameters:
///   - outputs: rows of `dy`, a multiple of four.
///   - x: a transposed tile (see `transposeTile`) with `stride` floats a sample; `columns` (a multiple of 16) of them are used.
///   - count: samples; padding samples hold zeros in `dy`.
///   - gradient: packed, `columns` floats a row.
public func denseWeightGradient(_ dy: UnsafePointer<Float>, outputs: Int, _ x: UnsafePointer<Float>, stride pitch: Int, columns: Int, count: Int,
                                into gradient: UnsafeMutablePointer<Float>) {
    for c in stride(from: 0, to: columns, by: 16) {
        for r in stride(from: 0, to: outputs, by: 4) {
            let g = gradient + r * columns + c
            var a0 = load(g), a1 = load(g + 8), b0 = load(g + columns), b1 = load(g + columns + 8)
            var c0 = load(g + 2 * columns), c1 = load(g + 2 * columns + 8), d0 = load(g + 3 * columns), d1 = load(g + 3 * columns + 8)
            var p = x + c
            let da = dy + r * tileWidth, db = da + tileWidth, dc = db + tileWidth, dd = dc + tileWidth
            for s in 0..<count {
                let x0 = load(p), x1 = load(p + 8)
                let wa = Float8(repeating: da[s]), wb = Float8(repeating: db[s])
                a0 = a0.addingProduct(wa, x0); a1 = a1.addingProduct(wa, x1)
                b0 = b0.addingProduct(wb, x0); b1 = b1.addingProduct(wb, x1)
                let wc = Float8(repeating: dc[s]), wd = Float8(repeating: dd[s])
                c0 = c0.addingProduct(wc, x0); c1 = c1.addingProduct(wc, x1)
                d0 = d0.addingProduct(wd, x0); d1 = d1.addingProduct(wd, x1)
                p += pitch
            }
            store(a0, g); store(a1, g + 8)
            store(b0, g + columns); store(b1, g + columns + 8)
            store(c0, g + 2 * columns); store(c1, g + 2 * columns + 8)
            store(d0, g + 3 * columns); store(d1, g + 3 * columns + 8)
        }
    }
}

/// Adds a packed gradient to the gradient of a row-major matrix [rows][columns] whose column `column[c]` reads input row c (−1: none).
public func unpackGradient(_ packed: UnsafePointer<Float>, rows: Int, columns: Int, column: [Int], into gradient: UnsafeMutablePointer<Float>) {
    let pitch = paddedInputs(column.count)
    for r in 0..<rows {
        for (c, target) in column.enumerated() where target >= 0 { gradient[r * columns + target] += packed[r * pitch + c] }
    }
}
