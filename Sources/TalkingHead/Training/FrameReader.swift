// Reads the pictures of coming steps side by side.
import Base
import Engines
import Synchronization

/// Work on many things on all threads, with its refusals.
enum SideBySide {
    private final class Results<Value: Sendable>: Sendable {
        let kept: Mutex<[Int: Result<Value, EngineError>]> = Mutex([:])
    }

    /// The result of each thing, in order.
    static func map<Value: Sendable>(_ things: [Int], _ budget: ComputeBudget, _ work: @Sendable (Int) throws(EngineError) -> Value) -> [Result<Value, EngineError>] {
        let results = Results<Value>()
        budget.forEach(things.count) { k in
            let result: Result<Value, EngineError>
            do throws(EngineError) { result = .success(try work(things[k])) } catch { result = .failure(error) }
            results.kept.withLock { $0[k] = result }
        }
        return results.kept.withLock { kept in things.indices.compactMap { kept[$0] } }
    }
}

/// Gives the frame of each step with its pixels; four steps' pictures are read at a time. One thread drives it.
final class FrameReader {
    private let footage: any TrainingFootage
    private let budget: ComputeBudget
    private let draw: (Int) -> Int
    private static let ahead = 4
    private var upcoming: (first: Int, frames: [(TrainingFrame, TrainingPixels)]) = (0, [])

    /// - Parameter draw: The index of a step's training frame.
    init(footage: any TrainingFootage, budget: ComputeBudget, draw: @escaping (Int) -> Int) {
        (self.footage, self.budget, self.draw) = (footage, budget, draw)
    }

    func frame(_ step: Int) throws(EngineError) -> (TrainingFrame, TrainingPixels) {
        let first = step / Self.ahead * Self.ahead
        if upcoming.first != first || upcoming.frames.isEmpty {
            let footage = self.footage
            let loads = SideBySide.map((first..<first + Self.ahead).map(draw), budget) { index throws(EngineError) in try footage.pixels(of: footage.train[index]) }
            var frames: [(TrainingFrame, TrainingPixels)] = []
            for (step, load) in zip(first..<first + Self.ahead, loads) { frames.append((footage.train[draw(step)], try load.get())) }
            upcoming = (first, frames)
        }
        return upcoming.frames[step - first]
    }
}
