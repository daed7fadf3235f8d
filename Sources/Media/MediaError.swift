// Why a file could not be read or written.
import CFFmpeg

/// The world's refusal at the media gate. Every case names the file.
package enum MediaError: Error, Sendable, CustomStringConvertible, Equatable {
    case missing(path: String)
    case unreadable(path: String, reason: String)
    case noVideo(path: String)
    case noAudio(path: String)
    case empty(path: String, what: String)
    case unwritable(path: String, reason: String)
    case noSpace(path: String)
    case noCodec(path: String, wanted: String, available: [String])
    case failedCheck(path: String, reason: String)

    /// The file.
    package var path: String {
        switch self {
        case .missing(let path), .unreadable(let path, _), .noVideo(let path), .noAudio(let path), .empty(let path, _), .unwritable(let path, _), .noSpace(let path),
             .noCodec(let path, _, _), .failedCheck(let path, _): path
        }
    }
    /// What is wrong with it, without its name.
    package var words: String {
        switch self {
        case .missing: "there is no such file"
        case .unreadable(_, let reason): "cannot be read: \(reason)"
        case .noVideo: "holds no picture"
        case .noAudio: "holds no sound"
        case .empty(_, let what): "holds no \(what) at all"
        case .unwritable(_, let reason): "cannot be written: \(reason)"
        case .noSpace: "the disk is full"
        case .noCodec(_, let wanted, let available): "this build of FFmpeg has no \(wanted); it has \(available.joined(separator: ", "))"
        case .failedCheck(_, let reason): "the finished file failed its check: \(reason)"
        }
    }
    package var description: String { "\(path): \(words)" }

    /// FFmpeg's code for bytes that are not what they should be: the tag INDA, negative.
    private static let invalidData: Int32 = -0x4144_4E49

    /// FFmpeg's words for a return code; plainer ones where it is short of words.
    static func reason(_ code: Int32) -> String {
        if code == invalidData { return "it is no media file, or it is damaged" }
        if code == sk_averror_eof() { return "it ends before it says what it holds: it is cut off" }
        var text = [CChar](repeating: 0, count: 128)
        av_strerror(code, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func writing(_ path: String, _ code: Int32) -> MediaError {
        code == sk_averror(28) || code == sk_averror(27) ? .noSpace(path: path) : .unwritable(path: path, reason: reason(code))
    }
}
