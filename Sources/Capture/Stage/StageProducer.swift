// Shoots a stage take into a data set folder of the ER-NeRF layout.
import Base
import Engines
import Foundation
import Media
import Presenter
import Speech
import Tensors

/// Writes a data set folder; frames that are already there are kept, so an interrupted shoot goes on where it stopped.
package struct StageProducer: Sendable {
    package let plan: StagePlan
    package let folder: DatasetFolder

    package init(plan: StagePlan, folder: String) {
        self.plan = plan
        self.folder = DatasetFolder(path: folder)
    }

    /// Shoots the whole set. Returns the number of frames.
    @discardableResult
    package func run(budget: ComputeBudget, progress: @escaping ProgressHandler) throws(EngineError) -> Int {
        guard plan.size >= 64, plan.size <= 2048, plan.size % 8 == 0 else {
            throw .badInput("a stage picture is 64 to 2048 pixels wide, a multiple of 8; not \(plan.size)")
        }
        guard plan.seconds >= 1, plan.seconds <= 3600 else { throw .badInput("a take is 1 to 3600 seconds long, not \(plan.seconds)") }
        try prepareFolders()
        let script = try StageScript(plan)
        let renderer = PresenterRenderer(size: plan.size, budget: budget)
        try writeOnce(script, renderer)
        try writeLessons(progress)
        try shoot(script, renderer, budget, progress)
        return script.rigs.count
    }

    private func prepareFolders() throws(EngineError) {
        try folder.prepare()
        let note = folder.file("stage.json")
        do {
            if let old = FileManager.default.contents(atPath: note), try JSONDecoder().decode(StagePlan.self, from: old) != plan {
                throw EngineError.badInput("\(folder.path) holds another take: of another seed, size or length; choose an empty folder")
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try AtomicFile.write(encoder.encode(plan), to: note)
        } catch { throw DatasetFolder.refusal(note, error) }
    }

    private func writeOnce(_ script: StageScript, _ renderer: PresenterRenderer) throws(EngineError) {
        let size = plan.size
        do {
            try folder.writePlate(renderer.background, size: size)
            try AudioFile.write(script.sound, to: folder.file("aud.wav"))
            try folder.writeLevels(of: script.sound, frameCount: script.rigs.count)
            let mouth = script.rigs.flatMap { [$0.jaw, $0.wide, $0.pucker, $0.upper, $0.press, $0.tuck, $0.tongue] }
            try NumpyFile.write(Tensor(shape: [script.rigs.count, 7], values: mouth), to: folder.file(SpeechLessons.frameMouthFile))
            try folder.writeClosures(script.rigs.map(\.blink))
            try folder.writeTransforms(poses: script.rigs.map { renderer.camera.cameraToWorld($0.pose) }, trainCount: script.trainCount,
                                       focal: renderer.camera.focal, size: size)
        } catch { throw DatasetFolder.refusal(folder.path, error) }
    }

    private func writeLessons(_ progress: @escaping ProgressHandler) throws(EngineError) {
        guard plan.lessonMinutes > 0, !FileManager.default.fileExists(atPath: folder.file(SpeechLessons.mouthFile)) else { return }
        let lessons = try SpeechLessons(minutes: plan.lessonMinutes, seed: plan.seed &+ 11, progress: progress)
        do {
            try NumpyFile.write(Tensor(shape: [lessons.steps.count, LogMelExtractor.bands], values: lessons.steps.flatMap { $0 }), to: folder.file(SpeechLessons.stepFile))
            try NumpyFile.write(Tensor(shape: [lessons.loudness.count], values: lessons.loudness), to: folder.file(SpeechLessons.loudnessFile))
            try NumpyFile.write(Tensor(shape: [lessons.mouths.count, 7], values: lessons.mouths.flatMap { $0 }), to: folder.file(SpeechLessons.mouthFile))
        } catch { throw DatasetFolder.refusal(folder.path, error) }
    }

    private func shoot(_ script: StageScript, _ renderer: PresenterRenderer, _ budget: ComputeBudget, _ progress: @escaping ProgressHandler) throws(EngineError) {
        // Whole frames to each thread: encoding is spread as well as drawing.
        let state = ShootState(phase: "stage", total: script.rigs.count)
        budget.forEach(script.rigs.count) { frame in
            guard !state.isStopped else { return }
            do throws(EngineError) {
                if !FileManager.default.fileExists(atPath: folder.parsing(frame)) { try shootFrame(frame, script.rigs[frame], renderer) }
                state.finish(progress)
            } catch { state.fail(error) }
        }
        if let error = state.error { throw error }
        if state.isStopped { throw .interrupted }
    }

    private func shootFrame(_ frame: Int, _ rig: PresenterRig, _ renderer: PresenterRenderer) throws(EngineError) {
        let picture = renderer.render(rig)
        let size = plan.size
        do {
            try ImageFile.write(RawImage(width: size, height: size, channels: 3, bytes: picture.rgb), to: folder.image(frame), jpegQuality: 1)
            // The plate is static, so the original frame and the one over the plate are the same file.
            if FileManager.default.fileExists(atPath: folder.original(frame)) { try FileManager.default.removeItem(atPath: folder.original(frame)) }
            try FileManager.default.linkItem(atPath: folder.image(frame), toPath: folder.original(frame))
            try folder.writeLandmarks(picture.landmarks, frame: frame)
            try ImageFile.write(RawImage(width: size, height: size, channels: 4, bytes: picture.torso), to: folder.torso(frame))
            try folder.writeParsing(picture.parsing, size: size, frame: frame)
        } catch { throw DatasetFolder.refusal(folder.path, error) }
    }
}
