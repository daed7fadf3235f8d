// Speech lessons as files of a data set folder.
import Engines
import Speech
import Tensors

extension SpeechLessons {
    /// The lessons of a folder; nil where it has none.
    package init?(of folder: DatasetFolder) throws(EngineError) {
        guard folder.exists(Self.mouthFile) else { return nil }
        let steps = try Self.rows(folder, Self.stepFile, width: LogMelExtractor.bands), mouths = try Self.rows(folder, Self.mouthFile, width: SpeechEncoder.outputs)
        let loudness = try Self.rows(folder, Self.loudnessFile, width: 1).map { $0[0] }
        guard loudness.count == steps.count else {
            throw .unreadable(path: folder.file(Self.loudnessFile), reason: "\(loudness.count) values for \(steps.count) steps of \(Self.stepFile)")
        }
        self.init(steps: steps, loudness: loudness, mouths: mouths)
    }

    /// The mouths of the set's own frames, as the stage knows them; empty where the folder does not tell.
    ///
    /// - Parameter rows: so many are needed.
    static func mouths(of folder: DatasetFolder, rows: Int) throws(EngineError) -> [[Float]] {
        guard folder.exists(frameMouthFile) else { return [] }
        let mouths = try self.rows(folder, frameMouthFile, width: SpeechEncoder.outputs)
        guard mouths.count >= rows else { throw .unreadable(path: folder.file(frameMouthFile), reason: "\(mouths.count) rows, the frames need \(rows)") }
        return mouths
    }

    /// Rows of an array [rows, width], or [rows] where the width is 1.
    private static func rows(_ folder: DatasetFolder, _ name: String, width: Int) throws(EngineError) -> [[Float]] {
        let path = folder.file(name)
        let tensor: Tensor
        do { tensor = try NumpyFile.read(path) } catch { throw .unreadable(path: path, reason: "\(error)") }
        guard tensor.shape.dropFirst() == (width == 1 ? [] : [width]) else { throw .unreadable(path: path, reason: "shape \(tensor.shape) is not [rows, \(width)]") }
        guard tensor.values.allSatisfy(\.isFinite) else { throw .unreadable(path: path, reason: "it holds values that are not finite") }
        return (0..<tensor.shape[0]).map { Array(tensor.values[($0 * width)..<(($0 + 1) * width)]) }
    }
}
