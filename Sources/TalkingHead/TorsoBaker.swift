// Bakes a torso: pictures of it in many poses, the polynomial of each pixel, and which pixels no polynomial can say.
import Base
import Foundation
import Kernels

/// Makes a `BakedTorso` of a torso.
struct TorsoBaker {
    let torso: TorsoRenderer
    /// Recorded cameras.
    let cameras: [RayCamera]
    /// What torsos in other poses have to reach on average, in decibels of the whole picture, before the head covers any of them.
    var target = 56.0
    /// Poses that polynomials are fitted to, and others that try them.
    private static let fitted = 48, tried = 16
    /// Pixels that are less opaque than this in all poses are nothing.
    private static let nothing: Float = 1.0 / 512

    /// What is known of the pixels where the torso may be.
    private final class Pixels: @unchecked Sendable {  // bands of pixels write their own
        let list: [Int]
        let sums: Buffer<SIMD4<Float>>, opacity: Buffer<Float>, errors: Buffer<Float>
        init(_ list: [Int]) {
            self.list = list
            sums = Buffer(count: list.count * BakedTorso.terms)
            opacity = Buffer(count: list.count)
            errors = Buffer(count: list.count)
        }
    }

    /// Nil where too few poses were recorded.
    func bake(_ budget: ComputeBudget) -> BakedTorso? {
        guard let camera = cameras.first, cameras.count >= Self.fitted + Self.tried else { return nil }
        let points = cameras.map(torso.keyPoints), axes = PrincipalAxes(points, count: BakedTorso.directions)
        let places = points.map(axes.coordinates)
        let order = Self.spread(places, Self.fitted)
        let chosen = Set(order), rest = places.indices.filter { !chosen.contains($0) }
        guard let solution = Self.solution(order.map { BakedTorso.factors(places[$0]) }) else { return nil }
        let pixels = Pixels(torso.occupied(camera.width, camera.height).enumerated().filter(\.element).map(\.offset))
        for (n, index) in order.enumerated() {
            each(index, pixels, budget) { i, value in
                pixels.opacity.pointer[i] = max(pixels.opacity.pointer[i], value.w)
                for t in 0..<BakedTorso.terms { pixels.sums.pointer[i * BakedTorso.terms + t] += value * solution[t][n] }
            }
        }
        for k in 0..<Self.tried {
            let index = rest[k * rest.count / Self.tried], factors = BakedTorso.factors(places[index])
            each(index, pixels, budget) { i, value in
                var own = SIMD4<Float>.zero
                for t in 0..<BakedTorso.terms { own += pixels.sums.pointer[i * BakedTorso.terms + t] * factors[t] }
                let d = own.clamped(lowerBound: .zero, upperBound: .one) - value
                pixels.errors.pointer[i] += (d * d).sum() / Float(Self.tried)
            }
        }
        let reach = (0..<BakedTorso.directions).map { a in 1.1 * places.reduce(Float(0)) { max($0, abs($1[a])) } }
        return assemble(pixels, camera, axes, reach)
    }

    /// Premultiplied colour and opacity of all pixels from one camera.
    private func each(_ camera: Int, _ pixels: Pixels, _ budget: ComputeBudget, _ body: @Sendable (Int, SIMD4<Float>) -> Void) {
        let picture = torso.render(camera: cameras[camera], identity: 0, budget: budget)
        let band = 4096, count = pixels.list.count
        budget.forEach((count + band - 1) / band) { b in
            for i in (b * band)..<min((b + 1) * band, count) {
                var value = UnsafeRawPointer(picture.pixels.pointer + 4 * pixels.list[i]).loadUnaligned(as: SIMD4<Float>.self)
                let alpha = min(max(value.w, 0), 1)
                value *= alpha
                value.w = alpha
                body(i, value)
            }
        }
        withExtendedLifetime(picture) {}
    }

    /// Pixels with the largest errors ask the network, as few of them as reach the target.
    private func assemble(_ pixels: Pixels, _ camera: RayCamera, _ axes: PrincipalAxes, _ reach: [Float]) -> BakedTorso {
        let count = pixels.list.count
        var left = Foundation.pow(10, -target / 10) * Double(4 * camera.width * camera.height), limit: Float = 0
        for error in pixels.errors.elements.sorted() {
            left -= Double(error)
            if left < 0 { break }
            limit = error
        }
        var known: [BakedTorso.Run] = [], asking: [BakedTorso.Run] = [], members: [Int] = []
        func add(_ pixel: Int, to runs: inout [BakedTorso.Run]) {
            let row = Int32(pixel / camera.width), column = Int32(pixel % camera.width)
            if let last = runs.last, last.row == row, last.first + last.count == column { runs[runs.count - 1].count += 1 } else {
                runs.append(BakedTorso.Run(row: row, first: column, count: 1))
            }
        }
        for i in 0..<count where pixels.opacity.pointer[i] >= Self.nothing {
            if pixels.errors.pointer[i] <= limit {
                add(pixels.list[i], to: &known)
                members.append(i)
            } else {
                add(pixels.list[i], to: &asking)
            }
        }
        let terms = BakedTorso.terms
        let values = Buffer<UInt16>(count: known.reduce(0) { $0 + $1.size })
        var next = 0, start = 0
        for run in known {
            for k in 0..<Int(run.count) {
                for t in 0..<terms { for c in 0..<4 {
                    values.pointer[start + (k / 2 * terms + t) * 8 + k % 2 * 4 + c] = Float16(pixels.sums.pointer[members[next] * terms + t][c]).bitPattern
                } }
                next += 1
            }
            start += run.size
        }
        return BakedTorso(width: camera.width, height: camera.height, axes: axes, reach: reach, runs: known, asking: asking, values: values)
    }

    /// Places that are far from one another.
    private static func spread(_ places: [[Float]], _ count: Int) -> [Int] {
        var chosen = [0], distance = [Float](repeating: .infinity, count: places.count)
        while let last = chosen.last, chosen.count < count {
            for i in places.indices { distance[i] = min(distance[i], zip(places[i], places[last]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }) }
            chosen.append(distance.indices.max { distance[$0] < distance[$1] } ?? 0)
        }
        return chosen
    }

    /// What each observation counts for each term in a least-squares fit: [term][observation]; nil where there is nothing to fit.
    /// Terms that never change get nothing.
    static func solution(_ rows: [[Float]]) -> [[Float]]? {
        guard let terms = rows.first?.count else { return nil }
        // Columns made orthogonal one after the other, and what each had of those before it.
        var q = (0..<terms).map { t in rows.map { Double($0[t]) } }, r = [[Double]](repeating: [Double](repeating: 0, count: terms), count: terms)
        for t in 0..<terms {
            let whole = q[t].reduce(0) { $0 + $1 * $1 }
            for j in 0..<t {
                r[j][t] = zip(q[j], q[t]).reduce(0) { $0 + $1.0 * $1.1 }
                for n in rows.indices { q[t][n] -= r[j][t] * q[j][n] }
            }
            let left = q[t].reduce(0) { $0 + $1 * $1 }
            r[t][t] = left > 1e-6 * whole ? left.squareRoot() : 0
            for n in rows.indices { q[t][n] = r[t][t] > 0 ? q[t][n] / r[t][t] : 0 }
        }
        for t in (0..<terms).reversed() {
            for j in (t + 1)..<max(terms, t + 1) { for n in rows.indices { q[t][n] -= r[t][j] * q[j][n] } }
            for n in rows.indices { q[t][n] = r[t][t] > 0 ? q[t][n] / r[t][t] : 0 }
        }
        return q.map { $0.map { Float($0) } }
    }
}
