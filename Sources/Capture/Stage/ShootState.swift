// How far a shoot is, shared by the threads that shoot.
import Base
import Engines
import Synchronization

final class ShootState: Sendable {
    private struct Facts { var done = 0; var stopped = false; var error: EngineError? }
    private let facts = Mutex(Facts())
    private let phase: String
    private let total: Int

    init(phase: String, total: Int) {
        self.phase = phase
        self.total = total
    }
    var isStopped: Bool { facts.withLock { $0.stopped } }
    var error: EngineError? { facts.withLock { $0.error } }

    func finish(_ progress: ProgressHandler) {
        facts.withLock { facts in
            facts.done += 1
            if !progress(ProgressReport(phase: phase, done: facts.done, total: total)) { facts.stopped = true }
        }
    }
    func fail(_ error: EngineError) {
        facts.withLock { facts in
            facts.stopped = true
            if facts.error == nil { facts.error = error }
        }
    }
}
