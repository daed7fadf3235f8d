// One picture over another.
import Kernels

extension Frame {
    /// This picture over another of the same size, dimmed by `opacity`.
    package func over(_ below: Frame, opacity: Float = 1) -> Frame {
        precondition(width == below.width && height == below.height, "pictures of one size lie over each other")
        let builder = FrameBuilder(copying: below)
        let out = builder.pixels, top = pixels
        let dim = SIMD4<Float>(repeating: opacity)
        for i in stride(from: 0, to: floatCount, by: 4) {
            let t = SIMD4(top[i], top[i + 1], top[i + 2], top[i + 3]) * dim
            guard t.w > 0 else { continue }
            let b = SIMD4(out[i], out[i + 1], out[i + 2], out[i + 3])
            let r = t + b * (1 - t.w)
            for c in 0..<4 { out[i + c] = r[c] }
        }
        withExtendedLifetime(self) {}
        return builder.freeze()
    }

    /// A mix of two pictures: `t` = 0 this one, 1 the other.
    package func mixed(with other: Frame, _ t: Float) -> Frame {
        precondition(width == other.width && height == other.height, "pictures of one size are mixed")
        let builder = FrameBuilder(width: width, height: height)
        let out = builder.pixels, a = pixels, b = other.pixels
        for i in 0..<floatCount { out[i] = a[i] + (b[i] - a[i]) * t }
        withExtendedLifetime((self, other)) {}
        return builder.freeze()
    }

    /// A part of this picture, a part of the other: what lies beyond the edge at `t` is the other's. Direction: where the edge travels.
    package func wiped(to other: Frame, _ t: Float, dx: Int, dy: Int) -> Frame {
        precondition(width == other.width && height == other.height, "pictures of one size are wiped")
        let builder = FrameBuilder(width: width, height: height)
        let out = builder.pixels, a = pixels, b = other.pixels
        for y in 0..<height {
            for x in 0..<width {
                let u = (Float(x) + 0.5) / Float(width), v = (Float(y) + 0.5) / Float(height)
                let along = dx > 0 ? u : dx < 0 ? 1 - u : dy > 0 ? v : 1 - v
                // The edge is two pixels soft.
                let share = min(max((t * (1 + 4 / Float(width)) - along) * Float(width) / 2, 0), 1)
                let i = 4 * (y * width + x)
                for c in 0..<4 { out[i + c] = a[i + c] + (b[i + c] - a[i + c]) * share }
            }
        }
        withExtendedLifetime((self, other)) {}
        return builder.freeze()
    }
}
