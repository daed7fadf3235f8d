// Fully connected layers on tiles of samples, structure of arrays: row c of a tile holds channel c of `tileWidth` samples.
import CKernels

/// Rows of a tile are this many samples long: five cache lines, an odd number, so that the rows of one column of samples
/// spread over all sets of the first cache (with 128 samples they share eight sets and layers of 64 inputs run at 60 %).
public let tileWidth = 80

@inline(__always) private func load(_ p: UnsafePointer<Float>) -> Float8 { UnsafeRawPointer(p).loadUnaligned(as: Float8.self) }
@inline(__always) private func store(_ v: Float8, _ p: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: Float8.self)
}

/// How the outputs of a layer, a multiple of four, stand in blocks: those of six, of five, of four.
///
/// Six outputs by sixteen samples are twelve sums at once, five are ten. Eight would be just what two multiply-adds a cycle with four cycles of
/// latency need: whatever holds one of them up is lost. So blocks of four are only for layers of four and eight outputs.
private struct OutputBlocks {
    let sixes: Int, fives: Int, fours: Int
    init(_ outputs: Int) {
        let wanted = (6 - outputs % 6) % 6
        fives = 5 * wanted <= outputs ? wanted : 0
        sixes = fives == wanted ? (outputs - 5 * fives) / 6 : 0
        fours = (outputs - 6 * sixes - 5 * fives) / 4
    }
    /// The same for the loops with sixteen lanes.
    var counts: sk_blocks { sk_blocks(sixes: Int32(sixes), fives: Int32(fives), fours: Int32(fours)) }
    /// First output and size of each block.
    var all: [(first: Int, size: Int)] {
        let sizes = Array(repeating: 6, count: sixes) + Array(repeating: 5, count: fives) + Array(repeating: 4, count: fours)
        var first = 0
        return sizes.map { size in
            defer { first += size }
            return (first, size)
        }
    }
}

/// y = W x, four to six outputs by sixteen samples a block (with sixteen lanes by 48 or 32: `sk_dense_forward`); `weights` are packed block by block, [inputs][outputs of the block] (see `packDense`).
///
/// - Parameters:
///   - count: samples, rounded up to a multiple of 16 by the caller (at most `tileWidth`).
///   - rectify: ReLU on the result.
///   - adding: to what `y` already holds.
public func denseForward(_ weights: UnsafePointer<Float>, inputs: Int, outputs: Int, _ x: UnsafePointer<Float>,
                         _ y: UnsafeMutablePointer<Float>, count: Int, rectify: Bool, adding: Bool = false) {
    let blocks = OutputBlocks(outputs)
    if Lanes.current == .sixteen {
        withUnsafePointer(to: blocks.counts) { sk_dense_forward(weights, inputs, $0, x, y, count, rectify ? 1 : 0, adding ? 1 : 0) }
        return
    }
    for s in stride(from: 0, to: count, by: 16) {
        var w = weights, q = y + s
        for _ in 0..<blocks.sixes {
            sixOutputs(w, inputs, x + s, q, rectify, adding)
            w += 6 * inputs
            q += 6 * tileWidth
        }
        for _ in 0..<blocks.fives {
            fiveOutputs(w, inputs, x + s, q, rectify, adding)
            w += 5 * inputs
            q += 5 * tileWidth
        }
        for _ in 0..<blocks.fours {
            fourOutputs(w, inputs, x + s, q, rectify, adding)
            w += 4 * inputs
            q += 4 * tileWidth
        }
    }
}

@inline(__always) private func finished(_ v: Float8, _ rectify: Bool) -> Float8 { rectify ? maximum(v, Float8(repeating: 0)) : v }

@inline(__always)
private func sixOutputs(_ weights: UnsafePointer<Float>, _ inputs: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rectify: Bool, _ adding: Bool) {
    let zero = Float8(repeating: 0)
    var a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero, e0 = zero, e1 = zero, f0 = zero, f1 = zero
    let yb = y + tileWidth, yc = yb + tileWidth, yd = yc + tileWidth, ye = yd + tileWidth, yf = ye + tileWidth
    if adding {
        a0 = load(y); a1 = load(y + 8); b0 = load(yb); b1 = load(yb + 8); c0 = load(yc); c1 = load(yc + 8)
        d0 = load(yd); d1 = load(yd + 8); e0 = load(ye); e1 = load(ye + 8); f0 = load(yf); f1 = load(yf + 8)
    }
    @inline(__always) func step(_ w: UnsafePointer<Float>, _ p: UnsafePointer<Float>) {
        let x0 = load(p), x1 = load(p + 8)
        let wa = Float8(repeating: w[0]), wb = Float8(repeating: w[1])
        a0 = a0.addingProduct(wa, x0); a1 = a1.addingProduct(wa, x1)
        b0 = b0.addingProduct(wb, x0); b1 = b1.addingProduct(wb, x1)
        let wc = Float8(repeating: w[2]), wd = Float8(repeating: w[3])
        c0 = c0.addingProduct(wc, x0); c1 = c1.addingProduct(wc, x1)
        d0 = d0.addingProduct(wd, x0); d1 = d1.addingProduct(wd, x1)
        let we = Float8(repeating: w[4]), wf = Float8(repeating: w[5])
        e0 = e0.addingProduct(we, x0); e1 = e1.addingProduct(we, x1)
        f0 = f0.addingProduct(wf, x0); f1 = f1.addingProduct(wf, x1)
    }
    var w = weights, p = x, left = inputs
    // Four inputs at a time: what counts and jumps takes the place of multiply-adds where the processor's other half is busy too.
    while left >= 4 {
        step(w, p)
        step(w + 6, p + tileWidth)
        step(w + 12, p + 2 * tileWidth)
        step(w + 18, p + 3 * tileWidth)
        w += 24
        p += 4 * tileWidth
        left &-= 4
    }
    while left > 0 {
        step(w, p)
        w += 6
        p += tileWidth
        left &-= 1
    }
    store(finished(a0, rectify), y); store(finished(a1, rectify), y + 8)
    store(finished(b0, rectify), yb); store(finished(b1, rectify), yb + 8)
    store(finished(c0, rectify), yc); store(finished(c1, rectify), yc + 8)
    store(finished(d0, rectify), yd); store(finished(d1, rectify), yd + 8)
    store(finished(e0, rectify), ye); store(finished(e1, rectify), ye + 8)
    store(finished(f0, rectify), yf); store(finished(f1, rectify), yf + 8)
}

@inline(__always)
private func fiveOutputs(_ weights: UnsafePointer<Float>, _ inputs: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rectify: Bool, _ adding: Bool) {
    let zero = Float8(repeating: 0)
    var a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero, e0 = zero, e1 = zero
    let yb = y + tileWidth, yc = yb + tileWidth, yd = yc + tileWidth, ye = yd + tileWidth
    if adding {
        a0 = load(y); a1 = load(y + 8); b0 = load(yb); b1 = load(yb + 8); c0 = load(yc); c1 = load(yc + 8)
        d0 = load(yd); d1 = load(yd + 8); e0 = load(ye); e1 = load(ye + 8)
    }
    @inline(__always) func step(_ w: UnsafePointer<Float>, _ p: UnsafePointer<Float>) {
        let x0 = load(p), x1 = load(p + 8)
        let wa = Float8(repeating: w[0]), wb = Float8(repeating: w[1])
        a0 = a0.addingProduct(wa, x0); a1 = a1.addingProduct(wa, x1)
        b0 = b0.addingProduct(wb, x0); b1 = b1.addingProduct(wb, x1)
        let wc = Float8(repeating: w[2]), wd = Float8(repeating: w[3])
        c0 = c0.addingProduct(wc, x0); c1 = c1.addingProduct(wc, x1)
        d0 = d0.addingProduct(wd, x0); d1 = d1.addingProduct(wd, x1)
        let we = Float8(repeating: w[4])
        e0 = e0.addingProduct(we, x0); e1 = e1.addingProduct(we, x1)
    }
    var w = weights, p = x, left = inputs
    // As with six.
    while left >= 4 {
        step(w, p)
        step(w + 5, p + tileWidth)
        step(w + 10, p + 2 * tileWidth)
        step(w + 15, p + 3 * tileWidth)
        w += 20
        p += 4 * tileWidth
        left &-= 4
    }
    while left > 0 {
        step(w, p)
        w += 5
        p += tileWidth
        left &-= 1
    }
    store(finished(a0, rectify), y); store(finished(a1, rectify), y + 8)
    store(finished(b0, rectify), yb); store(finished(b1, rectify), yb + 8)
    store(finished(c0, rectify), yc); store(finished(c1, rectify), yc + 8)
    store(finished(d0, rectify), yd); store(finished(d1, rectify), yd + 8)
    store(finished(e0, rectify), ye); store(finished(e1, rectify), ye + 8)
}

@inline(__always)
private func fourOutputs(_ weights: UnsafePointer<Float>, _ inputs: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ rectify: Bool, _ adding: Bool) {
    let zero = Float8(repeating: 0)
    var a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero
    let yb = y + tileWidth, yc = yb + tileWidth, yd = yc + tileWidth
    if adding {
        a0 = load(y); a1 = load(y + 8); b0 = load(yb); b1 = load(yb + 8); c0 = load(yc); c1 = load(yc + 8); d0 = load(yd); d1 = load(yd + 8)
    }
    @inline(__always) func step(_ w: UnsafePointer<Float>, _ p: UnsafePointer<Float>) {
        let x0 = load(p), x1 = load(p + 8)
        let wa = Float8(repeating: w[0]), wb = Float8(repeating: w[1])
        a0 = a0.addingProduct(wa, x0); a1 = a1.addingProduct(wa, x1)
        b0 = b0.addingProduct(wb, x0); b1 = b1.addingProduct(wb, x1)
        let wc = Float8(repeating: w[2]), wd = Float8(repeating: w[3])
        c0 = c0.addingProduct(wc, x0); c1 = c1.addingProduct(wc, x1)
        d0 = d0.addingProduct(wd, x0); d1 = d1.addingProduct(wd, x1)
    }
    var w = weights, p = x, left = inputs
    // As with six; eight sums have no time to spare.
    while left >= 4 {
        step(w, p)
        step(w + 4, p + tileWidth)
        step(w + 8, p + 2 * tileWidth)
        step(w + 12, p + 3 * tileWidth)
        w += 16
        p += 4 * tileWidth
        left &-= 4
    }
    while left > 0 {
        step(w, p)
        w += 4
        p += tileWidth
        left &-= 1
    }
    store(finished(a0, rectify), y); store(finished(a1, rectify), y + 8)
    store(finished(b0, rectify), yb); store(finished(b1, rectify), yb + 8)
    store(finished(c0, rectify), yc); store(finished(c1, rectify), yc + 8)
    store(finished(d0, rectify), yd); store(finished(d1, rectify), yd + 8)
}

/// y = w · x of one output alone, 64 samples at a time as long as there are so many, then 16.
///
/// - Parameter count: samples, a multiple of 16 (at most `tileWidth`).
public func denseRow(_ weights: UnsafePointer<Float>, inputs: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    if Lanes.current == .sixteen {
        sk_dense_row(weights, inputs, x, y, count)
        return
    }
    let zero = Float8(repeating: 0)
    var s = 0
    while s + 64 <= count {
        var a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero
        var p = x + s
        for i in 0..<inputs {
            let w = Float8(repeating: weights[i])
            a = a.addingProduct(w, load(p)); b = b.addingProduct(w, load(p + 8)); c = c.addingProduct(w, load(p + 16)); d = d.addingProduct(w, load(p + 24))
            e = e.addingProduct(w, load(p + 32)); f = f.addingProduct(w, load(p + 40)); g = g.addingProduct(w, load(p + 48)); h = h.addingProduct(w, load(p + 56))
            p += tileWidth
        }
        let q = y + s
        store(a, q); store(b, q + 8); store(c, q + 16); store(d, q + 24); store(e, q + 32); store(f, q + 40); store(g, q + 48); store(h, q + 56)
        s += 64
    }
    while s < count {
        var a = zero, b = zero
        var p = x + s
        for i in 0..<inputs {
            let w = Float8(repeating: weights[i])
            a = a.addingProduct(w, load(p)); b = b.addingProduct(w, load(p + 8))
            p += tileWidth
        }
        store(a, y + s); store(b, y + s + 8)
        s += 16
    }
}

/// Packs row-major weights [rows][columns] into blocks of outputs, [inputs][outputs of the block]; missing rows and columns are zero.
///
/// `column[c]` is the column of the matrix that reads input row c, or −1 for none.
public func packDense(_ matrix: UnsafePointer<Float>, rows: Int, columns: Int, column: [Int], outputs: Int, into packed: UnsafeMutablePointer<Float>) {
    var out = packed
    for block in OutputBlocks(outputs).all {
        for source in column {
            for r in block.first..<(block.first + block.size) {
                out.pointee = r < rows && source >= 0 ? matrix[r * columns + source] : 0
                out += 1
            }
        }
    }
}

/// Packs the transposed matrix: it turns output gradients into input gradients. Inputs of the product are the matrix's rows
/// (padded to `outputs`), its outputs the tile's input rows (`column`, padded to a multiple of four).
public func packDenseTransposed(_ matrix: UnsafePointer<Float>, rows: Int, columns: Int, column: [Int], outputs: Int, into packed: UnsafeMutablePointer<Float>) {
    var out = packed
    for block in OutputBlocks((column.count + 3) / 4 * 4).all {
        for r in 0..<outputs {
            for c in block.first..<(block.first + block.size) {
                let source = c < column.count ? column[c] : -1
                out.pointee = r < rows && source >= 0 ? matrix[r * columns + source] : 0
                out += 1
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
    if Lanes.current == .sixteen {
        sk_dense_weight_gradient(dy, outputs, x, pitch, columns, count, gradient)
        return
    }
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
