// Verbs that make and look at personas.
import Base
import Capture
import Engines
import Foundation
import Imaging
import Media
import Motion
import TalkingHead

package enum PersonaWork {
    /// Shoots a data set; frames that are there already are kept.
    package static func stage(_ folder: String, seconds: Int, size: Int, seed: UInt64, heldOut: Bool, lessonMinutes: Int, threads: Int,
                              progress: @escaping ProgressHandler) throws -> Int {
        let plan = StagePlan(seconds: seconds, size: size, seed: seed, heldOut: heldOut, lessonMinutes: lessonMinutes)
        guard plan.size >= 64, plan.size <= 2048, plan.size % 8 == 0 else { throw StudioFailure(2, "--size \(plan.size): expected 64…2048, a multiple of 8") }
        guard (1...3600).contains(plan.seconds) else { throw StudioFailure(2, "--seconds \(plan.seconds): expected 1…3600") }
        guard (0...240).contains(plan.lessonMinutes) else { throw StudioFailure(2, "--lessons \(plan.lessonMinutes): expected 0…240 minutes") }
        do { return try StageProducer(plan: plan, folder: folder).run(budget: ComputeBudget(threads: threads), progress: progress) } catch {
            var failure = StudioFailure.of(error)
            if failure.exitCode == 130 { failure.advice = "the same command goes on where it stopped" }
            throw failure
        }
    }

    /// What a persona of this data set says of itself.
    static func origin(_ footage: DatasetFootage, output: String, recipe: String) -> PersonaAssembler.Origin {
        let name = URL(fileURLWithPath: output).deletingPathExtension().lastPathComponent
        let isStage = footage.folder.isStage
        var result = PersonaAssembler.Origin(name: name, licence: isStage ? "Apache-2.0" : "unknown", consent: isStage ? "procedural: no person was recorded" : "not stated",
                                             recipe: recipe, unitsPerCentimetre: 0.01, pivot: SIMD3(0, -0.1, 0))
        if isStage {
            (result.unitsPerCentimetre, result.pivot) = (StageScale.unitsPerCentimetre, StageScale.pivot)
        } else if let found = footage.folder.captureNote?.found, found.pivot.count == 3, found.unitsPerCentimetre > 0 {
            // A head of usual size: nobody measured this one.
            (result.unitsPerCentimetre, result.pivot) = (Float(found.unitsPerCentimetre), SIMD3(Float(found.pivot[0]), Float(found.pivot[1]), Float(found.pivot[2])))
        }
        // Of other footage nobody knows the scale: a head is taken to be as large as in the original's data sets (about 1/10 of a metre a unit).
        return result
    }

    package static func info(_ path: String) throws -> String {
        do {
            return try JSONText.of(NamedInput.persona(path).manifest.facts)
        } catch { throw StudioFailure.of(error) }
    }

    /// Draws validation frames and compares them with the truth.
    ///
    /// - Parameters:
    ///   - lpips: Weights of LPIPS; without the file the report does without.
    ///   - model: A face model that measures real people; nil: the one that is found. Without one the report does without mouth and eyes.
    package static func check(_ path: String, dataset: String, sheet: String?, every: Int, lpips: String, model: String?, progress: @escaping ProgressHandler) throws -> String {
        do {
            if let sheet { try PictureWork.check(sheet) }
            let persona = try PersonaOpening.open(NamedInput.persona(path), path: path, quality: .exact)
            let footage = try NamedInput.footage(dataset, encoder: SpeechHearing.encoder(of: persona))
            guard (footage.width, footage.height) == (persona.facts.width, persona.facts.height) else {
                throw StudioFailure(2, "\(path) draws \(persona.facts.width)x\(persona.facts.height), the pictures of \(dataset) are \(footage.width)x\(footage.height)", advice: "shoot held-out footage of the persona's size: `studio stage --held-out --size \(persona.facts.width)`")
            }
            var check = PersonaCheck(persona: persona, footage: footage, perceptual: try PerceptualDistance(path: lpips))
            (check.measure, check.missing) = try measure(footage, dataset: dataset, model: model)
            let report = try check.run(every: every, keeps: sheet == nil ? 0 : 6, progress: progress)
            if let sheet { try PictureWork.write(report.sheet(), to: sheet) }
            return report.text
        } catch { throw StudioFailure.of(error) }
    }

    /// What sees mouths and eyes in a data set: the stage's presenter is known by colours, people by a face mesh.
    static func measure(_ footage: DatasetFootage, dataset: String, model: String?) throws -> (measure: (any OpeningMeasure)?, missing: String) {
        if footage.folder.isStage { return (PresenterOpenings(footage: footage), "") }
        guard model != nil || FaceModelFile.find(near: dataset) != nil else { return (nil, "there is no face model on this machine; scripts/fetch-face-models puts one into models/") }
        return (MeshOpenings(try FaceModelFile.open(model, near: dataset), footage: footage), "")
    }
}
