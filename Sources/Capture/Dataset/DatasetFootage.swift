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
    package let folder: DatasetFolder

    private struct Cache { var pixels: [Int: TrainingPixels] = [:]; var bytes = 0 }
    private let cache = Mutex(Cache())
    private let cacheLimit: Int

    /// Feature files and the kinds that they hold, in order of preference.
    private static let featureFiles = [
        ("aud_mel.npy", LogMelExtractor.kind), ("aud_ds.npy", "deepspeech"), ("aud_eo.npy", "wav2vec-eo"), ("aud_hu.npy", "hubert"), ("aud.npy", "deepspeech"),
    ]

    /// Opens a folder. `cacheBytes` bounds what is kept of the pictures.
    package init(path: String, cacheBytes: Int = 7 << 30) throws(EngineError) {
        folder = DatasetFolder(path: path)
        name = URL(fileURLWithPath: path).lastPathComponent
        cacheLimit = cacheBytes
        let trainFile = try folder.readTransforms("transforms_train.json"), heldFile = try folder.readTransforms("transforms_val.json")
        let plate = folder.exists("bc.png") ? "bc.png" : "bc.jpg"
        let image: RawImage
        do { image = try ImageFile.readRaw(folder.file(plate), channels: 3) } catch { throw .unreadable(path: folder.file(plate), reason: "\(error)") }
        (width, height, background) = (image.width, image.height, image.bytes)
        focal = trainFile.focal_len
        center = SIMD2(trainFile.cx, trainFile.cy)
        let closures = try folder.readClosures()
        train = try Self.frames(trainFile, folder, closures)
        held = try Self.frames(heldFile, folder, closures)
        (features, audioKind) = try Self.readFeatures(folder)
    }

    private static func frames(_ file: DatasetFolder.Transforms, _ folder: DatasetFolder, _ closures: [Float]) throws(EngineError) -> [TrainingFrame] {
        var result: [TrainingFrame] = []
        for frame in file.frames where FileManager.default.fileExists(atPath: folder.image(frame.img_id)) {
            guard frame.img_id >= 0, frame.img_id < closures.count else {
                throw .unreadable(path: folder.file("au.csv"), reason: "it has no row for frame \(frame.img_id)")
            }
            let rows = frame.transform_matrix.map { SIMD4($0[0], $0[1], $0[2], $0[3]) }
            result.append(TrainingFrame(imageID: frame.img_id, audioID: frame.aud_id, cameraToWorld: Matrix4(rows: rows),
                                        eyeClosure: closures[frame.img_id], landmarks: try folder.readLandmarks(frame.img_id)))
        }
        return result
    }

    private static func readFeatures(_ folder: DatasetFolder) throws(EngineError) -> (SpeechFeatures, String) {
        for (file, kind) in featureFiles where folder.exists(file) {
            let tensor: Tensor
            do { tensor = try NumpyFile.read(folder.file(file)) } catch { throw .unreadable(path: folder.file(file), reason: "\(error)") }
            guard tensor.shape.count == 3, tensor.shape.allSatisfy({ $0 > 0 }) else {
                throw .unreadable(path: folder.file(file), reason: "shape \(tensor.shape) is not [frames, window, channels]")
            }
            let (steps, channels) = (tensor.shape[1], tensor.shape[2])
            let rows = (0..<tensor.shape[0]).map { n -> [Float] in
                var row = [Float](repeating: 0, count: steps * channels)
                for s in 0..<steps { for c in 0..<channels { row[c * steps + s] = tensor.values[(n * steps + s) * channels + c] } }
                return row
            }
            return (SpeechFeatures(rows: rows, channels: channels, steps: steps), kind)
        }
        throw .unreadable(path: folder.path, reason: "it has no audio features: one of \(featureFiles.map(\.0).joined(separator: ", "))")
    }

    package var speechOnly: [SpeechLesson] {
        guard folder.exists("lessons_mel.npy"), folder.exists("lessons_mouth.npy"),
              let mel = try? NumpyFile.read(folder.file("lessons_mel.npy")), let mouth = try? NumpyFile.read(folder.file("lessons_mouth.npy")),
              mel.shape.count == 2, mouth.shape.count == 2 else { return [] }
        func rows(_ t: Tensor) -> [[Float]] { (0..<t.shape[0]).map { Array(t.values[($0 * t.shape[1])..<(($0 + 1) * t.shape[1])]) } }
        return [SpeechLessons(steps: rows(mel), mouths: rows(mouth)).lesson]
    }

    package func pixels(of frame: TrainingFrame) throws(EngineError) -> TrainingPixels {
        let id = frame.imageID
        if let kept = cache.withLock({ $0.pixels[id] }) { return kept }
        let pixels: TrainingPixels
        do {
            let image = try ImageFile.readRaw(folder.image(id), channels: 3)
            let torso = try ImageFile.readRaw(folder.torso(id), channels: 4)
            let parsing = try ImageFile.readRaw(folder.parsing(id), channels: 3)
            for part in [image, torso, parsing] where part.width != width || part.height != height {
                throw EngineError.unreadable(path: folder.path, reason: "pictures of frame \(id) are \(part.width)x\(part.height), not \(width)x\(height)")
            }
            let codes = (0..<(width * height)).map { ParsingColors.code(parsing.bytes[3 * $0], parsing.bytes[3 * $0 + 1], parsing.bytes[3 * $0 + 2]) }
            pixels = TrainingPixels(image: image.bytes, torso: torso.bytes, parsing: codes)
        } catch let error as EngineError { throw error } catch { throw .unreadable(path: folder.path, reason: "\(error)") }
        let size = pixels.image.count + pixels.torso.count + pixels.parsing.count
        cache.withLock { cache in
            guard cache.bytes + size <= cacheLimit else { return }
            cache.pixels[id] = pixels
            cache.bytes += size
        }
        return pixels
    }
}
