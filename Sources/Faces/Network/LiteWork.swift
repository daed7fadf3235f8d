// The steps of a network as loops over memory.
import Foundation
import Kernels
import Tensors

@inline(__always) private func get8(_ p: UnsafeMutablePointer<Float>) -> Float8 { UnsafeRawPointer(p).loadUnaligned(as: Float8.self) }
@inline(__always) private func put8(_ v: Float8, _ p: UnsafeMutablePointer<Float>) { UnsafeMutableRawPointer(p).storeBytes(of: v, as: Float8.self) }
@inline(__always) private func positive(_ v: Float8) -> Float8 { v.replacing(with: Float8.zero, where: v .< Float8.zero) }

/// Sizes of a picture of numbers, `[H, W, C]` row-major.
struct LiteMap: Sendable, Hashable {
    var height: Int
    var width: Int
    var channels: Int
}

/// A filter's way over a picture: `top` and `left` are how far it begins outside.
struct LiteWalk: Sendable {
    var from: LiteMap
    var to: LiteMap
    var filterWidth: Int
    var filterHeight: Int
    var strideX: Int
    var strideY: Int
    var top: Int
    var left: Int

    /// nil where the result's size is not what the window makes.
    init?(_ window: LiteWindow, from: LiteMap, to: LiteMap, filterWidth: Int, filterHeight: Int) {
        func side(_ size: Int, _ filter: Int, _ stride: Int) -> (size: Int, before: Int) {
            guard window.keepsSize else { return (size >= filter ? (size - filter) / stride + 1 : 0, 0) }
            let count = (size + stride - 1) / stride
            return (count, max(0, (count - 1) * stride + filter - size) / 2)
        }
        let (rows, top) = side(from.height, filterHeight, window.strideY), (columns, left) = side(from.width, filterWidth, window.strideX)
        guard rows == to.height, columns == to.width, rows > 0, columns > 0 else { return nil }
        (self.from, self.to, self.filterWidth, self.filterHeight) = (from, to, filterWidth, filterHeight)
        (strideX, strideY, self.top, self.left) = (window.strideX, window.strideY, top, left)
    }

    /// Each result is made from one place: the picture itself is the matrix.
    var readsPlainly: Bool { filterWidth == 1 && filterHeight == 1 && strideX == 1 && strideY == 1 }

    /// Filter rows (or columns) that lie inside the picture at a result.
    @inline(__always) func inside(_ start: Int, _ filter: Int, _ size: Int) -> Range<Int> { max(0, -start)..<max(max(0, -start), min(filter, size - start)) }
}

/// One step whose sizes were checked.
struct LiteWork: Sendable {
    enum Kind: Sendable {
        /// Weights `[out, height, width, in]`.
        case convolution(LiteWalk, weights: [Float], bias: [Float], LiteActivation)
        /// Weights `[height, width, channels]`.
        case depthwise(LiteWalk, weights: [Float], bias: [Float], LiteActivation)
        case maxPool(LiteWalk, LiteActivation)
        case meanPool(LiteWalk, LiteActivation)
        case add(LiteActivation)
        /// So many numbers of the second factor, which come again and again.
        case multiply(Int, LiteActivation)
        case enlarge(from: LiteMap, to: LiteMap)
        /// Weights `[out, height, width, in]`; the filter's size is that of the result over the input's.
        case spread(from: LiteMap, to: LiteMap, weights: [Float], bias: [Float])
        /// Numbers that each input gives in turn, so many times.
        case concatenation(pieces: [Int], times: Int)
        case rectify, logistic, hardSwish, copy
        /// Slopes below zero, one a channel.
        case prelu([Float])
        case pad(from: LiteMap, to: LiteMap, top: Int, left: Int, front: Int)
    }
    var kind: Kind
    var inputs: [Int]
    var inputCounts: [Int]
    var output: Int
    /// Numbers of the result.
    var count: Int

    /// The result may lie where the first input lay.
    var mayOverwrite: Bool {
        switch kind {
        case .add, .multiply, .rectify, .logistic, .hardSwish, .copy, .prelu: true
        default: false
        }
    }

    func run(inputs: [UnsafeMutablePointer<Float>?], output: UnsafeMutablePointer<Float>?, patches: UnsafeMutablePointer<Float>) {
        guard let output, let first = inputs.first, let input = first else { preconditionFailure("a step without memory") }
        switch kind {
        case .convolution(let walk, let weights, let bias, let activation):
            Self.convolve(input, output, walk, weights, bias, patches)
            Self.activate(output, count, activation)
        case .depthwise(let walk, let weights, let bias, let activation):
            Self.convolveChannels(input, output, walk, weights, bias)
            Self.activate(output, count, activation)
        case .maxPool(let walk, let activation):
            Self.pool(input, output, walk)
            Self.activate(output, count, activation)
        case .add(let activation):
            guard let second = inputs[1] else { preconditionFailure("a sum without memory") }
            Self.eights(count, { put8(get8(input + $0) + get8(second + $0), output + $0) }, { output[$0] = input[$0] + second[$0] })
            Self.activate(output, count, activation)
        case .meanPool(let walk, let activation):
            Self.mean(input, output, walk)
            Self.activate(output, count, activation)
        case .multiply(let period, let activation):
            guard let second = inputs[1] else { preconditionFailure("a factor without memory") }
            Self.multiply(input, second, output, count, period)
            Self.activate(output, count, activation)
        case .enlarge(let from, let to): Self.enlarge(input, output, from, to)
        case .spread(let from, let to, let weights, let bias): Self.spread(input, output, from, to, weights, bias)
        case .hardSwish: for i in 0..<count { output[i] = input[i] * min(max(input[i] + 3, 0), 6) * (1 / 6) }
        case .concatenation(let pieces, let times):
            var at = 0
            for turn in 0..<times {
                for (k, piece) in pieces.enumerated() {
                    guard let source = inputs[k] else { preconditionFailure("a piece without memory") }
                    (output + at).update(from: source + turn * piece, count: piece)
                    at += piece
                }
            }
        case .rectify: Self.eights(count, { put8(positive(get8(input + $0)), output + $0) }, { output[$0] = max(input[$0], 0) })
        case .logistic: for i in 0..<count { output[i] = 1 / (1 + exp(-input[i])) }
        case .copy: if output != input { output.update(from: input, count: count) }
        case .prelu(let slopes): Self.bend(input, output, slopes, count / slopes.count)
        case .pad(let from, let to, let top, let left, let front): Self.pad(input, output, from, to, top, left, front)
        }
    }

    // MARK: loops

    /// Numbers by eights, and those that are left one by one.
    @inline(__always) private static func eights(_ count: Int, _ eight: (Int) -> Void, _ one: (Int) -> Void) {
        var i = 0
        while i + 8 <= count {
            eight(i)
            i += 8
        }
        while i < count {
            one(i)
            i += 1
        }
    }

    static func activate(_ p: UnsafeMutablePointer<Float>, _ count: Int, _ activation: LiteActivation) {
        switch activation {
        case .none: return
        case .relu: eights(count, { put8(positive(get8(p + $0)), p + $0) }, { p[$0] = max(p[$0], 0) })
        case .relu6: for i in 0..<count { p[i] = min(max(p[i], 0), 6) }
        }
    }

    private static func bend(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ slopes: [Float], _ places: Int) {
        let channels = slopes.count
        slopes.withUnsafeBufferPointer { list in
            guard let slopes = list.baseAddress else { return }
            for place in 0..<places {
                let a = input + place * channels, b = output + place * channels
                eights(channels, { c in
                    let v = get8(a + c), bent = v * UnsafeRawPointer(slopes + c).loadUnaligned(as: Float8.self)
                    put8(v.replacing(with: bent, where: v .< Float8.zero), b + c)
                }, { c in b[c] = a[c] < 0 ? a[c] * slopes[c] : a[c] })
            }
        }
    }

    /// As a matrix product: the picture's places, unfolded where a filter sees more than one, times the weights.
    private static func convolve(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ walk: LiteWalk, _ weights: [Float], _ bias: [Float], _ patches: UnsafeMutablePointer<Float>) {
        let places = walk.to.height * walk.to.width, patch = walk.filterHeight * walk.filterWidth * walk.from.channels
        var source = UnsafePointer(input)
        if !walk.readsPlainly {
            unfold(input, patches, walk)
            source = UnsafePointer(patches)
        }
        bias.withUnsafeBufferPointer { bias in
            guard let base = bias.baseAddress else { return }
            for place in 0..<places { (output + place * bias.count).update(from: base, count: bias.count) }
        }
        weights.withUnsafeBufferPointer { weights in
            guard let base = weights.baseAddress else { return }
            MatrixProduct.multiply(source, transposed: false, base, transposed: true, into: output, m: places, n: bias.count, k: patch, adding: true)
        }
    }

    private static func unfold(_ input: UnsafeMutablePointer<Float>, _ patches: UnsafeMutablePointer<Float>, _ walk: LiteWalk) {
        let channels = walk.from.channels, row = walk.filterWidth * channels, patch = walk.filterHeight * row
        var out = patches
        for y in 0..<walk.to.height {
            let startY = y * walk.strideY - walk.top, rows = walk.inside(startY, walk.filterHeight, walk.from.height)
            for x in 0..<walk.to.width {
                let startX = x * walk.strideX - walk.left, columns = walk.inside(startX, walk.filterWidth, walk.from.width)
                if rows.count < walk.filterHeight || columns.count < walk.filterWidth { out.update(repeating: 0, count: patch) }
                if !columns.isEmpty {
                    for r in rows {
                        (out + r * row + columns.lowerBound * channels).update(from: input + ((startY + r) * walk.from.width + startX + columns.lowerBound) * channels, count: columns.count * channels)
                    }
                }
                out += patch
            }
        }
    }

    /// Every channel with its own filter.
    private static func convolveChannels(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ walk: LiteWalk, _ weights: [Float], _ bias: [Float]) {
        let channels = walk.from.channels, whole = channels / 8 * 8
        weights.withUnsafeBufferPointer { weights in
            bias.withUnsafeBufferPointer { bias in
                guard let weights = UnsafeRawPointer(weights.baseAddress), let bias = UnsafeRawPointer(bias.baseAddress) else { return }
                for y in 0..<walk.to.height {
                    let startY = y * walk.strideY - walk.top, rows = walk.inside(startY, walk.filterHeight, walk.from.height)
                    for x in 0..<walk.to.width {
                        let startX = x * walk.strideX - walk.left, columns = walk.inside(startX, walk.filterWidth, walk.from.width)
                        let out = UnsafeMutableRawPointer(output + (y * walk.to.width + x) * channels)
                        var c = 0
                        while c < whole {
                            var sum = bias.loadUnaligned(fromByteOffset: 4 * c, as: Float8.self)
                            for r in rows {
                                for k in columns {
                                    let value = UnsafeRawPointer(input + ((startY + r) * walk.from.width + startX + k) * channels).loadUnaligned(fromByteOffset: 4 * c, as: Float8.self)
                                    sum = sum.addingProduct(value, weights.loadUnaligned(fromByteOffset: 4 * ((r * walk.filterWidth + k) * channels + c), as: Float8.self))
                                }
                            }
                            out.storeBytes(of: sum, toByteOffset: 4 * c, as: Float8.self)
                            c += 8
                        }
                        while c < channels {
                            var sum = bias.load(fromByteOffset: 4 * c, as: Float.self)
                            for r in rows {
                                for k in columns { sum = sum.addingProduct(input[((startY + r) * walk.from.width + startX + k) * channels + c], weights.load(fromByteOffset: 4 * ((r * walk.filterWidth + k) * channels + c), as: Float.self)) }
                            }
                            out.storeBytes(of: sum, toByteOffset: 4 * c, as: Float.self)
                            c += 1
                        }
                    }
                }
            }
        }
    }

    private static func pool(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ walk: LiteWalk) {
        let channels = walk.from.channels
        for y in 0..<walk.to.height {
            let startY = y * walk.strideY - walk.top, rows = walk.inside(startY, walk.filterHeight, walk.from.height)
            for x in 0..<walk.to.width {
                let startX = x * walk.strideX - walk.left, columns = walk.inside(startX, walk.filterWidth, walk.from.width)
                let out = output + (y * walk.to.width + x) * channels
                out.update(repeating: -.greatestFiniteMagnitude, count: channels)
                for r in rows {
                    for k in columns {
                        let value = input + ((startY + r) * walk.from.width + startX + k) * channels
                        eights(channels, { c in
                            let (a, b) = (get8(out + c), get8(value + c))
                            put8(a.replacing(with: b, where: b .> a), out + c)
                        }, { c in out[c] = max(out[c], value[c]) })
                    }
                }
            }
        }
    }

    private static func pad(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ from: LiteMap, _ to: LiteMap, _ top: Int, _ left: Int, _ front: Int) {
        output.update(repeating: 0, count: to.height * to.width * to.channels)
        for y in 0..<from.height {
            for x in 0..<from.width {
                (output + ((y + top) * to.width + x + left) * to.channels + front).update(from: input + (y * from.width + x) * from.channels, count: from.channels)
            }
        }
    }
}
