// What long work reports while it runs.

/// A step of long work.
public struct ProgressReport: Sendable {
    /// What is being done, a few words.
    public var phase: String
    public var done: Int
    public var total: Int
    /// Words that change with each report: loss, PSNR.
    public var detail: String
    public init(phase: String, done: Int, total: Int, detail: String = "") {
        self.phase = phase
        self.done = done
        self.total = total
        self.detail = detail
    }
}

/// Receives reports; returns false to ask the work to stop at the next safe place.
public typealias ProgressHandler = @Sendable (ProgressReport) -> Bool
