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

    package var description: String {
        switch self {
        case .missing(let path): "\(path): there is no such file"
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .noVideo(let path): "\(path): holds no picture"
        case .noAudio(let path): "\(path): holds no sound"
        case .empty(let path, let what): "\(path): holds no \(what) at all"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        case .noSpace(let path): "\(path): the disk is full"
        case .noCodec(let path, let wanted, let available):
            "\(path): this build of FFmpeg has no \(wanted); it has \(available.joined(separator: ", "))"
        case .failedCheck(let path, let reason): "\(path): the finished file failed its check: \(reason)"
        }
    }

    /// FFmpeg's words for a return code.
    static func reason(_ code: Int32) -> String {
        var text = [CChar](repeating: 0, count: 128)
        av_strerror(code, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func writing(_ path: String, _ code: Int32) -> MediaError {
        code == sk_averror(28) || code == sk_averror(27) ? .noSpace(path: path) : .unwritable(path: path, reason: reason(code))
    }
}
