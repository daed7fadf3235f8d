// Why an engine refused.
import Base
import Tensors

/// The world's refusal as an engine sees it.
public enum EngineError: Error, Sendable, CustomStringConvertible {
    /// A package lacks something or holds the wrong thing; the name of the entry and why.
    case badPackage(path: String, entry: String, reason: String)
    /// Input that the engine cannot use.
    case badInput(String)
    /// A file below the engine failed.
    case unreadable(path: String, reason: String)
    /// A file wants more than to be read: a pickle that calls code.
    case distrusted(path: String, reason: String)
    /// A result could not be written.
    case unwritable(path: String, reason: String)
    /// The disk is full.
    case noSpace(path: String)
    /// Asked to stop; what was finished is kept.
    case interrupted
    /// A computation gave NaN or infinity; where.
    case notFinite(String)

    public var description: String {
        switch self {
        case .badPackage(let path, let entry, let reason): "\(path): \(entry): \(reason)"
        case .badInput(let reason): reason
        case .unreadable(let path, let reason), .distrusted(let path, let reason): "\(path): \(reason)"
        case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
        case .noSpace(let path): "\(path): the disk is full"
        case .interrupted: "interrupted"
        case .notFinite(let place): "\(place) is not a finite number"
        }
    }
}

extension EngineError {
    /// Why a checkpoint could not be taken in.
    package static func reading(_ path: String, _ error: CheckpointError) -> EngineError {
        if case .forbidden = error { .distrusted(path: path, reason: error.reason) } else { .unreadable(path: path, reason: error.reason) }
    }

    /// Why a result could not be written, from an error of Foundation or of a file below: its description is the reason, a full disk is told apart.
    package static func writing(_ path: String, _ error: any Error) -> EngineError {
        if let known = error as? EngineError { return known }
        guard let reason = SystemReason(error) else { return .unwritable(path: path, reason: "\(error)") }
        return reason.isFull ? .noSpace(path: path) : .unwritable(path: path, reason: reason.words)
    }
}
