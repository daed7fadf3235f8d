// Why a file of numbers could not be read or written.
import Base
import Foundation

/// The world's refusal at a checkpoint or an array file. Every case names the file.
package enum CheckpointError: Error, Sendable, CustomStringConvertible, Equatable {
    case unreadable(path: String, reason: String)
    case malformed(path: String, at: Int, reason: String)
    case forbidden(path: String, name: String)
    case missing(path: String, key: String)
    case wrongShape(path: String, key: String, expected: String, found: [Int])
    case unwritable(path: String, reason: String)
    case noSpace(path: String)

    package var description: String { "\(path): \(reason)" }

    package var path: String {
        switch self {
        case .unreadable(let path, _), .malformed(let path, _, _), .forbidden(let path, _), .missing(let path, _), .wrongShape(let path, _, _, _),
             .unwritable(let path, _), .noSpace(let path): path
        }
    }

    /// Why, without the file's name.
    package var reason: String {
        switch self {
        case .unreadable(_, let reason): "cannot be read: \(reason)"
        case .malformed(_, let at, let reason): "byte \(at): \(reason)"
        case .forbidden(_, let name): "wants to run \(name); nothing of the file was run: only plain tensors and containers are read from a pickle"
        case .missing(_, let key): "lacks \(key)"
        case .wrongShape(_, let key, let expected, let found): "\(key) has shape \(found), expected \(expected)"
        case .unwritable(_, let reason): "cannot be written: \(reason)"
        case .noSpace: "the disk is full"
        }
    }

    /// From an error of Foundation's file writing; a full disk is told apart.
    static func writing(_ path: String, _ error: any Error) -> CheckpointError {
        guard let reason = SystemReason(error) else { return .unwritable(path: path, reason: error.localizedDescription) }
        return reason.isFull ? .noSpace(path: path) : .unwritable(path: path, reason: reason.words)
    }
}
