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

    /// File names in a data set folder and the kinds that they hold, in order of preference.
    package static let files = [
        (name: "aud_mel.npy", kind: LogMelExtractor.kind), (name: "aud_ds.npy", kind: "deepspeech"), (name: "aud_eo.npy", kind: "wav2vec-eo"),
        (name: "aud_hu.npy", kind: "hubert"), (name: "aud.npy", kind: "deepspeech"),
    ]
    /// Channels and steps of each kind.
    private static let sizes = [
        LogMelExtractor.kind: (32, 16), "deepspeech": (29, 16), "wav2vec-eo": (44, 16), "wav2vec": (32, 16), "hubert": (1024, 2),
    ]

    /// Reads an array [rows, steps, channels]. `aud.npy` of 32 channels is plain wav2vec2, of 29 DeepSpeech.
    package init(path: String, kind named: String) throws(EngineError) {
        let tensor: Tensor
        do { tensor = try NumpyFile.read(path) } catch { throw .unreadable(path: path, reason: "\(error)") }
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
