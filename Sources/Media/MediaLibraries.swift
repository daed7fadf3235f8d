// What this machine's FFmpeg libraries are and which codecs of the language they have.
import CFFmpeg

/// Facts for `studio version` and `studio doctor`.
package enum MediaLibraries {
    /// Name and version of each library at run time.
    package static var versions: [(name: String, version: String)] {
        func text(_ v: UInt32) -> String { "\(v >> 16).\((v >> 8) & 255).\(v & 255)" }
        return [("libavformat", text(avformat_version())), ("libavcodec", text(avcodec_version())), ("libavutil", text(avutil_version())),
                ("libswscale", text(swscale_version())), ("libswresample", text(swresample_version()))]
    }

    /// Each codec word of `output` clauses, and the encoder that would write it; nil where none is there.
    package static var codecs: [(word: String, encoder: String?)] {
        CodecTable.video.map { row in (row.word, row.encoders.first { avcodec_find_encoder_by_name($0) != nil }) }
            + CodecTable.audio.map { ($0.word, avcodec_find_encoder_by_name($0.encoder) != nil ? $0.encoder : nil) }
    }
}
