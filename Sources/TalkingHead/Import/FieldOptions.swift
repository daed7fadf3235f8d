// How a checkpoint of the original wants to be drawn: options that its tensors do not tell.
import Engines

/// Options of the original's command line, kept in the persona's manifest.
package struct FieldOptions: Codable, Sendable, Hashable {
    /// Rows that the audio attention mixes: 2 is four before and three behind the frame (the default), 1 eight before it, 0 none.
    package var attention = 2
    /// The audio code follows the one before it (`smooth_lips`).
    package var smoothLips = false
    /// Recorded poses are averaged over seven frames (`smooth_path`).
    package var smoothPath = false
    /// The eyes are always this far closed, 0…1 (`fix_eye`).
    package var fixedEye: Float?
    /// Area of open eyes in percent of the picture: what RAD-NeRF is told.
    package var openEyeArea: Float = 0.25
    package init() {}

    /// RAD-NeRF draws with smoothed lips and a smoothed path.
    package static var radNerf: FieldOptions {
        var o = FieldOptions()
        (o.smoothLips, o.smoothPath) = (true, true)
        return o
    }

    /// Options within their ranges.
    package var isSane: Bool {
        (0...2).contains(attention) && (fixedEye.map { $0 >= 0 && $0 <= 1 } ?? true) && openEyeArea >= 0 && openEyeArea.isFinite
    }

    /// Rows of the attention's window that lie before the frame.
    var past: Int { attention == 1 ? 8 : 4 }
}

/// Areas of eyes in pictures, as RAD-NeRF measures them.
package enum EyeArea {
    /// Percent of the picture that both eyes of 68 points cover; nil without points.
    package static func percent(_ points: [SIMD2<Float>], width: Int, height: Int) -> Float? {
        guard points.count == 68 else { return nil }
        func area(_ part: ArraySlice<SIMD2<Float>>) -> Float {
            let p = Array(part)
            return abs(p.indices.reduce(Float(0)) { sum, i in
                let (a, b) = (p[i], p[(i + 1) % p.count])
                return sum + a.x * b.y - b.x * a.y
            }) / 2
        }
        return (area(points[36..<42]) + area(points[42..<48])) / Float(width * height) * 100
    }

    /// The area of open eyes in footage: nine of ten frames show less.
    package static func open(_ footage: any TrainingFootage) -> Float? {
        let areas = footage.train.compactMap { percent($0.landmarks, width: footage.width, height: footage.height) }.sorted()
        return areas.isEmpty ? nil : areas[min(areas.count - 1, areas.count * 9 / 10)]
    }
}
