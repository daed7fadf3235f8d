// From a film of a person to a data set folder.
import Base
import Engines
import Faces
import Foundation
import Imaging
import Media
import Motion
import Sound
import Speech
import Tensors

/// What a capture works with and what it is asked for.
package struct CaptureRequest: Sendable {
    package var film: String
    package var output: String
    /// Width and height of the pictures.
    package var size = 512
    /// Seconds of the film; nil: to its end.
    package var from = 0.0
    package var to: Double?
    /// Number of the face; nil: the only one.
    package var face: Int?
    /// A file with the speech of the film instead of the film's own.
    package var sound: String?
    /// A table of OpenFace of the same film, whose closures of the eyes are taken instead of our own.
    package var blinks: String?
    package init(film: String, output: String) {
        self.film = film
        self.output = output
    }
}

/// What a capture sees with and what a persona of it hears with.
package struct CaptureTools: Sendable {
    package var models: FaceModels
    package var canonical: CanonicalFace
    package var mask: PersonMaskModel
    /// A speech encoder and what it is called; nil: the persona hears levels of sound.
    package var hearing: (name: String, encoder: SpeechEncoder)?
    package init(models: FaceModels, canonical: CanonicalFace, mask: PersonMaskModel, hearing: (name: String, encoder: SpeechEncoder)?) {
        (self.models, self.canonical, self.mask, self.hearing) = (models, canonical, mask, hearing)
    }
}

/// Writes a data set folder. What is finished is kept: an interrupted capture goes on where it stopped.
package struct FootageCapture {
    private let request: CaptureRequest
    private let tools: CaptureTools
    private let budget: ComputeBudget
    private let progress: ProgressHandler
    private let folder: DatasetFolder

    package init(_ request: CaptureRequest, tools: CaptureTools, budget: ComputeBudget, progress: @escaping ProgressHandler) {
        (self.request, self.tools, self.budget, self.progress) = (request, tools, budget, progress)
        folder = DatasetFolder(path: request.output)
    }

    /// Captures the film. - Throws: `CaptureRefusal` where a persona cannot be taught with it; what the gates say where they fail.
    package func run() throws -> CaptureNote.Found {
        let part = try wantedPart()
        var note = try begin()
        // The sound first: without one there is nothing to teach, and it costs a moment.
        let sound = try sound(part)
        let told = try request.blinks.map { try EyeClosure.table($0, start: part.start.doubleValue, frames: part.frames) }
        let seen = try looked(part, note)
        let solved = try solve(seen)
        let frames = FrameShoot(request: request, folder: folder, crop: seen.crop, start: part.start, progress: progress)
        try frames.shoot(seen, frames: part.frames)
        let plate = try frames.plate(seen, tools.mask)
        try frames.finish(seen, plate, tools.mask, budget)
        try writeFacts(part, sound, told ?? closures(seen, frames: part.frames), seen, solved)
        let found = found(part, seen, solved, plate)
        note.found = found
        try write(note)
        return found
    }

    // MARK: the film and its sound

    /// The part of the film: where it begins, and its pictures at 25 a second.
    struct Part {
        var start: Rational
        var frames: Int
    }

    private func wantedPart() throws -> Part {
        let info = try MediaProbe.probe(request.film)
        guard let video = info.video.first else { throw MediaError.noVideo(path: request.film) }
        let rate = try MediaProbe.frameRate(request.film).framesPerSecond.doubleValue
        let whole = video.isVariableRate ? nil : video.frames.map { Double($0) / rate }
        guard let length = whole ?? info.duration else { throw MediaError.unreadable(path: request.film, reason: "it does not say how long it is") }
        let end = min(request.to ?? length, length)
        guard request.from >= 0, request.from < end else { throw CaptureRefusal(reason: String(format: "%@: is %.2f s long; there is nothing between %.2f and %.2f s", request.film, length, request.from, end), advice: "give --from and --to inside the film") }
        let frames = Int(((end - request.from) * 25 + 0.01).rounded(.down))
        guard frames >= FootageLook.leastFrames else {
            throw CaptureRefusal(reason: "\(request.film): \(frames) pictures at 25 a second are too few; at least \(FootageLook.leastFrames) are needed, some thousand are good", advice: "one to five minutes of speech make a good persona")
        }
        return Part(start: Rational(Int64((request.from * 1000).rounded()), 1000), frames: frames)
    }

    /// Speech of the part at 16 kHz, one channel.
    private func sound(_ part: Part) throws -> AudioBuffer {
        let path = request.sound ?? request.film
        let info = try MediaProbe.probe(path)
        guard !info.audio.isEmpty else {
            throw CaptureRefusal(reason: "\(path): has no sound; a persona learns from it which mouth belongs to which sound", advice: "name a file with the film's speech with --sound")
        }
        let whole = try AudioFile.read(path, sampleRate: 16_000).mono
        let first = Int((part.start.doubleValue * 16_000).rounded()), count = part.frames * 640
        let samples = (first..<first + count).map { whole.indices.contains($0) ? whole[$0] : 0 }
        guard (samples.map(abs).max() ?? 0) > 1e-3 else {
            throw CaptureRefusal(reason: "\(path): is silent; a persona learns from its speech which mouth belongs to which sound", advice: "name a file with the film's speech with --sound")
        }
        return AudioBuffer(channels: [samples], sampleRate: 16_000)
    }

    // MARK: the note

    private var wish: CaptureNote.Wish {
        var key = ContentKey("capture")
        mixFilm(into: &key)
        key.mix(tools.models.contentKey)
        key.mix(tools.mask.contentKey)
        return CaptureNote.Wish(film: URL(fileURLWithPath: request.film).lastPathComponent, key: "\(key)", size: request.size, from: request.from, to: request.to, face: request.face)
    }

    private func mixFilm(into key: inout ContentKey) {
        let facts = try? FileManager.default.attributesOfItem(atPath: request.film)
        key.mix((facts?[.size] as? NSNumber)?.intValue ?? 0)
        key.mix((facts?[.modificationDate] as? Date)?.timeIntervalSinceReferenceDate ?? 0)
    }

    /// Where the look is kept while it goes on. It hangs on the film and its part, not on the face that is chosen or the size.
    private func pieces(_ part: Part) -> LookPieces {
        var key = ContentKey("capture")
        mixFilm(into: &key)
        key.mix(tools.models.contentKey)
        key.mix(part.start)
        key.mix(part.frames)
        return LookPieces(folder: folder.file("looks"), key: key)
    }

    /// Makes the folder, or goes on with one of the same film and wishes.
    private func begin() throws -> CaptureNote {
        let files = FileManager.default
        if let old = folder.captureNote {
            // As long as nothing of the data set is there, it may become another one: a refusal may have asked for that.
            guard old.wish == wish || !SeenFace.isKept(in: folder) else {
                throw CaptureRefusal(reason: "\(request.output): holds another capture: of another film, part, size, face or model", advice: "name an empty folder with -o, or take that one away")
            }
            if old.wish == wish {
                try folder.prepare()
                return old
            }
        } else if let names = try? files.contentsOfDirectory(atPath: request.output), !names.isEmpty {
            throw CaptureRefusal(reason: "\(request.output): is there already and holds no capture; it is not written into", advice: "name an empty folder with -o")
        }
        try folder.prepare()
        let note = CaptureNote(wish: wish)
        try write(note)
        return note
    }

    private func write(_ note: CaptureNote) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do { try AtomicFile.write(encoder.encode(note), to: folder.file(DatasetFolder.captureFile)) } catch { throw DatasetFolder.refusal(folder.path, error) }
    }

    // MARK: the head

    private func looked(_ part: Part, _ note: CaptureNote) throws -> SeenFace {
        if let kept = try SeenFace(keptIn: folder, size: request.size) { return kept }
        let pieces = pieces(part)
        let look = try FootageLook(film: request.film, from: part.start, frames: part.frames, face: request.face, models: tools.models, pieces: pieces, progress: progress)
        let seen = SeenFace(look, size: request.size)
        try seen.keep(in: folder)
        pieces.remove()
        return seen
    }

    private func solve(_ seen: SeenFace) throws -> HeadSolver.Solution {
        guard progress(ProgressReport(phase: "head", done: 0, total: 1)) else { throw EngineError.interrupted }
        let rigid = MeshNumbers.rigid(tools.canonical)
        let heads = seen.frames.indices.map { k in
            let angles = seen.angles[k]
            return SeenHead(frame: seen.frames[k], points: rigid.map { SIMD2(Double(seen.points[k][$0].x), Double(seen.points[k][$0].y)) },
                            guess: Quaternion(yaw: Double(angles.x), pitch: Double(angles.y), roll: Double(angles.z)))
        }
        let solution = HeadSolver(model: rigid.map { SIMD3<Double>(tools.canonical.vertices[$0]) }, seen: heads, size: Double(request.size), budget: budget).solve()
        guard solution.error.isFinite, solution.error < Double(request.size) / 40 else {
            throw CaptureRefusal(reason: String(format: "%@: the head could not be solved: its points are missed by %.1f pixels", request.film, solution.error), advice: "`studio faces \(request.film) -o sheet.png` shows whether the points lie on the face")
        }
        _ = progress(ProgressReport(phase: "head", done: 1, total: 1))
        return solution
    }

    // MARK: files of the whole

    private func writeFacts(_ part: Part, _ sound: AudioBuffer, _ closures: [Float], _ seen: SeenFace, _ solved: HeadSolver.Solution) throws {
        do {
            try AudioFile.write(sound, to: folder.file("aud.wav"))
            try folder.writeLevels(of: sound, frameCount: part.frames)
            if let hearing = tools.hearing { try SafetensorsFile.write(hearing.encoder.tensors, to: folder.file(DatasetFolder.encoderFile)) }
            try folder.writeClosures(closures)
            let frame = HeadFrame(of: solved.heads)
            let poses = solved.heads.map { solved.camera.cameraToWorld($0, in: frame) }
            // Last: a folder with them is a whole data set.
            try folder.writeTransforms(poses: poses, frames: seen.frames, trainCount: poses.count * 10 / 11, focal: Float(solved.camera.focal), size: request.size)
        } catch { throw DatasetFolder.refusal(folder.path, error) }
    }

    /// As the mesh shows them; open where the face is not seen.
    private func closures(_ seen: SeenFace, frames: Int) -> [Float] {
        var closures = [Float](repeating: 0, count: frames)
        for (frame, value) in zip(seen.frames, EyeClosure.closures(seen.points.map(FaceOpening.eyes))) where closures.indices.contains(frame) { closures[frame] = value }
        return closures
    }

    private func found(_ part: Part, _ seen: SeenFace, _ solved: HeadSolver.Solution, _ plate: BackgroundGathering.Plate) -> CaptureNote.Found {
        let frame = HeadFrame(of: solved.heads)
        return CaptureNote.Found(frames: part.frames, seen: seen.frames.count, crop: [seen.crop.x, seen.crop.y, seen.crop.side], focal: solved.camera.focal,
                          error: solved.error, usualError: solved.usualError, unitsPerCentimetre: frame.unitsPerCentimetre,
                          pivot: [frame.pivot.x, frame.pivot.y, frame.pivot.z], backgroundSeen: plate.seen, backgroundUnrest: plate.unrest,
                          hearing: tools.hearing?.name)
    }
}
