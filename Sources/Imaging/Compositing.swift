// One picture over another.
import Kernels

/// A picture on its way into a stack.
package struct StackedPicture: Sendable {
    package var frame: Frame
    package var opacity: Float
    package init(frame: Frame, opacity: Float) {
        self.frame = frame
        self.opacity = opacity
    }
}

extension Frame {
    /// This picture over another of the same size, dimmed by `opacity`.
    package func over(_ below: Frame, opacity: Float = 1) -> Frame {
        .stacked([StackedPicture(frame: below, opacity: 1), StackedPicture(frame: self, opacity: opacity)])
    }

    /// Pictures of one size over each other, the first at the bottom and whole. What an opaque picture hides is not looked at.
    package static func stacked(_ layers: [StackedPicture]) -> Frame {
        precondition(!layers.isEmpty, "a stack has a picture at the bottom")
        let width = layers[0].frame.width, height = layers[0].frame.height
        precondition(layers.allSatisfy { $0.frame.width == width && $0.frame.height == height }, "pictures of one size lie over each other")
        let floor = layers.lastIndex { $0.opacity == 1 && $0.frame.isOpaque } ?? 0
        let rest = layers[(floor + 1)...].filter { $0.opacity > 0 && !$0.frame.content.isEmpty }
        let below = layers[floor].frame
        guard !rest.isEmpty else { return below }
        let builder = FrameBuilder(copying: below)
        for layer in rest { builder.lay(layer.frame, layer.opacity) }
        return builder.freeze(isOpaque: below.isOpaque)
    }

    /// A mix of two pictures: `t` = 0 this one, 1 the other.
    package func mixed(with other: Frame, _ t: Float) -> Frame {
        precondition(width == other.width && height == other.height, "pictures of one size are mixed")
        let builder = FrameBuilder(unwritten: width, height)
        let out = UnsafeMutableRawPointer(builder.pixels), a = UnsafeRawPointer(pixels), b = UnsafeRawPointer(other.pixels)
        let count = floatCount
        var i = 0
        while i + 8 <= count {
            let x = a.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self), y = b.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self)
            out.storeBytes(of: x + (y - x) * t, toByteOffset: 4 * i, as: SIMD8<Float>.self)
            i += 8
        }
        while i < count { builder.pixels[i] = pixels[i] + (other.pixels[i] - pixels[i]) * t; i += 1 }
        withExtendedLifetime((self, other)) {}
        return builder.freeze(isOpaque: isOpaque && other.isOpaque)
    }

    /// A part of this picture, a part of the other: what lies beyond the edge at `t` is the other's. Direction: where the edge travels.
    package func wiped(to other: Frame, _ t: Float, dx: Int, dy: Int) -> Frame {
        precondition(width == other.width && height == other.height, "pictures of one size are wiped")
        let builder = FrameBuilder(unwritten: width, height)
        let out = UnsafeMutableRawPointer(builder.pixels), a = UnsafeRawPointer(pixels), b = UnsafeRawPointer(other.pixels)
        // The edge is two pixels soft.
        func share(_ at: Int, of length: Int, forwards: Bool) -> Float {
            let u = (Float(at) + 0.5) / Float(length), along = forwards ? u : 1 - u
            return min(max((t * (1 + 4 / Float(width)) - along) * Float(width) / 2, 0), 1)
        }
        let columns = (0..<width).map { dx != 0 ? share($0, of: width, forwards: dx > 0) : 0 }
        for y in 0..<height {
            let row = dx != 0 ? 0 : share(y, of: height, forwards: dy > 0)
            for x in 0..<width {
                let i = 16 * (y * width + x)
                let p = a.loadUnaligned(fromByteOffset: i, as: SIMD4<Float>.self), q = b.loadUnaligned(fromByteOffset: i, as: SIMD4<Float>.self)
                out.storeBytes(of: p + (q - p) * (dx != 0 ? columns[x] : row), toByteOffset: i, as: SIMD4<Float>.self)
            }
        }
        withExtendedLifetime((self, other)) {}
        return builder.freeze(isOpaque: isOpaque && other.isOpaque)
    }
}

extension FrameBuilder {
    /// Lays a picture of this size over what is there.
    borrowing func lay(_ top: Frame, _ opacity: Float) {
        let source = UnsafeRawPointer(top.pixels), target = UnsafeMutableRawPointer(pixels)
        let dim = SIMD4<Float>(repeating: opacity)
        for y in top.content.y {
            let row = 16 * y * width
            for x in top.content.x {
                let i = row + 16 * x
                let t = source.loadUnaligned(fromByteOffset: i, as: SIMD4<Float>.self) * dim
                guard t.w > 0 else { continue }
                let b = target.loadUnaligned(fromByteOffset: i, as: SIMD4<Float>.self)
                target.storeBytes(of: t + b * (1 - t.w), toByteOffset: i, as: SIMD4<Float>.self)
            }
        }
        withExtendedLifetime(top) {}
    }
}
