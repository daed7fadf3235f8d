// Processor time: what work costs, whatever other programs do to the clock on the wall meanwhile.
import Foundation

/// Time that this process has had on the machine's cores, all threads together.
package enum ProcessorTime {
    /// Seconds since the process began.
    package static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Seconds of one call: the least of some rounds of several calls each.
    package static func least(rounds: Int, calls: Int = 1, _ body: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<max(rounds, 1) {
            let start = now
            for _ in 0..<max(calls, 1) { try body() }
            best = min(best, (now - start) / Double(max(calls, 1)))
        }
        return best
    }
}
