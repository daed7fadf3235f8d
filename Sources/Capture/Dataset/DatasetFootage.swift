// A data set folder as training footage.
import Base
import Engines
import Foundation
import Media
import Motion
import Speech
import Synchronization
import Tensors

/// Reads the original projects' folder layout, and the stage's. Pixels are read when asked for and kept while they fit.
package final class DatasetFootage: TrainingFootage {
    package let name: String
    package let width: Int
    package let height: Int
    package let focal: Float
    package let center: SIMD2<Float>
    package let framesPerSecond = 25
    package let train: [TrainingFrame]
    package let held: [TrainingFrame]
    package let audioKind: String
    package let features: SpeechFeatures
    package let background: [UInt8]
    package let speechOnly: [SpeechLesson]
    package let folder: DatasetFolder

    private struct Cache { var pixels: [Int: TrainingPixels] = [:]; var bytes = 0 }
    private let cache = Mutex(Cache())
    private let cacheLimit: Int

    /// Opens a folder. `cacheBytes` bounds what is kept of the pictures.
    package init(path: String, cacheBytes: Int = 512 << 20) throws(EngineError) {
        folder = DatasetFolder(path: path)
        name = URL(fileURLWithPath: path).lastPathComponent
        cacheLimit = cacheBytes
        let trainFile = try folder.readTransforms("transforms_train.json"), heldFile = try folder.readTransforms("transforms_val.json")
        let plate = try Self.picture(folder.file(folder.exists("bc.png") ? "bc.png" : "bc.jpg"), channels: 3)
        (width, height, background) = (plate.width, plate.height, plate.bytes)
        focal = trainFile.focal_len
        center = SIMD2(trainFile.cx, trainFile.cy)
        let closures = try folder.readClosures()
        train = try Self.frames(trainFile, folder, closures)
        held = try Self.frames(heldFile, folder, closures)
        let published = try Self.features(folder)
        (features, audioKind) = (published.stored, published.kind)
        speechOnly = try Self.lessons(folder, kind: audioKind)
    }

    private static func frames(_ file: DatasetFolder.Transforms, _ folder: DatasetFolder, _ closures: [Float]) throws(EngineError) -> [TrainingFrame] {
        var result: [TrainingFrame] = []
        for frame in file.frames where FileManager.default.fileExists(atPath: folder.image(frame.img_id)) {
            guard frame.img_id >= 0, frame.img_id < closures.count else {
                throw .unreadable(path: folder.file("au.csv"), reason: "it has no row for frame \(frame.img_id)")
            }
            guard frame.aud_id >= 0 else { throw .unreadable(path: folder.path, reason: "frame \(frame.img_id) has audio row \(frame.aud_id)") }
            let rows = frame.transform_matrix.map { SIMD4($0[0], $0[1], $0[2], $0[3]) }
            result.append(TrainingFrame(imageID: frame.img_id, audioID: frame.aud_id, cameraToWorld: Matrix4(rows: rows),
                                        eyeClosure: closures[frame.img_id], landmarks: try folder.readLandmarks(frame.img_id)))
        }
        return result
    }

    private static func features(_ folder: DatasetFolder) throws(EngineError) -> PublishedFeatures {
        for file in PublishedFeatures.files where folder.exists(file.name) {
            return try PublishedFeatures(path: folder.file(file.name), kind: file.kind)
        }
        let names = PublishedFeatures.files.map(\.name).joined(separator: ", ")
        throw .unreadable(path: folder.path, reason: "it has no audio features: one of \(names)")
    }

    /// Speech without pictures, where the folder has some of the same feature kind.
    private static func lessons(_ folder: DatasetFolder, kind: String) throws(EngineError) -> [SpeechLesson] {
        guard kind == LogMelExtractor.kind, folder.exists(SpeechLessons.mouthFile) else { return [] }
        func rows(_ name: String, width: Int) throws(EngineError) -> [[Float]] {
            let path = folder.file(name)
            let tensor: Tensor
            do { tensor = try NumpyFile.read(path) } catch { throw .unreadable(path: path, reason: "\(error)") }
            guard tensor.shape.count == 2, tensor.shape[1] == width else {
                throw .unreadable(path: path, reason: "shape \(tensor.shape) is not [rows, \(width)]")
            }
            return (0..<tensor.shape[0]).map { Array(tensor.values[($0 * width)..<(($0 + 1) * width)]) }
        }
        let steps = try rows(SpeechLessons.stepFile, width: LogMelExtractor.bands), mouths = try rows(SpeechLessons.mouthFile, width: 7)
        return [SpeechLessons(steps: steps, mouths: mouths).lesson]
    }

    private static func picture(_ path: String, channels: Int) throws(EngineError) -> RawImage {
        do { return try ImageFile.readRaw(path, channels: channels) } catch { throw .unreadable(path: path, reason: "\(error)") }
    }

    /// A picture of the set's own size.
    private func part(_ path: String, channels: Int) throws(EngineError) -> [UInt8] {
        let image = try Self.picture(path, channels: channels)
        guard image.width == width, image.height == height else {
            throw .unreadable(path: path, reason: "it is \(image.width)x\(image.height), the background is \(width)x\(height)")
        }
        return image.bytes
    }

    package func pixels(of frame: TrainingFrame) throws(EngineError) -> TrainingPixels {
        let id = frame.imageID
        if let kept = cache.withLock({ $0.pixels[id] }) { return kept }
        let image = try part(folder.image(id), channels: 3)
        let torso = try part(folder.torso(id), channels: 4)
        let parsing = try part(folder.parsing(id), channels: 3)
        let codes = (0..<(width * height)).map { ParsingColors.code(parsing[3 * $0], parsing[3 * $0 + 1], parsing[3 * $0 + 2]) }
        let pixels = TrainingPixels(image: image, torso: torso, parsing: codes)
        let size = image.count + torso.count + codes.count
        cache.withLock { cache in
            guard cache.bytes + size <= cacheLimit, cache.pixels[id] == nil else { return }
            cache.pixels[id] = pixels
            cache.bytes += size
        }
        return pixels
    }
}
