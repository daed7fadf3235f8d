// Why a file of numbers could not be read.

/// The world's refusal at a checkpoint or an array file. Every case names the file.
package enum CheckpointError: Error, Sendable, CustomStringConvertible, Equatable {
    case unreadable(path: String, reason: String)
    case malformed(path: String, at: Int, reason: String)
    case forbidden(path: String, name: String)
    case missing(path: String, key: String)
    case wrongShape(path: String, key: String, expected: String, found: [Int])
    case unwritable(path: String, reason: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .malformed(let path, let at, let reason): "\(path): byte \(at): \(reason)"
        case .forbidden(let path, let name):
            "\(path): wants to run \(name); only plain tensors and containers are read from a pickle"
        case .missing(let path, let key): "\(path): lacks \(key)"
        case .wrongShape(let path, let key, let expected, let found): "\(path): \(key) has shape \(found), expected \(expected)"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        }
    }
}
