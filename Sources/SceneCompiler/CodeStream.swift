// Audio codes of an actor, a block of rows at a time.
import Engines

/// Gives the code at any moment, cheaply when moments come in order. One owner at a time.
final class CodeStream {
    private let engine: any PersonaEngine
    private let rows: any SpeechFeatureStream
    private let count: Int
    /// The codes at hand, from this row on.
    private var block: [[Float]] = []
    private var start = 0

    /// Rows in a block: ten seconds.
    private static let blockRows = 256

    init(engine: any PersonaEngine, rows: (stream: any SpeechFeatureStream, count: Int)) {
        self.engine = engine
        (self.rows, count) = (rows.stream, rows.count)
    }

    /// The code at a position in rows; between two rows it is mixed.
    func code(at position: Double) throws -> [Float] {
        let low = min(max(Int(position.rounded(.down)), 0), count - 1), high = min(low + 1, count - 1)
        let f = Float(min(max(position - Double(low), 0), 1))
        let a = try code(low)
        guard f > 1e-4 else { return a }
        return zip(a, try code(high)).map { $0 + ($1 - $0) * f }
    }

    private func code(_ row: Int) throws -> [Float] {
        if !(start..<start + block.count).contains(row) { try load(row) }
        return block[row - start]
    }

    /// Codes from `row` on. The rows around them are made as well, because a code looks at its neighbours.
    private func load(_ row: Int) throws {
        // One row is kept back: a moment between two rows needs both.
        let wanted = max(row - 1, 0)..<min(row + Self.blockRows, count)
        let around = max(wanted.lowerBound - engine.audioReach, 0)..<min(wanted.upperBound + engine.audioReach, count)
        let codes = try engine.audioCodes(for: rows.rows(around))
        block = Array(codes[(wanted.lowerBound - around.lowerBound)..<(wanted.upperBound - around.lowerBound)])
        start = wanted.lowerBound
    }
}
