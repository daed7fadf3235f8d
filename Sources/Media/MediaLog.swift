// FFmpeg's libraries talk on standard error; the program says what matters itself.
import CFFmpeg

package enum MediaLog {
    /// Keeps the libraries quiet; their return codes say what went wrong.
    package static func quiet() { av_log_set_level(AV_LOG_QUIET) }
}
