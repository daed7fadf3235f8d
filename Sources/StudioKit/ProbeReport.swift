// What `studio probe` says of a media file: a few lines to read, or JSON.
import Base
import Foundation
import Media

/// Facts of a media file.
package struct ProbeReport: Sendable {
    let info: MediaInfo

    /// - Throws: `StudioFailure` where the file is missing, unreadable or holds neither picture nor sound.
    package init(_ path: String) throws {
        do { info = try MediaProbe.probe(path) } catch {
            var failure = StudioFailure.of(error)
            // To look into a file that cannot be looked into is no advice.
            if case .unreadable = error { failure.advice = Self.advice(path) }
            throw failure
        }
    }

    private static func advice(_ path: String) -> String {
        switch URL(fileURLWithPath: path).pathExtension.lowercased() {
        case "scene": "it is a scene: `studio plan \(path)` shows what it holds"
        case "persona": "it is a persona: `studio persona info \(path)` shows what it is"
        default: "name a film, a sound or a picture; fetch or export it again where it should be one"
        }
    }

    /// All facts, keys sorted.
    package var json: String {
        get throws {
            do { return try JSONText.of(info) } catch { throw StudioFailure.of(error) }
        }
    }

    package var text: String {
        var lines = [info.path, "  container  \(info.container)" + (info.duration.map { String(format: ", %.3f s", $0) } ?? "")]
        lines += info.video.map { "  picture    " + words($0) }
        lines += info.audio.map { "  sound      " + words($0) }
        if info.otherStreams > 0 { lines.append("  other      \(info.otherStreams) tracks that are neither picture nor sound") }
        if info.chapters > 0 { lines.append("  chapters   \(info.chapters)") }
        lines += info.metadata.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        return lines.joined(separator: "\n")
    }

    private func words(_ video: MediaInfo.Video) -> String {
        var words = ["\(video.codec) \(video.width)x\(video.height)", "\(video.rate) frames/s" + (video.isVariableRate ? " (variable)" : "")]
        if let frames = video.frames { words.append("\(frames) frames") }
        if video.quarterTurns != 0 { words.append("shown turned by \(90 * video.quarterTurns)°") }
        words.append("\(video.pixelFormat), \(video.bitDepth) bits, matrix \(video.colorMatrix), range \(video.colorRange)")
        if video.start != 0 { words.append(String(format: "starts at %.3f s", video.start)) }
        if let timecode = video.timecode { words.append("time code \(timecode)") }
        return words.joined(separator: ", ")
    }

    private func words(_ audio: MediaInfo.Audio) -> String {
        var words = ["\(audio.codec) \(audio.sampleRate) Hz", audio.channels == 1 ? "mono" : audio.channels == 2 ? "stereo" : "\(audio.channels) channels"]
        if audio.start != 0 { words.append(String(format: "starts at %.3f s", audio.start)) }
        if let language = audio.language { words.append("language \(language)") }
        return words.joined(separator: ", ")
    }
}
