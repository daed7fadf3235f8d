// The codec words of the language and what they mean to FFmpeg: one row each.
import CFFmpeg

/// One codec word.
struct VideoCodecRow: Sendable {
    var word: String
    /// Encoders in order of preference.
    var encoders: [String]
    var pixelFormat: AVPixelFormat
    /// Options, with `%Q` for the quality in the encoder's own measure.
    var options: [(String, String)]
    /// Constant-quality value of the encoder for quality 0 and 100.
    var crf: (worst: Double, best: Double)
}

enum CodecTable {
    static let video: [VideoCodecRow] = [
        // Fixed thread counts: the bits must not depend on the machine.
        VideoCodecRow(word: "h264", encoders: ["libx264"], pixelFormat: AV_PIX_FMT_YUV420P, options: [("preset", "veryfast"), ("crf", "%Q"), ("x264-params", "threads=2:lookahead-threads=1:sliced-threads=0%A")], crf: (40, 8)),
        VideoCodecRow(word: "h265", encoders: ["libx265"], pixelFormat: AV_PIX_FMT_YUV420P, options: [("preset", "fast"), ("crf", "%Q"), ("x265-params", "pools=1:frame-threads=1:log-level=none")], crf: (42, 10)),
        VideoCodecRow(word: "vp9", encoders: ["libvpx-vp9"], pixelFormat: AV_PIX_FMT_YUV420P, options: [("crf", "%Q"), ("b", "0"), ("cpu-used", "5"), ("deadline", "good")], crf: (55, 10)),
        VideoCodecRow(word: "av1", encoders: ["libsvtav1", "libaom-av1"], pixelFormat: AV_PIX_FMT_YUV420P, options: [("crf", "%Q")], crf: (55, 10)),
        VideoCodecRow(word: "prores", encoders: ["prores_ks"], pixelFormat: AV_PIX_FMT_YUV422P10LE, options: [("profile", "%P")], crf: (0, 0)),
        VideoCodecRow(word: "dnxhr", encoders: ["dnxhd"], pixelFormat: AV_PIX_FMT_YUV422P, options: [("profile", "%P")], crf: (0, 0)),
        VideoCodecRow(word: "ffv1", encoders: ["ffv1"], pixelFormat: AV_PIX_FMT_YUV444P, options: [("level", "3")], crf: (0, 0)),
        VideoCodecRow(word: "png", encoders: ["png"], pixelFormat: AV_PIX_FMT_RGB24, options: [("pred", "mixed")], crf: (0, 0)),
        VideoCodecRow(word: "exr", encoders: ["exr"], pixelFormat: AV_PIX_FMT_GBRPF32LE, options: [("compression", "zip16")], crf: (0, 0)),
    ]
    static let audio: [(word: String, encoder: String)] = [("aac", "aac"), ("opus", "libopus"), ("flac", "flac"), ("pcm", "pcm_s16le")]
    static let proresProfiles = ["proxy": "0", "lt": "1", "standard": "2", "hq": "3", "4444": "4"]
    static let dnxhrProfiles = ["lb": "dnxhr_lb", "sq": "dnxhr_sq", "hq": "dnxhr_hq"]

    /// The encoder's own word for a profile; nil when the codec has no such profile.
    static func profile(_ codec: String, _ word: String?) -> String? {
        switch codec {
        case "prores": proresProfiles[word ?? "hq"]
        case "dnxhr": dnxhrProfiles[word ?? "hq"]
        default: word
        }
    }
    /// ProRes 4444 keeps all of the colour; every other profile has one pixel format.
    static func pixelFormat(_ row: VideoCodecRow, profile: String?) -> AVPixelFormat {
        row.word == "prores" && profile == "4444" ? AV_PIX_FMT_YUV444P10LE : row.pixelFormat
    }
}
