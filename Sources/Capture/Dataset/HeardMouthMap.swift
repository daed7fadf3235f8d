// What a person's mouth does for a mouth that an encoder hears: a small affine map, fitted on the film.
import Foundation

/// The encoder was taught in many voices, and its mouth is the presenter's. A film of seconds is enough to learn how a person's
/// own mouth goes with it: how early (lips are on their way before a sound is heard), and how far.
struct HeardMouthMap: Sendable {
    /// Rows behind the mouth's own that are listened to.
    let taps: [Int]
    /// Of each number of the mouth: a weight for each heard number of each tap, and a constant.
    private let weights: [[Double]]
    private let ranges: [ClosedRange<Float>]
    /// What the film itself says of the map, on parts that it was not fitted to: correlations.
    let worth: [Double]

    /// The stretch of time around a film's own sound in which its mouths are looked for: people are early, recordings are out of step.
    private static let lags = -2...6
    /// Taps around the lag; more are taken where the film is long enough to learn them.
    private static let widths = [0, 1, 2]
    private static let parts = 6
    /// Rows between what is fitted and what is tried: neighbours are alike.
    private static let margin = 6
    private static let damping = 5e-4
    /// A mouth number that goes with the sound at least so much moves as far as it does in the film.
    private static let follows = 0.35, mostStretch = 2.0

    /// nil where there is too little to learn from.
    ///
    /// - Parameter heard: by row.
    init?(heard: [[Float]], seen mouths: FilmMouths) {
        let rows = mouths.byRow.keys.sorted()
        guard rows.count >= 50, !heard.isEmpty else { return nil }
        let truth = rows.map { (mouths.byRow[$0] ?? []).map(Double.init) }
        var best: (taps: [Int], tried: [[Double]], worth: [Double], score: Double)?
        for width in Self.widths {
            // Wider ones only around where the narrow ones heard most.
            let lags = best.map { $0.taps[$0.taps.count / 2] }.map { $0...$0 } ?? Self.lags
            for lag in lags {
                let taps = Array((lag - width)...(lag + width)), inputs = rows.map { Self.input(heard, $0, taps) }
                guard let tried = Self.tried(inputs, truth, rows) else { continue }
                let worth = (0..<FilmMouths.count).map { c in Self.correlation(tried.map { $0[c] }, truth.map { $0[c] }) }
                let score = worth.reduce(0) { $0 + max($1, 0) * max($1, 0) }
                if score > (best?.score ?? 0) * 1.02 { best = (taps, tried, worth, score) }
            }
        }
        guard let best else { return nil }
        let inputs = rows.map { Self.input(heard, $0, best.taps) }
        guard let fitted = Self.fit(inputs, truth, inputs.indices.map { _ in true }) else { return nil }
        (taps, worth) = (best.taps, best.worth)
        weights = (0..<FilmMouths.count).map { c in
            let wanted = Self.deviation(truth.map { $0[c] }), tried = Self.deviation(best.tried.map { $0[c] })
            let stretch = best.worth[c] >= Self.follows ? min(max(wanted / max(tried, 1e-9), 1), Self.mostStretch) : 1
            // About the mean mouth.
            let mean = truth.reduce(0) { $0 + $1[c] } / Double(truth.count)
            var row = fitted[c].map { $0 * stretch }
            row[row.count - 1] += mean * (1 - stretch)
            return row
        }
        ranges = (0..<FilmMouths.count).map { c in
            let sorted = truth.map { Float($0[c]) }.sorted()
            return sorted[sorted.count / 100]...sorted[sorted.count - 1 - sorted.count / 100]
        }
    }

    /// The mouth of a row, never wider or narrower than the film shows.
    func mouth(_ heard: [[Float]], row: Int) -> [Float] {
        let input = Self.input(heard, row, taps)
        return weights.indices.map { c in
            let value = Float(zip(weights[c], input).reduce(0) { $0 + $1.0 * $1.1 })
            return min(max(value, ranges[c].lowerBound), ranges[c].upperBound)
        }
    }

    private static func input(_ heard: [[Float]], _ row: Int, _ taps: [Int]) -> [Double] {
        taps.flatMap { heard[min(max(row + $0, 0), heard.count - 1)].map(Double.init) } + [1]
    }

    /// Least squares over the chosen equations, for each number of the mouth; nil where they do not say enough.
    private static func fit(_ inputs: [[Double]], _ truth: [[Double]], _ chosen: [Bool]) -> [[Double]]? {
        var result: [[Double]] = []
        let count = chosen.count { $0 }
        for c in 0..<FilmMouths.count {
            var system = SmallSystem(inputs[0].count)
            for k in inputs.indices where chosen[k] { system.add(inputs[k], truth[k][c]) }
            for unknown in 0..<(inputs[0].count - 1) { system.pull(unknown, to: 0, weight: damping * Double(count)) }
            guard let weights = system.solved() else { return nil }
            result.append(weights)
        }
        return result
    }

    /// For every row what a fit to the other parts of the film says of it.
    private static func tried(_ inputs: [[Double]], _ truth: [[Double]], _ rows: [Int]) -> [[Double]]? {
        var result = [[Double]](repeating: [], count: inputs.count)
        for part in 0..<parts {
            let own = (part * inputs.count / parts)..<((part + 1) * inputs.count / parts)
            let near = (rows[own.lowerBound] - margin)...(rows[own.upperBound - 1] + margin)
            guard let weights = fit(inputs, truth, rows.map { !near.contains($0) }) else { return nil }
            for k in own { result[k] = weights.map { zip($0, inputs[k]).reduce(0) { $0 + $1.0 * $1.1 } } }
        }
        return result
    }

    private static func deviation(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let ma = a.reduce(0, +) / Double(a.count), mb = b.reduce(0, +) / Double(b.count)
        let both = zip(a, b).reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) } / Double(a.count), spread = deviation(a) * deviation(b)
        return spread > 1e-12 ? both / spread : 0
    }
}
