// Between frames and three planes of 8 bits, the second and third at half the size: what most films hold.
import Base

/// Levels of three planes from R, G, B in 0…1: weights in x, y, z, the level of black in w.
package struct PlaneWeights: Sendable, Hashable {
    package var planes: [SIMD4<Float>]
    package init(_ planes: [SIMD4<Float>]) {
        precondition(planes.count == 3, "a picture has three planes")
        self.planes = planes
    }
}

/// Where the planes lie: first byte and bytes from row to row. Widths and heights of the second and third are half, rounded up.
package struct PlanePointers {
    package var bases: [UnsafeMutablePointer<UInt8>]
    package var strides: [Int]
    package init(bases: [UnsafeMutablePointer<UInt8>], strides: [Int]) {
        precondition(bases.count == 3 && strides.count == 3, "a picture has three planes")
        self.bases = bases
        self.strides = strides
    }
}

extension Frame {
    /// Writes the planes. The small ones sit on the even columns (weights 1, 2, 1) and between two rows; a sample that is not a
    /// number is black; alpha is laid over black.
    package func writePlanes(_ weights: PlaneWeights, to planes: PlanePointers) {
        let source = UnsafeRawPointer(pixels)
        let stride = 16 * width
        let (w0, w1, w2) = (weights.planes[0], weights.planes[1], weights.planes[2])
        for y in Swift.stride(from: 0, to: height, by: 2) {
            let below = min(y + 1, height - 1)
            let a = source + y * stride, b = source + below * stride
            Self.lumaRow(a, width, w0, planes.bases[0] + y * planes.strides[0])
            if below != y { Self.lumaRow(b, width, w0, planes.bases[0] + below * planes.strides[0]) }
            Self.chromaRow(a, b, width, w1, w2, planes.bases[1] + y / 2 * planes.strides[1], planes.bases[2] + y / 2 * planes.strides[2])
        }
        withExtendedLifetime(self) {}
    }

    @inline(__always) private static func bounded(_ v: SIMD4<Float>) -> SIMD4<Float> {
        let zero = SIMD4<Float>.zero, one = SIMD4<Float>(repeating: 1)
        // The comparison is false for what is not a number.
        return v.replacing(with: zero, where: .!(v .> zero)).replacing(with: one, where: v .> one)
    }
    @inline(__always) private static func pixel(_ row: UnsafeRawPointer, _ x: Int) -> SIMD4<Float> { bounded((row + 16 * x).loadUnaligned(as: SIMD4<Float>.self)) }

    private static func lumaRow(_ row: UnsafeRawPointer, _ width: Int, _ w: SIMD4<Float>, _ out: UnsafeMutablePointer<UInt8>) {
        // Behind 2^23 the lowest bits of a float are its whole part, rounded.
        let offset = w.w + 8_388_608
        var x = 0
        while x + 4 <= width {
            let (a, b, c, d) = (pixel(row, x), pixel(row, x + 1), pixel(row, x + 2), pixel(row, x + 3))
            var sum = SIMD4(a.x, b.x, c.x, d.x) * w.x
            sum += SIMD4(a.y, b.y, c.y, d.y) * w.y
            sum += SIMD4(a.z, b.z, c.z, d.z) * w.z
            let whole = unsafeBitCast(sum + offset, to: SIMD4<UInt32>.self) & 255
            UnsafeMutableRawPointer(out + x).storeBytes(of: whole.x | whole.y << 8 | whole.z << 16 | whole.w << 24, as: UInt32.self)
            x += 4
        }
        while x < width {
            let p = pixel(row, x)
            out[x] = UInt8(truncatingIfNeeded: (p.x * w.x + p.y * w.y + p.z * w.z + offset).bitPattern)
            x += 1
        }
    }

    private static func chromaRow(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ width: Int, _ w1: SIMD4<Float>, _ w2: SIMD4<Float>,
                                  _ first: UnsafeMutablePointer<UInt8>, _ second: UnsafeMutablePointer<UInt8>) {
        var left = pixel(a, 0) + pixel(b, 0)
        let (v1, v2) = (SIMD4(w1.x, w1.y, w1.z, 0) * 0.125, SIMD4(w2.x, w2.y, w2.z, 0) * 0.125)
        for j in 0..<((width + 1) / 2) {
            let x = 2 * j, next = min(x + 1, width - 1)
            let middle = pixel(a, x) + pixel(b, x), right = pixel(a, next) + pixel(b, next)
            let sum = left + middle + middle + right
            first[j] = UInt8(truncatingIfNeeded: ((sum * v1).sum() + w1.w + 8_388_608).bitPattern)
            second[j] = UInt8(truncatingIfNeeded: ((sum * v2).sum() + w2.w + 8_388_608).bitPattern)
            left = right
        }
    }

    /// Makes a frame of planes: each colour is `weights · (first, second, third) + w`, the small planes read between their samples
    /// with straight lines; opaque.
    package init(planes: PlanePointers, width: Int, height: Int, weights: PlaneWeights) {
        let builder = FrameBuilder(unwritten: width, height)
        let half = (width + 1) / 2, rows = (height + 1) / 2
        // One row of each small plane, already between the rows.
        let small = Buffer<Float>(count: 2 * (half + 1))
        let (s1, s2) = (small.pointer, small.pointer + half + 1)
        let (r, g, b) = (weights.planes[0], weights.planes[1], weights.planes[2])
        let byFirst = SIMD4(r.x, g.x, b.x, 0), bySecond = SIMD4(r.y, g.y, b.y, 0), byThird = SIMD4(r.z, g.z, b.z, 0), base = SIMD4(r.w, g.w, b.w, 1)
        let zero = SIMD4<Float>.zero, one = SIMD4<Float>(repeating: 1)
        for y in 0..<height {
            let near = y / 2, far = min(max(near + (y & 1 == 0 ? -1 : 1), 0), rows - 1)
            for (plane, out) in [(1, s1), (2, s2)] {
                let p = planes.bases[plane] + near * planes.strides[plane], q = planes.bases[plane] + far * planes.strides[plane]
                for i in 0..<half { out[i] = Float(3 * UInt16(p[i]) + UInt16(q[i])) * 0.25 }
                out[half] = out[half - 1]
            }
            let luma = planes.bases[0] + y * planes.strides[0]
            var out = UnsafeMutableRawPointer(builder.pixels + 4 * y * width)
            for x in 0..<width {
                let j = x >> 1
                let (c1, c2) = x & 1 == 0 ? (s1[j], s2[j]) : (0.5 * (s1[j] + s1[j + 1]), 0.5 * (s2[j] + s2[j + 1]))
                let v = byFirst * Float(luma[x]) + bySecond * c1 + byThird * c2 + base
                out.storeBytes(of: v.replacing(with: zero, where: v .< zero).replacing(with: one, where: v .> one), as: SIMD4<Float>.self)
                out += 16
            }
        }
        self = builder.freeze(isOpaque: true)
    }

    /// Writes R, G and B as 16-bit words, rows `stride` bytes apart; not a number is black; alpha is laid over black.
    package func writeWords(to target: UnsafeMutablePointer<UInt8>, stride: Int) {
        let source = UnsafeRawPointer(pixels)
        for y in 0..<height {
            var row = UnsafeMutableRawPointer(target + y * stride)
            for x in 0..<width {
                let whole = unsafeBitCast(Self.pixel(source, y * width + x) * 65535 + 8_388_608, to: SIMD4<UInt32>.self) & 65535
                row.storeBytes(of: whole.x | whole.y << 16, as: UInt32.self)
                row.storeBytes(of: UInt16(truncatingIfNeeded: whole.z), toByteOffset: 4, as: UInt16.self)
                row += 6
            }
        }
        withExtendedLifetime(self) {}
    }

    /// A frame of 16-bit R, G, B words without gaps between the rows; opaque. `turns`: clockwise quarter turns.
    package init(words: UnsafeRawBufferPointer, width: Int, height: Int, turns: Int) {
        precondition(words.count >= 6 * width * height, "the words fill the picture")
        let builder = turns % 2 == 0 ? FrameBuilder(unwritten: width, height) : FrameBuilder(unwritten: height, width)
        let outWidth = builder.width
        // Where the first pixel lands, and the steps to the next pixel and the next row.
        let (first, across, down) = switch turns {
        case 1: (height - 1, outWidth, -1)
        case 2: (width * height - 1, -1, -width)
        case 3: ((width - 1) * outWidth, -outWidth, 1)
        default: (0, 1, width)
        }
        let scale = SIMD4<Float>(repeating: 1 / 65535)
        if var from = words.baseAddress {
            for y in 0..<height {
                var to = UnsafeMutableRawPointer(builder.pixels + 4 * (first + y * down))
                for _ in 0..<width {
                    let v = SIMD4<Float>(Float(from.loadUnaligned(as: UInt16.self)), Float(from.loadUnaligned(fromByteOffset: 2, as: UInt16.self)),
                                         Float(from.loadUnaligned(fromByteOffset: 4, as: UInt16.self)), 65535) * scale
                    to.storeBytes(of: v, as: SIMD4<Float>.self)
                    from += 6
                    to += 16 * across
                }
            }
        }
        self = builder.freeze(isOpaque: true)
    }
}
