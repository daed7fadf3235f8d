// The language's door to the disk.
import Base
import Diagnostics
import Engines
import Foundation
import Interchange
import Media
import Motion
import SceneModel
import Sound
import TalkingHead
import Typography

/// Answers questions about files on disk.
package struct DiskResolver: AssetResolver {
    package let allowsOutsideProject: Bool
    /// Look at media and personas, or only whether they are there.
    package let readsMedia: Bool
    /// Listen to sounds and read captions, as lint does; rendering has no need of it.
    package let examinesMedia: Bool
    package init(allowsOutsideProject: Bool = false, readsMedia: Bool = true, examinesMedia: Bool = false) {
        self.allowsOutsideProject = allowsOutsideProject
        self.readsMedia = readsMedia
        self.examinesMedia = examinesMedia && readsMedia
    }

    package func readText(_ path: String) throws(AssetProblem) -> String {
        guard FileManager.default.fileExists(atPath: path) else { throw missing(path) }
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(reason: "it cannot be read") }
        return String(decoding: data, as: UTF8.self)
    }

    package func projectFolder(ofScene path: String) -> String {
        let own = AssetPath.folder(of: path)
        var url = URL(fileURLWithPath: own.isEmpty ? "." : own).standardizedFileURL
        while url.path != "/" {
            for mark in ["studio.toml", ".git"] where FileManager.default.fileExists(atPath: url.appendingPathComponent(mark).path) { return url.path }
            url = url.deletingLastPathComponent()
        }
        return URL(fileURLWithPath: own.isEmpty ? "." : own).standardizedFileURL.path
    }

    package func canonicalPath(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path }

    package func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        guard FileManager.default.fileExists(atPath: path) else { throw missing(path) }
        guard readsMedia else { return AssetFacts() }
        switch kind {
        case .persona: return try persona(path)
        case .audio, .video: return try media(path, kind)
        case .image:
            do {
                let info = try MediaProbe.probe(path)
                guard let picture = info.video.first, picture.width > 0, picture.height > 0 else { throw AssetProblem.unreadable(reason: "it holds no picture") }
                return AssetFacts(size: PixelSize(width: picture.width, height: picture.height), hasVideo: true)
            } catch let problem as AssetProblem { throw problem } catch { throw .unreadable(reason: Self.reason(error)) }
        case .captions: return try captions(path)
        case .font, .lipdub: return AssetFacts()
        }
    }

    private func persona(_ path: String) throws(AssetProblem) -> AssetFacts {
        do {
            let manifest = try PersonaPackage.read(path).manifest
            let facts = manifest.facts
            func wide(_ r: ClosedRange<Float>) -> ClosedRange<Double> { Double(r.lowerBound)...Double(r.upperBound) }
            let range = facts.range.map { [PoseChannel.yaw: wide($0.yaw), .pitch: wide($0.pitch), .roll: wide($0.roll)] }
            var persona = AssetFacts.Persona(name: facts.name, engine: facts.engine, size: PixelSize(width: facts.width, height: facts.height), hasTorso: facts.hasTorso,
                                             hasBackground: facts.hasBackground, recordedFrames: facts.recordedFrames, identityCount: facts.identityCount, range: range,
                                             framesPerSecond: facts.framesPerSecond, licence: facts.licence, consent: facts.consent)
            persona.operationsPerFrame = manifest.operationsPerFrame
            return AssetFacts(persona: persona)
        } catch { throw .unreadable(reason: Self.reason(error)) }
    }

    /// Why a file cannot be used, without its name, which the finding has already.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as MediaError: error.words
        case let error as InterchangeError: error.reason
        default: "\(error)"
        }
    }

    private func captions(_ path: String) throws(AssetProblem) -> AssetFacts {
        var facts = AssetFacts()
        guard examinesMedia else { return facts }
        do { facts.cues = try CaptionFile.read(path).map { .init(range: $0.range, text: $0.text) } } catch { throw .unreadable(reason: Self.reason(error)) }
        return facts
    }

    package func motion(_ kind: MotionDeclaration.Kind, path: String, column: String?, scale: Double) throws(AssetProblem) -> MotionSamples? {
        guard readsMedia else { return nil }
        do throws(InterchangeError) {
            return kind == .path ? .poses(try MotionFile.poses(path)) : .values(try MotionFile.values(path, column: column, scale: scale))
        } catch { throw .unreadable(reason: error.reason) }
    }

    package func missingCharacters(in text: String, font: SceneModel.TextStyle.Font?) -> [Character] {
        guard examinesMedia else { return [] }
        switch font {
        case .asset(let path): return FontReport.missing(in: text, family: nil, file: path)
        case .family(let name): return FontReport.missing(in: text, family: name, file: nil)
        case nil: return FontReport.missing(in: text, family: nil, file: nil)
        }
    }
    package func hasFontFamily(_ name: String) -> Bool { !examinesMedia || FontReport.has(family: name) }
    package func faces(in path: String, during range: TimeRange) -> FaceKnowledge { examinesMedia ? FaceLooking.knowledge(of: path, during: range) : .notAsked }

    private func media(_ path: String, _ kind: AssetKind) throws(AssetProblem) -> AssetFacts {
        do {
            let info = try MediaProbe.probe(path)
            var facts = AssetFacts(hasVideo: !info.video.isEmpty, hasAudio: !info.audio.isEmpty, sampleRate: info.audio.first?.sampleRate)
            facts.channels = info.audio.first?.channels
            if kind == .audio {
                // The container's figure may be rounded: count the samples.
                let (samples, rate) = try AudioFile.length(path)
                facts.duration = Rational(Int64(samples), Int64(rate))
                if examinesMedia, samples <= Self.mostSamplesHeard { facts.sound = Self.examine(try AudioFile.read(path)) }
            } else {
                facts.duration = info.duration.map { Rational(approximating: $0) }
            }
            if let picture = info.video.first {
                let turned = picture.quarterTurns % 2 == 1
                facts.size = PixelSize(width: turned ? picture.height : picture.width, height: turned ? picture.width : picture.height)
                facts.rate = try MediaProbe.frameRate(path)
                facts.isVariableRate = picture.isVariableRate
                facts.colorMatrix = picture.colorMatrix
            }
            return facts
        } catch { throw .unreadable(reason: Self.reason(error)) }
    }

    /// Half an hour at 48 kHz: longer files are not listened to before a render.
    private static let mostSamplesHeard = 30 * 60 * 48_000

    private static func examine(_ sound: AudioBuffer) -> AssetFacts.Sound {
        var peak: Float = 0
        for channel in sound.channels { for sample in channel { peak = max(peak, abs(sample)) } }
        return .init(peak: peak > 0 ? 20 * log10(Double(peak)) : nil, loudness: sound.integratedLoudness)
    }

    private func missing(_ path: String) -> AssetProblem {
        let folder = AssetPath.folder(of: path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return .missing(folder: folder.isEmpty ? "." : folder, nearest: Suggestion.nearest(to: name, in: names))
    }
}
