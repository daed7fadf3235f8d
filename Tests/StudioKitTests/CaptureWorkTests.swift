// The verb `capture`: what it works with, what it refuses, and what `train` makes of its data set.
import Base
import Capture
import Engines
import Foundation
import Speech
@testable import StudioKit
import TalkingHead
import Tensors
import Testing
import TestSupport

@Suite struct CaptureWorkTests {
    private static let film = SharedFolder.file("data/persona/may_synctalk_512_25fps.mp4")
    private static let nova = SharedFolder.projectRoot + "/personas/nova.persona"
    private static var isHere: Bool { film != nil && SharedFolder.file("data/models/selfie_segmentation.tflite") != nil && FileManager.default.fileExists(atPath: nova) }

    private func scratch() throws -> URL {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "studio-capture-verb-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
    private func failure(_ request: CaptureWork.Request) -> StudioFailure? {
        do {
            _ = try CaptureWork.run(request, threads: 2) { _ in true }
            return nil
        } catch { return error as? StudioFailure }
    }

    @Test func `wishes that make no sense are refused before anything is read`() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        var request = CaptureWork.Request(film: folder.path + "/none.mp4", output: folder.path + "/set")
        #expect(failure(request)?.exitCode == 3 && failure(request)?.message.contains("none.mp4") == true)
        for (change, word) in [({ $0.size = 100 }, "--size 100"), ({ $0.from = -1 }, "--from -1"), ({ $0.from = 4; $0.to = 3 }, "--to 3"), ({ $0.face = 0 }, "--face 0")] as [((inout CaptureRequest) -> Void, String)] {
            var wrong = request
            change(&wrong.capture)
            #expect(failure(wrong)?.exitCode == 2 && failure(wrong)?.message.contains(word) == true, "\(word)")
        }
        // A model that is no model is named, and the film is not touched.
        try Data("no film".utf8).write(to: folder.appendingPathComponent("film.mp4"))
        request.capture.film = folder.path + "/film.mp4"
        request.model = folder.path + "/none.task"
        #expect(failure(request)?.exitCode == 3 && failure(request)?.message.contains("none.task") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/set"))
    }

    @Test(.enabled(if: isHere, "footage, models or the built-in persona are not here"))
    func `a captured set is heard by the persona that was named, and says its scale`() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        var request = CaptureWork.Request(film: try #require(Self.film), output: folder.path + "/set")
        (request.capture.size, request.capture.from, request.capture.to, request.hearing) = (64, 3, 4.2, Self.nova)
        let result = try CaptureWork.run(request, threads: 2) { _ in true }
        #expect(result.text.contains("30 of 30 frames of 64x64") && result.text.contains("heard by the encoder of"))
        #expect(result.warnings.contains { $0.contains("30 frames are little") })
        let footage = try DatasetFootage(path: request.capture.output)
        let encoder = try #require(try SpeechHearing.encoder(for: footage, recipe: TrainingRecipe(), keptIn: folder.path, budget: ComputeBudget(threads: 2)) { _ in true })
        #expect(encoder.tensors == (try PersonaPackage.read(Self.nova).speechEncoder))
        let heard = try DatasetFootage(path: request.capture.output, encoder: encoder)
        #expect(heard.audioKind == HeardMouthExtractor.kind && heard.features.rows.count >= 30)
        let origin = PersonaWork.origin(footage, output: "ada.persona", recipe: "none")
        #expect(origin.unitsPerCentimetre == 0.0125 && origin.pivot.y < -0.05 && origin.consent == "not stated")
    }

    @Test(.enabled(if: isHere, "footage, models or the built-in persona are not here"))
    func `a part without a face and a persona without an encoder are named`() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        var request = CaptureWork.Request(film: try #require(Self.film), output: folder.path + "/set")
        request.hearing = folder.path + "/none.persona"
        #expect(failure(request)?.exitCode == 3 && failure(request)?.message.contains("none.persona") == true)
        (request.hearing, request.capture.from) = (CaptureWork.levels, 100)
        let late = failure(request)
        #expect(late?.exitCode == 3 && late?.message.contains("there is nothing between") == true && late?.advice?.contains("--from") == true)
    }
}
