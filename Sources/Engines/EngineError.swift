// Why an engine refused.

/// The world's refusal as an engine sees it.
public enum EngineError: Error, Sendable, CustomStringConvertible {
    /// A package lacks something or holds the wrong thing; the name of the entry and why.
    case badPackage(path: String, entry: String, reason: String)
    /// Input that the engine cannot use.
    case badInput(String)
    /// A file below the engine failed.
    case unreadable(path: String, reason: String)
    /// Asked to stop; what was finished is kept.
    case interrupted
    /// A computation gave NaN or infinity; where.
    case notFinite(String)

    public var description: String {
        switch self {
        case .badPackage(let path, let entry, let reason): "\(path): \(entry): \(reason)"
        case .badInput(let reason): reason
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .interrupted: "interrupted"
        case .notFinite(let place): "\(place) is not a finite number"
        }
    }
}
