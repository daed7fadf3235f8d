// What the ending of a film's name says: its container, what that holds, and what goes into it unasked.
import CFFmpeg

package enum FilmContainer {
    /// Codec words that a film takes where nothing is said.
    package static func usual(_ path: String) -> (video: String, audio: String) { ending(path) == "webm" ? ("vp9", "opus") : ("h264", "aac") }

    /// Why a film of this name cannot hold these codecs; nil: it can, or nobody knows before trying. `audio` is nil for silent films.
    package static func problem(_ path: String, video: String, audio: String?) -> String? {
        guard let format = av_guess_format(nil, "x." + ending(path), nil), !ending(path).isEmpty else {
            return "no container is known for this file name; take .mp4, .mov, .mkv or .webm, or %05d.png for pictures"
        }
        guard format.pointee.video_codec != AV_CODEC_ID_NONE else { return ".\(ending(path)) holds no pictures; take .mp4, .mov, .mkv or .webm" }
        for word in [video, audio].compactMap({ $0 }) where !holds(format, word) {
            let others = (word == video ? CodecTable.video.map(\.word) : CodecTable.audio.map(\.word)).filter { encoder($0) != nil && holds(format, $0) }
            guard !others.isEmpty else { return ".\(ending(path)) cannot hold \(word); take .mp4, .mov, .mkv or .webm" }
            return ".\(ending(path)) cannot hold \(word); it holds \(others.joined(separator: ", "))"
        }
        return nil
    }

    private static func holds(_ format: UnsafePointer<AVOutputFormat>, _ word: String) -> Bool {
        guard let encoder = encoder(word) else { return true }
        let answer = avformat_query_codec(format, encoder.pointee.id, FF_COMPLIANCE_NORMAL)
        // Containers that do not say are tried; those without sound are of one kind of picture.
        return answer > 0 || (answer < 0 && format.pointee.audio_codec != AV_CODEC_ID_NONE)
    }

    private static func encoder(_ word: String) -> UnsafePointer<AVCodec>? {
        let names = CodecTable.video.first { $0.word == word }?.encoders ?? CodecTable.audio.filter { $0.word == word }.map(\.encoder)
        return names.lazy.compactMap { avcodec_find_encoder_by_name($0) }.first
    }

    /// In small letters, without the dot; empty where there is none.
    private static func ending(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
