// Pictures: an immutable frame and its writable builder.
import Base

/// A part of a picture in whole pixels.
package struct PixelBounds: Sendable, Hashable {
    package var x: Range<Int>
    package var y: Range<Int>
    package init(x: Range<Int>, y: Range<Int>) {
        self.x = x
        self.y = y
    }
    package var isEmpty: Bool { x.isEmpty || y.isEmpty }
}

/// An immutable picture: rows of RGBA, 32-bit float, premultiplied alpha.
///
/// Colour values are display-encoded (as in the file: BT.709 or sRGB transfer, full range), 0…1;
/// compositing works on encoded values, as editors do. Row 0 is the top.
package struct Frame: Sendable {
    package let width: Int
    package let height: Int
    /// Every pixel is known to be opaque.
    package let isOpaque: Bool
    /// Outside this part every pixel is transparent.
    package let content: PixelBounds
    private let storage: FrameStorage

    fileprivate init(width: Int, height: Int, isOpaque: Bool, content: PixelBounds?, storage: FrameStorage) {
        self.width = width
        self.height = height
        self.isOpaque = isOpaque
        self.content = content ?? PixelBounds(x: 0..<width, y: 0..<height)
        self.storage = storage
    }

    /// `4 × width × height` floats, row-major, RGBA; valid while the frame lives.
    package var pixels: UnsafePointer<Float> { UnsafePointer(storage.memory.pointer) }
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
        let builder = FrameBuilder(unwritten: width, height)
        let p = UnsafeMutableRawPointer(builder.pixels)
        for i in 0..<(width * height) { p.storeBytes(of: color, toByteOffset: 16 * i, as: SIMD4<Float>.self) }
        return builder.freeze(isOpaque: color.w == 1, content: color == .zero ? PixelBounds(x: 0..<0, y: 0..<0) : nil)
    }
}

/// A writable picture with one owner; starts transparent black.
package struct FrameBuilder: ~Copyable {
    package let width: Int
    package let height: Int
    private let memory: PixelMemory

    package init(width: Int, height: Int) {
        self.init(unwritten: width, height)
        memory.pointer.update(repeating: 0, count: 4 * width * height)
    }
    /// Pixels of any value: whoever takes it writes all of them.
    package init(unwritten width: Int, _ height: Int) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        self.width = width
        self.height = height
        memory = PixelMemory.pool.take(4 * width * height)
    }
    /// Starts from the pixels of a frame.
    package init(copying frame: Frame) {
        self.init(unwritten: frame.width, frame.height)
        pixels.update(from: frame.pixels, count: frame.floatCount)
        withExtendedLifetime(frame) {}
    }
    deinit { PixelMemory.pool.give(memory) }

    /// `4 × width × height` floats; valid while the builder lives.
    package var pixels: UnsafeMutablePointer<Float> { memory.pointer }

    /// Ends writing. `isOpaque`: every alpha is 1; `content`: everything outside is transparent.
    package consuming func freeze(isOpaque: Bool = false, content: PixelBounds? = nil) -> Frame {
        let frame = Frame(width: width, height: height, isOpaque: isOpaque, content: content, storage: FrameStorage(memory))
        discard self
        return frame
    }
}
