// The verb `capture`: a film of a person becomes a training data set.
import Base
import Capture
import Faces
import Foundation
import Speech
import TalkingHead
import Tensors

package enum CaptureWork {
    /// What is asked for beyond the film itself.
    package struct Request: Sendable {
        package var capture: CaptureRequest
        /// A face model; nil: the one that is found.
        package var model: String?
        /// A persona whose speech encoder hears for personas of this data set; nil: the one beside the program. `levels`: none.
        package var hearing: String?
        package init(film: String, output: String) { capture = CaptureRequest(film: film, output: output) }
    }

    /// The word that asks for no encoder.
    package static let levels = "levels"

    /// Captures a film; gives what to print, and what to warn of.
    package static func run(_ request: Request, threads: Int, progress: @escaping ProgressHandler) throws -> (text: String, warnings: [String]) {
        try check(request.capture)
        do {
            let tools = try tools(request)
            let found = try FootageCapture(request.capture, tools: tools, budget: ComputeBudget(threads: threads), progress: progress).run()
            return (text(found, request.capture), warnings(found, request))
        } catch {
            var failure = StudioFailure.of(error)
            if failure.exitCode == 130 { failure.advice = "the same command goes on where it stopped" }
            throw failure
        }
    }

    private static func check(_ capture: CaptureRequest) throws {
        guard (64...2048).contains(capture.size), capture.size % 8 == 0 else { throw StudioFailure(2, "--size \(capture.size): expected 64…2048, a multiple of 8") }
        guard capture.from >= 0, capture.from.isFinite else { throw StudioFailure(2, "--from \(capture.from): expected seconds of the film, 0 or more") }
        if let to = capture.to, !(to > capture.from && to.isFinite) { throw StudioFailure(2, "--to \(to): expected more seconds than --from") }
        if let face = capture.face, face < 1 { throw StudioFailure(2, "--face \(face): faces are numbered from 1") }
        for path in [capture.film, capture.sound, capture.blinks].compactMap({ $0 }) where !FileManager.default.fileExists(atPath: path) { throw StudioFailure(3, "\(path): there is no such file") }
    }

    // MARK: what it works with

    private static let canonicalName = "canonical_face_model.obj", maskName = "selfie_segmentation.tflite"

    /// All models are looked for before the film is opened.
    private static func tools(_ request: Request) throws -> CaptureTools {
        let film = request.capture.film
        let models = try FaceModelFile.open(request.model, near: film)
        return CaptureTools(models: models, canonical: try canonical(models, film), mask: try mask(models, film), hearing: try hearing(request.hearing))
    }

    /// A file beside the face model or in a `models` folder.
    private static func file(_ name: String, _ models: FaceModels, _ film: String) -> String? {
        let beside = URL(fileURLWithPath: models.path).deletingLastPathComponent().appendingPathComponent(name).path
        return FileManager.default.fileExists(atPath: beside) ? beside : FaceModelFile.find([name], near: film)
    }

    private static func canonical(_ models: FaceModels, _ film: String) throws -> CanonicalFace {
        if let own = models.canonical { return own }
        guard let file = file(canonicalName, models, film) else {
            throw StudioFailure(3, "\(models.path): brings no geometry of the face, and there is no models/\(canonicalName)", advice: "put MediaPipe's face_landmarker.task (it holds the geometry) or its \(canonicalName) into models/; docs/capture.md says more")
        }
        return try CanonicalFace(objectFile: file)
    }

    private static func mask(_ models: FaceModels, _ film: String) throws -> PersonMaskModel {
        guard let file = file(maskName, models, film) else {
            throw StudioFailure(3, "there is no models/\(maskName) on this machine: nothing tells person and background apart", advice: "scripts/fetch-face-models puts it into models/")
        }
        return try PersonMaskModel(path: file)
    }

    /// The encoder of a persona that hears speech.
    private static func hearing(_ named: String?) throws -> (name: String, encoder: SpeechEncoder)? {
        guard named != levels else { return nil }
        guard let path = named ?? (try? ProjectWork.found(.persona, nil)) else { return nil }
        let teacher = try SpeechHearing.teacher(path, advice: "name another persona with --hearing, or `--hearing \(levels)`")
        return (teacher.name, teacher.encoder)
    }

    // MARK: words

    private static func text(_ found: CaptureNote.Found, _ capture: CaptureRequest) -> String {
        let crop = found.crop.count == 3 ? "the square of \(found.crop[2]) pixels at \(found.crop[0]), \(found.crop[1])" : ""
        return [
            "\(capture.output): \(found.seen) of \(found.frames) frames of \(capture.size)x\(capture.size), \(crop)",
            String(format: "head    missed by %.2f pixels (%.2f with the usual face), focal length %.0f", found.error, found.usualError, found.focal),
            String(format: "plate   %.0f %% of it was seen, %.0f %% of that changes", 100 * found.backgroundSeen, 100 * found.backgroundUnrest),
            "speech  heard by " + (found.hearing.map { "the encoder of \($0)" } ?? "its levels"),
        ].joined(separator: "\n")
    }

    private static func warnings(_ found: CaptureNote.Found, _ request: Request) -> [String] {
        var result: [String] = []
        if found.seen < found.frames { result.append("the face is not seen in \(found.frames - found.seen) pictures; they are left out") }
        if found.backgroundUnrest > 0.15 { result.append(String(format: "%.0f %% of the background changes over the film: the camera or the background moves; edges of the person will carry traces of it", 100 * found.backgroundUnrest)) }
        if found.seen < 750 { result.append("\(found.seen) frames are little: one to five minutes of speech make a good persona") }
        if found.error > Double(request.capture.size) / 340 { result.append(String(format: "the head is missed by %.1f pixels: expect a restless head", found.error)) }
        if found.hearing == nil { result.append("without a speech encoder a persona learns sounds from this film alone: name a persona that has one with --hearing") }
        return result
    }
}
