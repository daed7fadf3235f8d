// Pictures: an immutable frame and its writable builder.
import Base

/// Pixel storage shared between readers; nobody writes it after `freeze`.
package final class FrameStorage: Sendable {
    let buffer: Buffer<Float>
    init(_ buffer: consuming Buffer<Float>) { self.buffer = buffer }
}

/// An immutable picture: rows of RGBA, 32-bit float, premultiplied alpha.
///
/// Colour values are display-encoded (as in the file: BT.709 or sRGB transfer, full range), 0…1;
/// compositing works on encoded values, as editors do. Row 0 is the top.
package struct Frame: Sendable {
    package let width: Int
    package let height: Int
    private let storage: FrameStorage

    fileprivate init(width: Int, height: Int, storage: FrameStorage) {
        self.width = width
        self.height = height
        self.storage = storage
    }

    /// `4 × width × height` floats, row-major, RGBA; valid while the frame lives.
    package var pixels: UnsafePointer<Float> { UnsafePointer(storage.buffer.pointer) }
    package var floatCount: Int { 4 * width * height }

    /// One pixel; for tests and set-up code.
    package subscript(x: Int, y: Int) -> SIMD4<Float> {
        precondition(x >= 0 && y >= 0 && x < width && y < height, "pixel outside the frame")
        let p = pixels + 4 * (y * width + x)
        return SIMD4(p[0], p[1], p[2], p[3])
    }
    /// Keeps the storage alive over a use of `pixels`.
    package func withPixels<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(start: pixels, count: floatCount))
    }
    /// Same memory: a cheap test that a picture went through unchanged.
    package func isIdentical(to other: Frame) -> Bool { storage === other.storage }

    /// A picture of one colour (premultiplied RGBA).
    package static func filled(width: Int, height: Int, _ color: SIMD4<Float>) -> Frame {
        let builder = FrameBuilder(width: width, height: height)
        let p = builder.pixels
        for i in 0..<(width * height) {
            p[4 * i] = color.x; p[4 * i + 1] = color.y; p[4 * i + 2] = color.z; p[4 * i + 3] = color.w
        }
        return builder.freeze()
    }
}

/// A writable picture with one owner; starts transparent black.
package struct FrameBuilder: ~Copyable {
    package let width: Int
    package let height: Int
    private let buffer: Buffer<Float>

    package init(width: Int, height: Int) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        self.width = width
        self.height = height
        buffer = Buffer(count: 4 * width * height)
    }
    /// Starts from the pixels of a frame.
    package init(copying frame: Frame) {
        self.init(width: frame.width, height: frame.height)
        pixels.update(from: frame.pixels, count: frame.floatCount)
    }
    /// `4 × width × height` floats; valid while the builder lives.
    package var pixels: UnsafeMutablePointer<Float> { buffer.pointer }
    /// Ends writing.
    package consuming func freeze() -> Frame {
        let (w, h) = (width, height)
        return Frame(width: w, height: h, storage: FrameStorage(buffer))
    }
}
