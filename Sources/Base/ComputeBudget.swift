// How much of the machine a piece of work may use, and the one way to split a loop over it.
import Dispatch

/// Threads that a computation may use. A parameter, never a global.
public struct ComputeBudget: Sendable, Hashable {
    public var threads: Int
    public init(threads: Int) { self.threads = max(1, threads) }
    public static let single = ComputeBudget(threads: 1)

    /// Runs `body(index)` for every index in 0..<count, spread over the threads.
    ///
    /// Each index must write its own place only; results must be combined in index order,
    /// so that the bits do not depend on the number of threads.
    public func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
        guard threads > 1, count > 1 else {
            for index in 0..<max(count, 0) { body(index) }
            return
        }
        let next = AtomicCounter()
        DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
            while true {
                let index = next.take()
                if index >= count { return }
                body(index)
            }
        }
    }
}
