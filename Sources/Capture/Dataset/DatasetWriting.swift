// What stage and capture write alike.
import Base
import Engines
import Foundation
import Media
import Sound
import Speech
import Tensors

extension DatasetFolder {
    /// Makes the folders of the frames.
    func prepare() throws(EngineError) {
        for name in ["ori_imgs", "gt_imgs", "parsing", "torso_imgs"] {
            do { try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true) } catch { throw .writing(file(name), error) }
        }
    }

    /// The plate as PNG with its exact pixels, and as JPEG under the original's name. RGB.
    func writePlate(_ rgb: [UInt8], size: Int) throws(MediaError) {
        let plate = RawImage(width: size, height: size, channels: 3, bytes: rgb)
        try ImageFile.write(plate, to: file("bc.png"))
        try ImageFile.write(plate, to: file("bc.jpg"), jpegQuality: 1)
    }

    /// Levels of a sound, a row a frame, as the original keeps its features: [frames, window, channels].
    func writeLevels(of sound: AudioBuffer, frameCount: Int) throws {
        let features = try LogMelExtractor().features(of: sound, frameCount: frameCount, framesPerSecond: Rational(25))
        var values: [Float] = []
        values.reserveCapacity(features.rows.count * features.channels * features.steps)
        for row in features.rows {
            for step in 0..<features.steps { for c in 0..<features.channels { values.append(row[c * features.steps + step]) } }
        }
        try NumpyFile.write(Tensor(shape: [features.rows.count, features.steps, features.channels], values: values), to: file("aud_mel.npy"))
    }

    func writeLandmarks(_ points: [SIMD2<Float>], frame: Int) throws(MediaError) {
        let text = points.map { String(format: "%.3f %.3f", Double($0.x), Double($0.y)) }.joined(separator: "\n") + "\n"
        try AtomicFile.write(text.utf8, to: landmarks(frame))
    }

    /// Classes as coloured pixels.
    func writeParsing(_ classes: [UInt8], size: Int, frame: Int) throws(MediaError) {
        try ImageFile.write(RawImage(width: size, height: size, channels: 3, bytes: classes.flatMap { ParsingColors.color(of: $0) }), to: parsing(frame))
    }

    /// A full disk is told apart from other refusals.
    static func refusal(_ path: String, _ error: any Error) -> EngineError {
        switch error {
        case MediaError.noSpace(let path): .noSpace(path: path)
        case MediaError.unwritable(let path, let reason): .unwritable(path: path, reason: reason)
        case CheckpointError.unwritable(let path, let reason): .unwritable(path: path, reason: reason)
        case CheckpointError.noSpace(let path): .noSpace(path: path)
        default: .writing(path, error)
        }
    }
}
