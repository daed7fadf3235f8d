// Small systems of linear equations.

/// Symmetric, positive: the normal equations of a few unknowns.
struct SmallSystem {
    let count: Int
    private(set) var matrix: [Double]
    private(set) var right: [Double]

    init(_ count: Int) {
        self.count = count
        matrix = [Double](repeating: 0, count: count * count)
        right = [Double](repeating: 0, count: count)
    }

    /// The value on the diagonal of an unknown.
    func weight(of unknown: Int) -> Double { matrix[unknown * count + unknown] }

    /// One equation `row · x = value`.
    mutating func add(_ row: [Double], _ value: Double, weight: Double = 1) {
        for i in 0..<count where row[i] != 0 {
            let scaled = row[i] * weight
            right[i] += scaled * value
            for j in 0..<count { matrix[i * count + j] += scaled * row[j] }
        }
    }

    /// Pulls an unknown towards a value.
    mutating func pull(_ unknown: Int, to value: Double, weight: Double) {
        matrix[unknown * count + unknown] += weight
        right[unknown] += weight * value
    }

    /// The solution; nil where the equations do not say enough.
    func solved() -> [Double]? {
        var l = matrix, x = right
        for i in 0..<count {
            for j in 0...i {
                var sum = l[i * count + j]
                for k in 0..<j { sum -= l[i * count + k] * l[j * count + k] }
                if i == j {
                    guard sum > 1e-12, sum.isFinite else { return nil }
                    l[i * count + i] = sum.squareRoot()
                } else {
                    l[i * count + j] = sum / l[j * count + j]
                }
            }
        }
        for i in 0..<count {
            for k in 0..<i { x[i] -= l[i * count + k] * x[k] }
            x[i] /= l[i * count + i]
        }
        for i in stride(from: count - 1, through: 0, by: -1) {
            for k in (i + 1)..<max(count, i + 1) { x[i] -= l[k * count + i] * x[k] }
            x[i] /= l[i * count + i]
        }
        return x.allSatisfy(\.isFinite) ? x : nil
    }
}
