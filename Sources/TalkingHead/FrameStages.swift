// Where the processor time of a frame goes, for those who ask.
import Foundation
import Synchronization

/// Processor seconds of the stages of frames, added up over threads.
package final class FrameStages: Sendable {
    package enum Stage: String, CaseIterable, Sendable {
        case sifting, rays, samples, bricks, planes, densities, compositing, colours, torso, picture
    }
    private let sums = Mutex([Stage: Double]())
    package init() {}

    package subscript(stage: Stage) -> Double { sums.withLock { $0[stage] ?? 0 } }

    fileprivate func add(_ times: [Stage: Double]) { sums.withLock { $0.merge(times) { $0 + $1 } } }
}

/// The stages of one piece of work on one thread. Without anybody who asks it costs a comparison.
struct StageClock {
    private let stages: FrameStages?
    private var times: [FrameStages.Stage: Double] = [:]
    private var last = 0.0

    init(_ stages: FrameStages?) {
        self.stages = stages
        if stages != nil { last = Self.now }
    }
    /// What was done since the last lap belongs to `stage`.
    @inline(__always) mutating func lap(_ stage: FrameStages.Stage) {
        if stages != nil { add(stage) }
    }
    private mutating func add(_ stage: FrameStages.Stage) {
        let now = Self.now
        times[stage, default: 0] += now - last
        last = now
    }
    /// Hands the times over.
    func end() { stages?.add(times) }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
