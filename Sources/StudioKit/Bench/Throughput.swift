// How much of one kind of work this machine does in a while.
import Base
import Synchronization

/// Work that was repeated for a while.
package struct Throughput: Sendable, Encodable {
    /// How often it was done.
    package var count: Int
    /// By the clock, seconds.
    package var seconds: Double
    /// Of all threads together, seconds.
    package var processorSeconds: Double

    package var perSecond: Double { Double(count) / max(seconds, 1e-9) }
    /// Seconds of processor time that doing it once takes.
    package var cost: Double { processorSeconds / Double(max(count, 1)) }

    private enum Key: String, CodingKey { case count, seconds, processorSeconds, perSecond, processorSecondsEach }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(count, forKey: .count)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(processorSeconds, forKey: .processorSeconds)
        try container.encode(perSecond, forKey: .perSecond)
        try container.encode(cost, forKey: .processorSecondsEach)
    }

    /// Does `body(0)`, `body(1)`, … on some threads until the time is over; each thread does one at least.
    static func measure(_ seconds: Double, threads: Int, _ body: @Sendable (Int) throws -> Void) throws -> Throughput {
        let failure = Mutex<(any Error)?>(nil), next = AtomicCounter()
        let clock = ContinuousClock(), began = clock.now, processor = ProcessorTime.now
        ComputeBudget(threads: threads).forEach(threads) { _ in
            repeat {
                do { try body(next.take()) } catch {
                    failure.withLock { $0 = error }
                    return
                }
            } while clock.now - began < .seconds(seconds)
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return Throughput(count: next.take(), seconds: Self.seconds(clock.now - began), processorSeconds: ProcessorTime.now - processor)
    }

    /// The same on this thread, for work that one after the other does.
    static func measure(_ seconds: Double, _ body: (Int) throws -> Void) rethrows -> Throughput {
        let clock = ContinuousClock(), began = clock.now, processor = ProcessorTime.now
        var count = 0
        repeat {
            try body(count)
            count += 1
        } while clock.now - began < .seconds(seconds)
        return Throughput(count: count, seconds: Self.seconds(clock.now - began), processorSeconds: ProcessorTime.now - processor)
    }

    static func seconds(_ duration: Duration) -> Double { Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18 }
}
