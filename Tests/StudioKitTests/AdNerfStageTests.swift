// A persona of AD-NeRF from footage of the stage, head and torso, drawn where it never was.
import Base
import Capture
import Engines
import Foundation
import TalkingHead
import TestSupport
import Testing
@testable import StudioKit

@Suite(.serialized) struct AdNerfStageTests {
    static let recipe = """
    {"seed": 7, "sizes": {"depth": 4, "width": 48, "skips": [1], "viewDepth": 1, "viewWidth": 24, "positionOctaves": 8, "directionOctaves": 2, "audioWidth": 64},
     "coarse": 20, "draws": 20, "headSteps": 260, "torsoSteps": 120, "headRays": 192, "torsoRays": 128, "smoothFrom": 200, "rate": 0.004, "decaySteps": 600,
     "faceShare": 0.8, "mouthShare": 0.1, "transposedRectangles": false}
    """

    /// Trains by a recipe and opens what comes out.
    private func train(_ folder: ScratchFolder, _ name: String, _ recipe: String) throws -> AdNerfPersona {
        try folder.write(name + ".json", recipe)
        var request = PersonaWork.Training(dataset: folder.file("set"), output: folder.file(name + ".persona"), recipe: folder.file(name + ".json"), lpips: "")
        request.engine = "ad-nerf"
        _ = try PersonaWork.train(request, threads: 2, progress: { _ in true })
        let package = try PersonaPackage.read(folder.file(name + ".persona"))
        #expect(package.manifest.facts.engine == "ad-nerf" && package.manifest.facts.width == 128 && package.manifest.facts.hasTorso)
        return try AdNerfPersona(package, path: name)
    }

    /// A held-out frame as a persona draws it, over the plate.
    private func draw(_ persona: AdNerfPersona, _ frame: TrainingFrame, _ footage: DatasetFootage, _ quality: AdNerfPersona.Quality) throws -> [UInt8] {
        let code = try persona.audioCodes(for: footage.features)[frame.audioID]
        let drawn = try persona.render(cameraToWorld: frame.cameraToWorld, ActorConditions(pose: .neutral, eyeClosure: 0, audioCode: code), quality: quality,
                                       budget: ComputeBudget(threads: 2))
        return FootagePictures(footage: footage).flattened(drawn)
    }

    private func decibels(_ a: [UInt8], _ b: [UInt8]) -> Double {
        let error = zip(a, b).reduce(0.0) { $0 + pow((Double($1.0) - Double($1.1)) / 255, 2) }
        return -10 * log10(max(error / Double(a.count), 1e-12))
    }

    @Test func itLearnsTheStageAt128PixelsAndDrawingFastCostsLittle() throws {
        let folder = try ScratchFolder()
        _ = try PersonaWork.stage(folder.file("set"), seconds: 1, size: 128, seed: 7, heldOut: false, lessonMinutes: 0, threads: 2, progress: { _ in true })
        let footage = try DatasetFootage(path: folder.file("set"))
        let trained = try train(folder, "trained", Self.recipe)
        let once = Self.recipe.replacingOccurrences(of: "\"headSteps\": 260, \"torsoSteps\": 120", with: "\"headSteps\": 1, \"torsoSteps\": 1")
        let untrained = try train(folder, "untrained", once)
        let frame = footage.held[footage.held.count / 2]
        let truth = try footage.pixels(of: frame).image
        let exact = try draw(trained, frame, footage, .exact), fast = try draw(trained, frame, footage, .culled)
        let figures = (learned: decibels(exact, truth), fast: decibels(fast, truth), begun: decibels(try draw(untrained, frame, footage, .exact), truth), between: decibels(fast, exact))
        let words = "learned \(figures.learned), fast \(figures.fast), before \(figures.begun), fast against exact \(figures.between) dB"
        #expect(figures.learned > 20 && figures.learned > figures.begun + 4, "\(words)")
        #expect(figures.fast > figures.learned - 0.5, "\(words)")
        #expect(figures.between > 40, "\(words)")
    }
}
