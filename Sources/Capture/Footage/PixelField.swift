// Fields of numbers over a square picture: means over boxes, polygons, what hangs together.
import Foundation

/// One number a pixel.
struct PixelField: Sendable {
    let size: Int
    var values: [Float]

    init(size: Int, _ value: Float = 0) {
        self.size = size
        values = [Float](repeating: value, count: size * size)
    }
    init(size: Int, values: [Float]) {
        precondition(values.count == size * size, "one number a pixel")
        self.size = size
        self.values = values
    }

    /// Means over squares of `2 · radius + 1` pixels; at the edge over those that are there.
    func mean(radius: Int) -> PixelField {
        var across = self, down = self
        for y in 0..<size { Self.runningMean(values, &across.values, start: y * size, step: 1, count: size, radius) }
        for x in 0..<size { Self.runningMean(across.values, &down.values, start: x, step: size, count: size, radius) }
        return down
    }

    private static func runningMean(_ source: [Float], _ target: inout [Float], start: Int, step: Int, count: Int, _ radius: Int) {
        var sum: Double = 0, inside = 0
        for k in 0..<min(radius, count) {
            sum += Double(source[start + k * step])
            inside += 1
        }
        for k in 0..<count {
            if k + radius < count {
                sum += Double(source[start + (k + radius) * step])
                inside += 1
            }
            target[start + k * step] = Float(sum / Double(inside))
            if k - radius >= 0 {
                sum -= Double(source[start + (k - radius) * step])
                inside -= 1
            }
        }
    }

    /// The greatest value within `radius` across and down.
    func greatest(radius: Int) -> PixelField {
        var across = self, down = self
        for y in 0..<size {
            for x in 0..<size {
                var best = -Float.infinity
                for k in max(x - radius, 0)...min(x + radius, size - 1) { best = max(best, values[y * size + k]) }
                across.values[y * size + x] = best
            }
        }
        for y in 0..<size {
            for x in 0..<size {
                var best = -Float.infinity
                for k in max(y - radius, 0)...min(y + radius, size - 1) { best = max(best, across.values[k * size + x]) }
                down.values[y * size + x] = best
            }
        }
        return down
    }

    /// A coarse field drawn at this size with straight lines between the middles of its places.
    init(size: Int, from coarse: [Float], width: Int, height: Int) {
        precondition(coarse.count == width * height && width > 0 && height > 0, "the coarse field is whole")
        self.init(size: size)
        func place(_ index: Int, _ count: Int) -> (Int, Int, Float) {
            let at = max((Float(index) + 0.5) * Float(count) / Float(size) - 0.5, 0)
            let low = min(Int(at), count - 1)
            return (low, min(low + 1, count - 1), at - Float(low))
        }
        let columns = (0..<size).map { place($0, width) }
        for y in 0..<size {
            let (top, bottom, down) = place(y, height)
            for x in 0..<size {
                let (left, right, across) = columns[x]
                let above = coarse[top * width + left] + (coarse[top * width + right] - coarse[top * width + left]) * across
                let below = coarse[bottom * width + left] + (coarse[bottom * width + right] - coarse[bottom * width + left]) * across
                values[y * size + x] = above + (below - above) * down
            }
        }
    }
}

/// A set of pixels of a square picture.
struct PixelSet: Sendable {
    let size: Int
    var members: [Bool]

    init(size: Int) {
        self.size = size
        members = [Bool](repeating: false, count: size * size)
    }
    init(size: Int, _ members: [Bool]) {
        precondition(members.count == size * size, "one mark a pixel")
        self.size = size
        self.members = members
    }

    /// Pixels whose middles lie inside an outline.
    init(size: Int, inside outline: [SIMD2<Float>]) {
        self.init(size: size)
        for y in 0..<size {
            let level = Float(y) + 0.5
            var crossings: [Float] = []
            for k in outline.indices {
                let a = outline[k], b = outline[(k + 1) % outline.count]
                if (a.y <= level) != (b.y <= level) { crossings.append(a.x + (level - a.y) / (b.y - a.y) * (b.x - a.x)) }
            }
            crossings.sort()
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                let first = min(max(Int((crossings[pair] - 0.5).rounded(.up)), 0), size), last = min(max(Int((crossings[pair + 1] - 0.5).rounded(.up)), first), size)
                for x in first..<last { members[y * size + x] = true }
            }
        }
    }

    /// Of these pixels, those that hang together (by their sides) with a pixel of `seeds`.
    func joined(to seeds: PixelSet) -> PixelSet {
        var result = PixelSet(size: size), open: [Int] = []
        func visit(_ i: Int) {
            guard members[i], !result.members[i] else { return }
            result.members[i] = true
            open.append(i)
        }
        for i in members.indices where seeds.members[i] {
            visit(i)
            for near in neighbours(i) { visit(near) }
        }
        while let i = open.popLast() { for near in neighbours(i) { visit(near) } }
        return result
    }

    private func neighbours(_ i: Int) -> [Int] {
        let (x, y) = (i % size, i / size)
        var result: [Int] = []
        if x > 0 { result.append(i - 1) }
        if x + 1 < size { result.append(i + 1) }
        if y > 0 { result.append(i - size) }
        if y + 1 < size { result.append(i + size) }
        return result
    }
}
