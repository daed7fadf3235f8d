// Frames in any order, delivered in order, a bounded number at a time.
import Base
import Imaging

/// Runs a node over a range of frames on several threads.
package struct FrameScheduler: Sendable {
    package let session: RenderSession
    package let threads: Int

    package init(session: RenderSession, threads: Int) {
        self.session = session
        self.threads = max(1, threads)
    }

    /// Evaluates `frames` of a node and hands each picture to `deliver` in the order given. At most `threads` + 2 frames are under
    /// way or waiting. `deliver` returns false to stop after the frame it was given.
    package func run(_ node: any PictureNode, frames: [Int], deliver: (Int, Frame) throws -> Bool) async throws {
        let session = self.session
        let window = threads + 2
        try await withThrowingTaskGroup(of: (Int, Frame).self) { group in
            var next = 0, due = 0, running = 0
            var waiting: [Int: Frame] = [:]
            func launch() {
                while running < threads, next < frames.count, next < due + window {
                    let place = next, frame = frames[next]
                    group.addTask { (place, try session.picture(node, frame)) }
                    next += 1
                    running += 1
                }
            }
            launch()
            while due < frames.count {
                guard let (place, picture) = try await group.next() else { break }
                running -= 1
                waiting[place] = picture
                launch()
                while let ready = waiting.removeValue(forKey: due) {
                    if try !deliver(frames[due], ready) {
                        group.cancelAll()
                        throw CancellationError()
                    }
                    due += 1
                    launch()
                }
            }
        }
    }
}
