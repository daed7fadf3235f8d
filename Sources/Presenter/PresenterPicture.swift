// One drawn frame with its ground truth.

/// A frame of `size × size` pixels, row-major, top row first.
package struct PresenterPicture: Sendable {
    package var size: Int
    /// RGB over the plate, 3 bytes a pixel.
    package var rgb: [UInt8]
    /// Class of each pixel: 0 background, 1 head, 2 neck, 3 clothes, 4 lips (as `Engines.ParsingClass`).
    package var parsing: [UInt8]
    /// Clothes and neck without the head: straight RGBA.
    package var torso: [UInt8]
    /// Coverage of the head, 0…255.
    package var headAlpha: [UInt8]
    /// 68 points, pixels (x, y), half-pixel centres: pixel (i, j) has its middle at (i + 0.5, j + 0.5).
    package var landmarks: [SIMD2<Float>]
    /// Gap between the inner lips, pixels.
    package var mouthOpening: Float
}
