// Feature files that the original projects' own networks wrote: arrays beside the sound.
import Base
import Engines
import Sound
import Tensors

/// Features read from a `.npy` array: DeepSpeech, wav2vec2 and HuBERT rows of the published data sets
/// (engine specification, 1.7), and our own log-mel rows. One row is one frame at 25 frames a second.
package struct PublishedFeatures: AudioFeatureExtractor {
    package let kind: String
    package let path: String
    /// [rows] of [channels, steps].
    package let stored: SpeechFeatures
    private static let framesPerSecond = 25

    /// File names in a data set folder and the kinds that they hold, in order of preference: what was taken in goes before our own.
    package static let files = [
        (name: "aud_ds.npy", kind: "deepspeech"), (name: "aud_eo.npy", kind: "wav2vec-eo"), (name: "aud_hu.npy", kind: "hubert"),
        (name: "aud_ave.npy", kind: "ave"), (name: "aud.npy", kind: "deepspeech"), (name: "aud_mel.npy", kind: LogMelExtractor.kind),
    ]
    /// Kinds of features, and the file of a data set folder that holds each.
    package static let fileNames = ["deepspeech": "aud_ds.npy", "wav2vec-eo": "aud_eo.npy", "wav2vec": "aud.npy", "hubert": "aud_hu.npy", "ave": "aud_ave.npy"]
    /// Channels and steps of each kind.
    package static let sizes = [
        LogMelExtractor.kind: (32, 16), "deepspeech": (29, 16), "wav2vec-eo": (44, 16), "wav2vec": (32, 16), "hubert": (1024, 2), "ave": (512, 1),
    ]

    /// Reads an array [rows, steps, channels]. `aud.npy` of 32 channels is plain wav2vec2, of 29 DeepSpeech.
    package init(path: String, kind named: String) throws(EngineError) {
        let tensor: Tensor
        do { tensor = try NumpyFile.read(path) } catch { throw .unreadable(path: path, reason: error.reason) }
        guard tensor.shape.count == 3, tensor.shape.allSatisfy({ $0 > 0 }) else {
            throw .unreadable(path: path, reason: "shape \(tensor.shape) is not [rows, steps, channels]")
        }
        let (rows, steps, channels) = (tensor.shape[0], tensor.shape[1], tensor.shape[2])
        kind = named == "deepspeech" && channels == 32 ? "wav2vec" : named
        if let size = Self.sizes[kind], size != (channels, steps) {
            throw .unreadable(path: path, reason: "rows of \(channels) channels and \(steps) steps are not \(kind) (\(size.0) and \(size.1))")
        }
        guard tensor.values.allSatisfy(\.isFinite) else { throw .unreadable(path: path, reason: "it holds values that are not finite") }
        self.path = path
        stored = SpeechFeatures(rows: (0..<rows).map { n in Self.transposed(tensor.values, n * steps * channels, steps, channels) },
                                channels: channels, steps: steps)
    }

    /// Rows as above, or the plain output of a network, [steps, channels] with 50 steps a second, which is cut into windows as the
    /// original does (engine specification, 1.7). AVE has one vector a frame.
    ///
    /// - Throws: `EngineError` that says which shape was expected.
    package static func read(_ path: String, kind: String) throws(EngineError) -> PublishedFeatures {
        let tensor: Tensor
        do { tensor = try NumpyFile.read(path) } catch { throw .unreadable(path: path, reason: error.reason) }
        guard tensor.shape.count == 2, let (channels, steps) = sizes[kind] else { return try PublishedFeatures(path: path, kind: kind) }
        guard tensor.shape[1] == channels, tensor.shape[0] > 0 else {
            throw .unreadable(path: path, reason: "shape \(tensor.shape) is not [steps, \(channels)] of \(kind)")
        }
        guard tensor.values.allSatisfy(\.isFinite) else { throw .unreadable(path: path, reason: "it holds values that are not finite") }
        let each = (0..<tensor.shape[0]).map { Array(tensor.values[($0 * channels)..<(($0 + 1) * channels)]) }
        let features = switch steps {
        case FeatureRows.window: FeatureRows.rows(of: each, frameCount: (each.count + 1) / 2, framesPerSecond: Rational(framesPerSecond))
        case 2: SpeechFeatures(rows: (0..<each.count / 2).map { pair in (0..<channels).flatMap { [each[2 * pair][$0], each[2 * pair + 1][$0]] } }, channels: channels, steps: 2)
        default: SpeechFeatures(rows: each, channels: channels, steps: 1)
        }
        return PublishedFeatures(path: path, kind: kind, stored: features)
    }

    private init(path: String, kind: String, stored: SpeechFeatures) { (self.path, self.kind, self.stored) = (path, kind, stored) }

    /// Rows as the array [rows, steps, channels] of a data set folder.
    package static func tensor(_ features: SpeechFeatures) -> Tensor {
        let (channels, steps) = (features.channels, features.steps)
        var values: [Float] = []
        values.reserveCapacity(features.rows.count * channels * steps)
        for row in features.rows { for s in 0..<steps { for c in 0..<channels { values.append(row[c * steps + s]) } } }
        return Tensor(shape: [features.rows.count, steps, channels], values: values)
    }

    /// [steps, channels] to [channels, steps].
    private static func transposed(_ values: [Float], _ start: Int, _ steps: Int, _ channels: Int) -> [Float] {
        var row = [Float](repeating: 0, count: steps * channels)
        for s in 0..<steps { for c in 0..<channels { row[c * steps + s] = values[start + s * channels + c] } }
        return row
    }

    /// The stored rows at another frame rate (nearest row); the sound itself is not looked at.
    package func features(of sound: AudioBuffer, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> SpeechFeatures {
        guard frameCount >= 0, framesPerSecond > .zero else { throw .badInput("\(frameCount) frames at \(framesPerSecond) a second") }
        let silent = [Float](repeating: 0, count: stored.channels * stored.steps)
        let rows = (0..<frameCount).map { frame -> [Float] in
            let row = (Rational(frame) * Rational(Self.framesPerSecond) / framesPerSecond).rounded
            return row < stored.rows.count ? stored.rows[row] : silent
        }
        return SpeechFeatures(rows: rows, channels: stored.channels, steps: stored.steps)
    }
}
