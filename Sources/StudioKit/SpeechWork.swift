// The verbs `speech features` and `speech import`: what a persona hears, as arrays.
import Base
import Engines
import Foundation
import Media
import Sound
import Speech
import TalkingHead
import Tensors

package enum SpeechWork {
    /// Kinds that are made from sound here.
    package static let made = [LogMelExtractor.kind, HeardMouthExtractor.kind]
    /// Kinds that networks of others make; their arrays are taken in.
    package static let published = ["deepspeech", "wav2vec-eo", "wav2vec", "hubert", "ave"]
    private static let framesPerSecond = 25

    /// Writes the features of a sound: an array [rows, steps, channels] with 25 rows a second, as data set folders hold them.
    ///
    /// - Parameters:
    ///   - kind: One of `made`; nil is that of the persona, or log-mel levels.
    ///   - persona: Whose encoder hears, for features that need one.
    /// - Returns: What was written, in words.
    package static func features(_ path: String, kind: String?, persona: String?, output: String) throws -> String {
        do {
            guard output.hasSuffix(".npy") else { throw StudioFailure(2, "-o \(output): features are an array NAME.npy") }
            let catalog = EngineCatalog()
            let engine = try persona.map { try catalog.persona($0) }
            let wanted = kind ?? engine?.facts.audioKind ?? LogMelExtractor.kind
            let extractor: any AudioFeatureExtractor
            switch wanted {
            case LogMelExtractor.kind: extractor = LogMelExtractor()
            case HeardMouthExtractor.kind:
                guard let engine else { throw StudioFailure(2, "--kind \(wanted): a persona's own encoder hears it", advice: "name one with --persona") }
                guard engine.facts.audioKind == wanted else {
                    throw StudioFailure(2, "--kind \(wanted): \(engine.facts.name) hears \(engine.facts.audioKind)", advice: "name a persona that was trained with an encoder, as personas/nova.persona")
                }
                extractor = try catalog.extractor(for: engine)
            case let kind where published.contains(kind):
                throw StudioFailure(2, "--kind \(kind): its network is not part of this version", advice: "make the array with the original's extractor, and take it in with `studio speech import`")
            default: throw StudioFailure(2, "--kind \(wanted): expected \(made.joined(separator: " or "))")
            }
            let features = try hear(path, extractor)
            try OutputFolder.make(for: output)
            try NumpyFile.write(PublishedFeatures.tensor(features), to: output)
            return "\(wanted): \(features.rows.count) rows of \(features.steps) steps and \(features.channels) channels, \(framesPerSecond) rows a second"
        } catch { throw StudioFailure.of(error) }
    }

    /// Rows for every frame that the sound lasts; sound and features are read in pieces.
    private static func hear(_ path: String, _ extractor: any AudioFeatureExtractor) throws -> SpeechFeatures {
        let (samples, rate) = try AudioFile.length(path)
        let reader = try SoundReader(path: path, sampleRate: SpeechSource.sampleRate, channels: 1, pick: .mean)
        let count = Int(Double(samples) * Double(SpeechSource.sampleRate) / Double(rate))
        let source = SpeechSource(sampleCount: count) { range throws(EngineError) in
            do throws(MediaError) { return try reader.read(from: range.lowerBound, count: range.count)[0] } catch { throw .unreadable(path: path, reason: error.words) }
        }
        let frames = max((count * framesPerSecond + SpeechSource.sampleRate - 1) / SpeechSource.sampleRate, 1)
        let stream = try extractor.stream(of: source, frameCount: frames, framesPerSecond: Rational(framesPerSecond))
        var result = SpeechFeatures(rows: [], channels: 0, steps: 0)
        for first in stride(from: 0, to: frames, by: 256) {
            let piece = try stream.rows(first..<min(first + 256, frames))
            (result.channels, result.steps) = (piece.channels, piece.steps)
            result.rows += piece.rows
        }
        return result
    }

    /// Takes an array that a published network wrote into a data set folder, or writes it as rows to an array of its own.
    /// Plain outputs [steps, channels], 50 a second, are cut into the original's windows.
    ///
    /// - Parameter output: A data set folder, or NAME.npy.
    /// - Returns: What was taken in, and where it lies.
    package static func take(_ path: String, kind: String, output: String) throws -> String {
        do {
            guard published.contains(kind), let name = PublishedFeatures.fileNames[kind] else {
                throw StudioFailure(2, "--kind \(kind): expected \(published.joined(separator: ", "))")
            }
            let features = try PublishedFeatures.read(path, kind: kind)
            var target = output
            if !output.hasSuffix(".npy") {
                guard FileManager.default.fileExists(atPath: output + "/transforms_train.json") else {
                    throw StudioFailure(2, "-o \(output): is neither an array NAME.npy nor a data set folder")
                }
                let other = PublishedFeatures.files.first { $0.kind != LogMelExtractor.kind && $0.name != name && FileManager.default.fileExists(atPath: output + "/" + $0.name) }
                if let other { throw StudioFailure(2, "\(output): holds \(other.name) already; a data set is heard in one way", advice: "move that file away") }
                target = output + "/" + name
            }
            try OutputFolder.make(for: target)
            try NumpyFile.write(PublishedFeatures.tensor(features.stored), to: target)
            return "\(target): \(kind), \(features.stored.rows.count) rows of \(features.stored.steps) steps and \(features.stored.channels) channels"
        } catch { throw StudioFailure.of(error) }
    }
}
