// How a persona check sees mouths and eyes in pictures: by the colours of the built-in presenter, or by the mesh of a real face.
import Engines
import Faces
import Foundation
import Imaging

/// How far mouth and eyes stand open in a picture.
struct Openings {
    /// How far the lips are apart, in pixels.
    var gap = 0.0
    /// The open mouth, in pixels.
    var area = 0.0
    /// The open eyes, in a unit of the measure's own.
    var eyes = 0.0
}

/// Sees openings in pictures of a data set.
protocol OpeningMeasure {
    /// What it goes by, in words.
    var words: String { get }
    /// Of a picture that should show what a frame's true picture shows; nil where it sees no face.
    func openings(_ rgb: [UInt8], like truth: [UInt8], _ frame: TrainingFrame) -> Openings?
}

/// By the mesh of a real face. Both pictures are seen in the same square: where the truth's face is.
final class MeshOpenings: OpeningMeasure {
    private let mesh: FaceMesh
    private let pictures: FootagePictures
    let words: String

    init(_ models: FaceModels, footage: any TrainingFootage) {
        mesh = FaceMesh(models)
        pictures = FootagePictures(footage: footage)
        words = "the face mesh of \(models.path)"
    }

    func openings(_ rgb: [UInt8], like truth: [UInt8], _ frame: TrainingFrame) -> Openings? {
        guard let place = mesh.face(pictures.picture(truth), at: frame.landmarks), let face = mesh.face(pictures.picture(rgb), after: place) else { return nil }
        let opening = FaceOpening(face.landmarks)
        return Openings(gap: Double(opening.gap), area: Double(opening.area), eyes: Double(opening.eyes))
    }
}

/// By what only the built-in presenter's colours tell.
struct PresenterOpenings: OpeningMeasure {
    let width: Int
    let height: Int
    let words = "the presenter's colours"

    init(footage: any TrainingFootage) { (width, height) = (footage.width, footage.height) }

    func openings(_ rgb: [UInt8], like truth: [UInt8], _ frame: TrainingFrame) -> Openings? {
        guard frame.landmarks.count == 68 else { return nil }
        let mouth = mouth(rgb, frame)
        return Openings(gap: mouth.gap, area: mouth.area, eyes: eyes(rgb, frame))
    }

    /// Of the mouth's window, what is neither lip nor skin: teeth, tongue and cavity; and how far the lips are apart, their mean distance
    /// over the middle third. Lips and skin are yellowish, greener than blue; the others are not: a tongue may be as red as lips are.
    private func mouth(_ rgb: [UInt8], _ frame: TrainingFrame) -> (gap: Double, area: Double) {
        let points = frame.landmarks[48..<68]
        let left = Int(points.map(\.x).min() ?? 0) + 2, right = Int(points.map(\.x).max() ?? 0) - 2
        let lip = points.map(\.y).max() ?? 0
        // A mouth that opens wider than the true one is seen down to the middle of the chin.
        let top = Int(points.map(\.y).min() ?? 0) - 4, bottom = Int(max(lip + 8, (lip + frame.landmarks[8].y) / 2))
        let third = max((right - left) / 3, 1)
        var (gap, area) = (0.0, 0.0)
        for y in max(top, 0)..<max(min(max(bottom, top + 1), height), max(top, 0)) {
            for x in max(left, 0)..<max(min(max(right, left + 1), width), max(left, 0)) {
                let i = 3 * (y * width + x)
                let (r, g, b) = (Double(rgb[i]), Double(rgb[i + 1]), Double(rgb[i + 2]))
                let inside = max(min((9 - (g - b)) / 5, 1), (95 - r) / 95, 0)
                area += inside
                if x >= left + third, x < right - third { gap += inside / Double(max(right - left - 2 * third, 1)) }
            }
        }
        return (gap, area)
    }

    /// Pixels of the eyes' window that are as blue as red: white and iris are, skin and lids are not.
    private func eyes(_ rgb: [UInt8], _ frame: TrainingFrame) -> Double {
        let eyes = [frame.landmarks[36..<42], frame.landmarks[42..<48]]
        return eyes.reduce(0.0) { sum, points in
            let left = Int(points.map(\.x).min() ?? 0), right = Int(points.map(\.x).max() ?? 0)
            let top = Int(points.map(\.y).min() ?? 0) - 4, bottom = Int(points.map(\.y).max() ?? 0) + 6
            var count = 0.0
            for y in max(top, 0)..<max(min(max(bottom, top + 1), height), max(top, 0)) {
                for x in max(left, 0)..<max(min(max(right, left + 1), width), max(left, 0)) {
                    let i = 3 * (y * width + x)
                    if Int(rgb[i]) > 50, Double(rgb[i + 2]) > 0.88 * Double(rgb[i]) { count += 1 }
                }
            }
            return sum + count
        }
    }
}
