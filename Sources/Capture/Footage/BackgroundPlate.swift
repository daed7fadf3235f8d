// What stands behind the person: the middle of what is seen there over the film, and a guess where nothing ever is.
import Foundation

/// Gathers pictures of a film with the person's cut, a few dozen at most.
struct BackgroundGathering {
    private let size: Int
    private var pictures: [[UInt8]] = []
    /// 1 where nobody stands, with a margin.
    private var free: [[Bool]] = []
    /// Pictures that are worth taking: more say nothing new and stand in memory.
    static let mostPictures = 48
    /// Below it a pixel is free; and a margin around the person against the picture's size.
    private static let freeBelow: Float = 0.04, margin = 1.0 / 96
    /// A pixel must be free in so many pictures.
    private static let leastViews = 2

    init(size: Int) { self.size = size }

    mutating func add(_ rgb: [UInt8], _ cut: PixelField) {
        let wide = cut.greatest(radius: max(Int((Double(size) * Self.margin).rounded()), 1))
        pictures.append(rgb)
        free.append(wide.values.map { $0 < Self.freeBelow })
    }

    struct Plate {
        /// RGB.
        var rgb: [UInt8]
        /// Part of the picture that was seen free at least now and then.
        var seen: Double
        /// Part of the free pixels whose colour changes over the film by more than a little: a camera that moves, or life in the background.
        var unrest: Double
    }

    /// A change of so many of 255 levels is more than noise.
    private static let change = 12.0

    func plate() -> Plate {
        var rgb = [UInt8](repeating: 0, count: 3 * size * size), known = [Bool](repeating: false, count: size * size)
        var seen = 0, watched = 0, moving = 0
        for i in 0..<(size * size) {
            let views = pictures.indices.filter { free[$0][i] }
            guard views.count >= min(Self.leastViews, pictures.count), !views.isEmpty else { continue }
            known[i] = true
            seen += 1
            var spread = 0.0
            for c in 0..<3 {
                let sorted = views.map { pictures[$0][3 * i + c] }.sorted()
                let middle = sorted[sorted.count / 2]
                rgb[3 * i + c] = middle
                spread = max(spread, sorted.reduce(0) { $0 + abs(Double($1) - Double(middle)) } / Double(sorted.count))
            }
            if views.count >= min(6, pictures.count) {
                watched += 1
                if spread > Self.change { moving += 1 }
            }
        }
        Self.fill(&rgb, known, size)
        return Plate(rgb: rgb, seen: Double(seen) / Double(size * size), unrest: Double(moving) / Double(max(watched, 1)))
    }

    /// Fills what is not known from what is around it: means of ever larger squares.
    static func fill(_ rgb: inout [UInt8], _ known: [Bool], _ size: Int) {
        guard known.contains(true) else {
            for i in rgb.indices { rgb[i] = 128 }
            return
        }
        guard known.contains(false) else { return }
        let weight = PixelField(size: size, values: known.map { $0 ? 1 : 0 })
        let colors = (0..<3).map { c in PixelField(size: size, values: known.indices.map { known[$0] ? Float(rgb[3 * $0 + c]) : 0 }) }
        var rest = known.indices.filter { !known[$0] }, radius = 2
        while !rest.isEmpty {
            let near = weight.mean(radius: radius), means = colors.map { $0.mean(radius: radius) }
            rest = rest.filter { i in
                // A tenth of a square at least: a single pixel does not paint a large one.
                guard near.values[i] > (radius < size ? 0.1 : 0) else { return true }
                for c in 0..<3 { rgb[3 * i + c] = UInt8(min(max((means[c].values[i] / near.values[i]).rounded(), 0), 255)) }
                return false
            }
            radius *= 2
        }
    }
}
