// Between mouths and the codes that a trained field understands.

/// What a field's codes mean: the affine map from mouths to the mean code, by least squares.
struct MouthCode: Sendable {
    /// [32][outputs + 1].
    private let map: [[Float]]
    /// Mean squared distance of the codes from their mean.
    let variance: Float

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
