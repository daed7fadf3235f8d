// The pictures of a captured data set: cut out of the film, over the plate, parsed, and without the head.
import Base
import Engines
import Faces
import Foundation
import Imaging
import Media

/// Writes the files of each frame; those that are there are kept.
struct FrameShoot {
    let request: CaptureRequest
    let folder: DatasetFolder
    let crop: FootageCrop
    let start: Rational
    let progress: ProgressHandler

    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Cuts the frames out of the film: `ori_imgs` with their landmarks.
    func shoot(_ seen: SeenFace, frames: Int) throws {
        let missing = seen.frames.indices.filter { !isThere(folder.landmarks(seen.frames[$0])) }
        guard !missing.isEmpty else { return }
        let reader = try VideoReader(path: request.film)
        for (count, k) in missing.enumerated() {
            guard progress(ProgressReport(phase: "frames", done: count, total: missing.count)) else { throw EngineError.interrupted }
            let frame = seen.frames[k]
            let picture = crop.picture(try reader.picture(at: start + Rational(frame) / FootageLook.rate).frame)
            do {
                try ImageFile.write(ImageFile.eightBit(picture, channels: 3), to: folder.original(frame), jpegQuality: 1)
                // The landmarks come last: with them the frame is whole.
                try folder.writeLandmarks(seen.layout(k), frame: frame)
            } catch { throw DatasetFolder.refusal(folder.path, error) }
        }
        _ = progress(ProgressReport(phase: "frames", done: missing.count, total: missing.count))
    }

    /// The plate, made of frames all over the film.
    func plate(_ seen: SeenFace, _ mask: PersonMaskModel) throws -> BackgroundGathering.Plate {
        var gathering = BackgroundGathering(size: crop.size)
        let cutter = PersonCut(mask)
        let count = min(BackgroundGathering.mostPictures, seen.frames.count)
        for k in 0..<count {
            guard progress(ProgressReport(phase: "background", done: k, total: count)) else { throw EngineError.interrupted }
            let picture = try ImageFile.read(folder.original(seen.frames[(2 * k + 1) * seen.frames.count / (2 * count)]))
            gathering.add(ImageFile.eightBit(picture, channels: 3).bytes, cutter.cut(picture))
        }
        let plate = gathering.plate()
        do { try folder.writePlate(plate.rgb, size: crop.size) } catch { throw DatasetFolder.refusal(folder.path, error) }
        _ = progress(ProgressReport(phase: "background", done: count, total: count))
        return plate
    }

    /// `gt_imgs`, `torso_imgs` and `parsing` of every frame, on all threads.
    func finish(_ seen: SeenFace, _ plate: BackgroundGathering.Plate, _ mask: PersonMaskModel, _ budget: ComputeBudget) throws(EngineError) {
        let state = ShootState(phase: "parsing", total: seen.frames.count)
        budget.forEach(seen.frames.count) { k in
            guard !state.isStopped else { return }
            do {
                if !isThere(folder.parsing(seen.frames[k])) { try finish(seen.frames[k], seen.points[k], plate.rgb, PersonCut(mask)) }
                state.finish(progress)
            } catch { state.fail(DatasetFolder.refusal(folder.path, error)) }
        }
        if let error = state.error { throw error }
        if state.isStopped { throw .interrupted }
    }

    private func finish(_ frame: Int, _ points: [SIMD3<Float>], _ plate: [UInt8], _ cutter: PersonCut) throws {
        let picture = try ImageFile.read(folder.original(frame))
        let rgb = ImageFile.eightBit(picture, channels: 3).bytes, cut = cutter.cut(picture)
        let classes = PersonParsing(rgb: rgb, cut: cut, points: points).classes()
        var body = TorsoPicture(rgb: rgb, classes: classes, cut: cut)
        let over = rgb.indices.map { n in
            let cover = cut.values[n / 3]
            return UInt8((Float(rgb[n]) * cover + Float(plate[n]) * (1 - cover)).rounded())
        }
        let size = crop.size
        try ImageFile.write(RawImage(width: size, height: size, channels: 3, bytes: over), to: folder.image(frame), jpegQuality: 1)
        try ImageFile.write(RawImage(width: size, height: size, channels: 4, bytes: body.painted()), to: folder.torso(frame))
        // The parsing comes last: with it the frame is whole.
        try folder.writeParsing(classes, size: size, frame: frame)
    }
}
