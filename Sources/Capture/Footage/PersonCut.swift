// The person cut out of a picture: the network's mask, made fine along the picture's own edges.
import Faces
import Foundation
import Imaging

/// How much of every pixel is the person, 0…1.
struct PersonCut {
    private let masker: PersonMasker
    init(_ model: PersonMaskModel) { masker = PersonMasker(model) }

    /// Reach of the fine filter against the picture's size, and what counts as unrest of its colours.
    private static let reach = 1.0 / 128, unrest: Float = 1e-4

    func cut(_ frame: Frame) -> PixelField {
        let coarse = PixelField(size: frame.width, from: masker.mask(frame), width: masker.width, height: masker.height)
        let weights = SIMD3<Float>(0.299, 0.587, 0.114)
        let light = frame.withPixels { p in (0..<(frame.width * frame.height)).map { (i: Int) -> Float in (SIMD3(p[4 * i], p[4 * i + 1], p[4 * i + 2]) * weights).sum() } }
        return Self.guided(coarse, by: PixelField(size: frame.width, values: light), radius: max(Int((Double(frame.width) * Self.reach).rounded()), 1))
    }

    /// The guided filter: inside every small square the mask is a line of the light.
    private static func guided(_ mask: PixelField, by light: PixelField, radius: Int) -> PixelField {
        func product(_ a: PixelField, _ b: PixelField) -> PixelField { PixelField(size: a.size, values: zip(a.values, b.values).map { $0 * $1 }) }
        let lightMean = light.mean(radius: radius), maskMean = mask.mean(radius: radius)
        let squares = product(light, light).mean(radius: radius), mixed = product(light, mask).mean(radius: radius)
        var slope = light, rise = light
        for i in light.values.indices {
            let (l, m) = (lightMean.values[i], maskMean.values[i])
            slope.values[i] = (mixed.values[i] - l * m) / (max(squares.values[i] - l * l, 0) + unrest)
            rise.values[i] = m - slope.values[i] * l
        }
        let (a, b) = (slope.mean(radius: radius), rise.mean(radius: radius))
        return PixelField(size: light.size, values: light.values.indices.map { min(max(a.values[$0] * light.values[$0] + b.values[$0], 0), 1) })
    }
}
