// Between mouths and the codes that a field understands.
import Base

/// What a field's codes mean: an affine map from mouths to codes.
struct MouthCode: Sendable {
    /// [32][outputs + 1].
    private let map: [[Float]]
    /// Mean squared distance of the codes from their mean.
    let variance: Float

    /// How much each mouth parameter shows: jaw, wide, pucker, upper, press, tuck, tongue.
    static let shows: [Float] = [1.8, 1, 1, 0.6, 1.4, 1, 0.3]

    /// A map that is agreed on before anything is trained: every code listens to all parameters, each by a share of its own,
    /// around the mean mouth.
    init(seed: UInt64, around mouths: [[Float]]) {
        let outputs = mouths.first?.count ?? 0
        let count = Float(max(mouths.count, 1))
        let mean = (0..<outputs).map { k in mouths.reduce(Float(0)) { $0 + $1[k] } / count }
        let spread = (0..<outputs).map { k in mouths.reduce(Float(0)) { $0 + ($1[k] - mean[k]) * ($1[k] - mean[k]) } / count }
        let random = SeededRandom(seed: seed, stream: 320)
        map = (0..<AudioNetwork.code).map { c in
            let shares = (0..<outputs).map { k in 0.4 * (k < Self.shows.count ? Self.shows[k] : 1).squareRoot() * random.normal(UInt64(c * outputs + k)) }
            return shares + [-zip(shares, mean).reduce(Float(0)) { $0 + $1.0 * $1.1 }]
        }
        variance = max(map.reduce(Float(0)) { sum, row in sum + zip(row, spread).reduce(Float(0)) { $0 + $1.0 * $1.0 * $1.1 } }, 1e-6)
    }

    /// By least squares: what the codes of a trained field are on average for a mouth.
    init(_ pairs: [(mouth: [Float], code: [Float])], outputs: Int) {
        let n = outputs + 1
        var normal = [[Double]](repeating: [Double](repeating: 0, count: n + AudioNetwork.code), count: n)
        for (mouth, code) in pairs {
            let x = mouth.map(Double.init) + [1]
            for i in 0..<n {
                for j in 0..<n { normal[i][j] += x[i] * x[j] }
                for c in 0..<AudioNetwork.code { normal[i][n + c] += x[i] * Double(code[c]) }
            }
        }
        // A little damping: parameters that never move have no say.
        for i in 0..<n { normal[i][i] += 1e-3 * Double(pairs.count) + 1e-9 }
        for i in 0..<n {
            let pivot = normal[i][i]
            for j in i..<(n + AudioNetwork.code) { normal[i][j] /= pivot }
            for r in 0..<n where r != i {
                let factor = normal[r][i]
                for j in i..<(n + AudioNetwork.code) { normal[r][j] -= factor * normal[i][j] }
            }
        }
        map = (0..<AudioNetwork.code).map { c in (0..<n).map { Float(normal[$0][n + c]) } }
        let count = Float(max(pairs.count, 1))
        variance = max((0..<AudioNetwork.code).reduce(Float(0)) { sum, c in
            let mean = pairs.reduce(Float(0)) { $0 + $1.code[c] } / count
            return sum + pairs.reduce(Float(0)) { $0 + ($1.code[c] - mean) * ($1.code[c] - mean) } / count
        }, 1e-6)
    }

    func code(of mouth: [Float]) -> [Float] {
        map.map { row in
            var value = row[mouth.count]
            for (k, m) in mouth.enumerated() { value += row[k] * m }
            return value
        }
    }
}
