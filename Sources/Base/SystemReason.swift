// What the system said of a file, found below an error of Foundation.
import Foundation

/// The system's error code below an error that Foundation threw.
public struct SystemReason: Sendable, Hashable {
    /// One of `errno`'s values.
    public let code: Int32
    /// The file that Foundation names.
    public let path: String?

    /// Nil for errors that are not the system's.
    public init?(_ error: any Error) {
        var path: String?
        var next: NSError? = error as NSError
        while let now = next {
            if path == nil { path = now.userInfo[NSFilePathErrorKey] as? String }
            if now.domain == NSPOSIXErrorDomain {
                code = Int32(truncatingIfNeeded: now.code)
                self.path = path
                return
            }
            let below = now.userInfo[NSUnderlyingErrorKey]
            next = (below as? NSError) ?? (below as? any Error).map { $0 as NSError }
        }
        return nil
    }

    /// No room: a full disk, a quota, or a limit on the size of files.
    public var isFull: Bool { code == ENOSPC || code == EFBIG || code == EDQUOT }
    /// The system's words for the code.
    public var words: String { String(cString: strerror(code)) }
}
