// How different two pictures look.

enum PictureError {
    /// Mean square of what the colours differ by before a medium grey: where both are opaque, of the colours themselves.
    ///
    /// - Parameters:
    ///   - a: premultiplied colour and opacity, four floats a pixel, as many as `b`.
    static func meanSquare(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
        var sum = 0.0
        for i in stride(from: 0, to: min(a.count, b.count), by: 4) {
            let behind = (a[i + 3] - b[i + 3]) / 2
            for c in 0..<3 {
                let d = Double(a[i + c] - b[i + c] - behind)
                sum += d * d
            }
        }
        return sum / Double(max(a.count / 4 * 3, 1))
    }
}
