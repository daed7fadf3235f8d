// Files appear under their names only when they are whole.
import Foundation

/// Writes bytes to a temporary neighbour and renames it.
package enum AtomicFile {
    package static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(MediaError) {
        let temporary = path + ".part"
        let data = Data(bytes)
        guard let file = fopen(temporary, "wb") else { throw refusal(path) }
        let written = data.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        let flushed = fflush(file)
        let code = errno
        fclose(file)
        if written != data.count || flushed != 0 {
            unlink(temporary)
            errno = code
            throw refusal(path)
        }
        if rename(temporary, path) != 0 {
            let reason = refusal(path)
            unlink(temporary)
            throw reason
        }
    }

    static func refusal(_ path: String) -> MediaError {
        errno == ENOSPC || errno == EFBIG ? .noSpace(path: path) : .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
}
