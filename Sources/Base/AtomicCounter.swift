// A shared counter that hands out indices to threads.
import Synchronization

/// Hands out 0, 1, 2, … to whoever asks, each number once.
package final class AtomicCounter: Sendable {
    private let value = Atomic<Int>(0)
    package init() {}
    package func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}
