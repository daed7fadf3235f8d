// Scratch memory that goes from one piece of work to the next instead of being allocated and cleared each time.
import Synchronization

/// Hands out objects of one kind; at most as many exist as pieces of work run at once.
final class ScratchPool<Scratch: AnyObject & Sendable>: Sendable {
    private let free = Mutex<[Scratch]>([])
    private let make: @Sendable () -> Scratch

    init(_ make: @escaping @Sendable () -> Scratch) { self.make = make }

    func take() -> Scratch { free.withLock { $0.popLast() } ?? make() }
    func put(_ scratch: Scratch) { free.withLock { $0.append(scratch) } }
}
