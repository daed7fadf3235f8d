// Fully connected layers on tiles of samples, structure of arrays: row c of a tile holds channel c of `stride` samples.

/// Rows of a tile are this many samples long.
public let tileWidth = 128

@inline(__always) private func load(_ p: UnsafePointer<Float>) -> Float8 { UnsafeRawPointer(p).loadUnaligned(as: Float8.self) }
@inline(__always) private func store(_ v: Float8, _ p: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: Float8.self)
}

/// y = W x, four outputs by sixteen samples a block; `weights` are packed [outputs/4][inputs][4] (see `packDense`).
///
/// - Parameters:
///   - count: samples, rounded up to a multiple of 16 by the caller (at most `tileWidth`).
///   - rectify: ReLU on the result.
public func denseForward(_ weights: UnsafePointer<Float>, inputs: Int, outputs: Int, _ x: UnsafePointer<Float>,
                         _ y: UnsafeMutablePointer<Float>, count: Int, rectify: Bool) {
    let zero = Float8(repeating: 0)
    for s in stride(from: 0, to: count, by: 16) {
        for block in 0..<(outputs / 4) {
            var a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero
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
            let q = y + block * 4 * tileWidth + s
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

/// gradient[r][column[c]] += Σ over samples of dy[r] · x[c].
public func denseWeightGradient(_ dy: UnsafePointer<Float>, rows: Int, columns: Int, column: [Int], _ x: UnsafePointer<Float>, count: Int,
                                into gradient: UnsafeMutablePointer<Float>) {
    let zero = Float8(repeating: 0)
    let inputs = column.count
    var r = 0
    while r < rows {
        let r1 = min(r + 1, rows - 1), r2 = min(r + 2, rows - 1), r3 = min(r + 3, rows - 1)
        var c = 0
        while c < inputs {
            let next = min(c + 1, inputs - 1)
            var a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero
            for s in stride(from: 0, to: count, by: 8) {
                let x0 = load(x + c * tileWidth + s), x1 = load(x + next * tileWidth + s)
                let ga = load(dy + r * tileWidth + s), gb = load(dy + r1 * tileWidth + s)
                a0 = a0.addingProduct(ga, x0); a1 = a1.addingProduct(ga, x1)
                b0 = b0.addingProduct(gb, x0); b1 = b1.addingProduct(gb, x1)
                let gc = load(dy + r2 * tileWidth + s), gd = load(dy + r3 * tileWidth + s)
                c0 = c0.addingProduct(gc, x0); c1 = c1.addingProduct(gc, x1)
                d0 = d0.addingProduct(gd, x0); d1 = d1.addingProduct(gd, x1)
            }
            func put(_ row: Int, _ first: Float8, _ second: Float8) {
                guard row < rows else { return }
                if column[c] >= 0 { gradient[row * columns + column[c]] += total(first) }
                if c + 1 < inputs, column[c + 1] >= 0 { gradient[row * columns + column[c + 1]] += total(second) }
            }
            put(r, a0, a1)
            put(r + 1, b0, b1)
            put(r + 2, c0, c1)
            put(r + 3, d0, d1)
            c += 2
        }
        r += 4
    }
}

@inline(__always) private func total(_ v: Float8) -> Float {
    let four = v.lowHalf + v.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
}
