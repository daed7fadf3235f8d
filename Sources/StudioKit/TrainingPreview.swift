// What a training has learned so far, as a picture beside its result.
import Base
import Engines
import Foundation
import Imaging
import Media
import Motion
import TalkingHead

/// Writes `NAME.preview.png` now and then: a held-out frame on the left, the persona's on the right. Looking changes nothing of
/// what is learned. One thread drives it.
final class TrainingPreview {
    private let path: String
    private let footage: any TrainingFootage
    private let budget: ComputeBudget
    private let frame: TrainingFrame?
    private let start = ContinuousClock.now
    /// Seconds from the start.
    private var due = 0.0

    /// - Parameter persona: The persona's own path.
    init(persona: String, footage: any TrainingFootage, budget: ComputeBudget) {
        path = Self.path(of: persona)
        (self.footage, self.budget) = (footage, budget)
        let frames = (footage.held.isEmpty ? footage.train : footage.held).filter { footage.features.rows.indices.contains($0.audioID) }
        frame = frames.isEmpty ? nil : frames[frames.count / 2]
    }

    static func path(of persona: String) -> String { String(persona.dropLast(".persona".count)) + ".preview.png" }

    /// Draws where a look is due: at most every twenty seconds, and never for more than a twentieth of the time.
    func look(_ make: () throws(EngineError) -> PersonaPackage) throws(EngineError) {
        let begin = seconds
        guard begin >= due else { return }
        try show(make())
        let end = seconds
        due = end + max(20, 20 * (end - begin))
    }

    private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Draws at once.
    func show(_ package: PersonaPackage) throws(EngineError) {
        guard let frame else { return }
        let persona = try PersonaOpening.open(package, path: path, quality: .exact)
        let truth = try footage.pixels(of: frame).image
        let drawn = try persona.render(cameraToWorld: frame.cameraToWorld, ActorConditions(pose: .neutral, eyeClosure: frame.eyeClosure, audioCode: code(persona, frame)), budget: budget)
        let pictures = FootagePictures(footage: footage)
        let (width, height) = (footage.width, footage.height)
        var sheet = Frame.filled(width: 2 * width, height: height, SIMD4(0, 0, 0, 1))
        for (k, bytes) in [truth, pictures.flattened(drawn)].enumerated() {
            let rect = PixelRect(x: Double(k * width), y: 0, width: Double(width), height: Double(height))
            sheet = pictures.picture(bytes).drawn(into: rect, canvasWidth: 2 * width, canvasHeight: height).over(sheet)
        }
        do { try ImageFile.write(sheet, to: path) } catch { throw .writing(path, error) }
    }

    /// The audio code of the frame, from the rows around it.
    private func code(_ persona: any CameraPersona, _ frame: TrainingFrame) throws(EngineError) -> [Float] {
        let features = footage.features, reach = persona.audioReach
        let near = (frame.audioID - reach..<frame.audioID + reach + 1).clamped(to: 0..<features.rows.count)
        let some = SpeechFeatures(rows: Array(features.rows[near]), channels: features.channels, steps: features.steps)
        return try persona.audioCodes(for: some)[frame.audioID - near.lowerBound]
    }
}
