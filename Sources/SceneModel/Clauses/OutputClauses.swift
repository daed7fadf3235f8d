// What an output says.
import Base
import Diagnostics
import SceneSyntax

extension Resolution {
    static let videoCodecs = ["h264", "h265", "av1", "vp9", "prores", "dnxhr", "png", "exr", "ffv1"]
    static let audioCodecs = ["aac", "opus", "flac", "pcm", "none"]

    func output(_ reader: ClauseReader) -> OutputRequest? {
        guard let (written, place) = reader.string("the path of the file to write", refusal: Self.leavesFolder) else { return nil }
        guard !written.isEmpty else {
            reader.fail("empty-path", "an output needs a path", place.range)
            return nil
        }
        var result = OutputRequest(path: AssetPath.join(written, relativeToFile: reader.scope.file.path), place: place, isWritten: true)
        visit(reader.clause.block?.clauses ?? [], .output, reader.scope) { inner in
            switch inner.clause.word {
            case "video": result.video = video(inner)
            case "audio": result.audio = audio(inner)
            case "size": result.size = inner.size()
            case "rate": result.rate = inner.frameRate()
            case "from":
                result.from = inner.time()
                if inner.word("to") { result.to = inner.time() }
            case "to": result.to = inner.time()
            case "keep": result.keepsAudio = inner.requiredWord("audio")
            case "language": result.language = inner.name("a language")?.0
            case "metadata":
                let key = inner.isString() ? inner.string("a key")?.0 : inner.name("a key")?.0
                if let key, let (value, _) = inner.string("a value") { result.metadata.append((key, value)) }
            case "provenance": result.provenance = inner.flag("on or off") ?? true
            default: break
            }
        }
        return result
    }

    /// A text, which may be a cell of anybody's table, does not lead an output to another folder than the output's own; a file may.
    private static func leavesFolder(_ parameter: Parameter, _ text: String) -> String? {
        guard parameter.kind != .file, text.hasPrefix("/") || text.split(separator: "/").contains("..") else { return nil }
        return "`\(text)` of `\(parameter.name)` would lead the output out of its folder"
    }

    private func video(_ reader: ClauseReader) -> OutputRequest.Video? {
        guard let codec = reader.choice(Self.videoCodecs, "a codec") else { return nil }
        var result = OutputRequest.Video(codec: codec, place: reader.place)
        if let word = reader.peek?.word, !["quality", "crf", "bitrate", "pixel"].contains(word) { result.profile = reader.name("a profile")?.0 }
        while !reader.isAtEnd, !reader.hasFailed {
            switch reader.choice(["quality", "crf", "bitrate", "pixel"], "a setting of the codec") {
            case "quality": result.control = reader.number("a quality", in: 0...100).map { .quality($0) }
            case "crf": result.control = reader.number("a crf", in: 0...63).map { .crf($0) }
            case "bitrate": result.control = reader.bitrate().map { .bitrate($0) }
            case "pixel": result.pixelFormat = reader.name("a pixel format")?.0
            default: return nil
            }
        }
        return result
    }

    private func audio(_ reader: ClauseReader) -> OutputRequest.Audio? {
        guard let codec = reader.choice(Self.audioCodecs, "a codec") else { return nil }
        var result = OutputRequest.Audio(codec: codec, place: reader.place)
        while !reader.isAtEnd, !reader.hasFailed {
            if let range = reader.peek?.range, let bits = reader.optional(.bits) {
                guard [16, 24, 32].contains(bits) else { reader.fail("out-of-range", "sound has 16, 24 or 32 bits", range); return nil }
                result.bits = Int(bits)
            } else if case .quantity? = reader.peek?.value { result.bitrate = reader.bitrate() } else { break }
        }
        return result
    }
}
