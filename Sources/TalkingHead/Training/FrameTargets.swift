// Where the rays of a training frame go, and what they should see.
import Base
import Engines

/// A rectangle of pixels, half open.
struct PixelWindow: Sendable {
    var rows: Range<Int>
    var columns: Range<Int>

    init(rows: Range<Int>, columns: Range<Int>, width: Int, height: Int) {
        let top = min(max(rows.lowerBound, 0), height - 1), left = min(max(columns.lowerBound, 0), width - 1)
        self.rows = top..<max(min(rows.upperBound, height), top + 1)
        self.columns = left..<max(min(columns.upperBound, width), left + 1)
    }
    func contains(_ row: Int, _ column: Int) -> Bool { rows.contains(row) && columns.contains(column) }

    /// The part that lies in another window; its nearest pixel where they do not meet.
    func clipped(to other: PixelWindow) -> PixelWindow {
        var result = other
        let top = min(max(rows.lowerBound, other.rows.lowerBound), other.rows.upperBound - 1)
        let left = min(max(columns.lowerBound, other.columns.lowerBound), other.columns.upperBound - 1)
        result.rows = top..<max(min(rows.upperBound, other.rows.upperBound), top + 1)
        result.columns = left..<max(min(columns.upperBound, other.columns.upperBound), left + 1)
        return result
    }

    /// Around some landmarks, grown by a share of its size.
    init(_ points: ArraySlice<SIMD2<Float>>, grow: Float, width: Int, height: Int) {
        let xs = points.map(\.x), ys = points.map(\.y)
        let (left, right) = (xs.min() ?? 0, xs.max() ?? Float(width)), (top, bottom) = (ys.min() ?? 0, ys.max() ?? Float(height))
        let (gx, gy) = ((right - left) * grow, (bottom - top) * grow)
        self.init(rows: Int(max(top - gy, 0))..<Int(max(min(bottom + gy, Float(height)), 1)), columns: Int(max(left - gx, 0))..<Int(max(min(right + gx, Float(width)), 1)),
                  width: width, height: height)
    }
}

/// What a frame teaches: the pixels around its head, what stands behind them, and where lips and eyes are.
final class FrameTargets: Sendable {
    let frame: TrainingFrame
    /// The head with a margin; rays beyond it meet nothing.
    let head: PixelWindow
    let lips: PixelWindow
    private let face: PixelWindow
    private let eyes: PixelWindow
    private let columns: Int
    /// Seven bytes a pixel of the window: colour, ground, coverage (0 none, 1 head, 2 an edge).
    private let bytes: [UInt8]

    var byteCount: Int { bytes.count }

    init(_ frame: TrainingFrame, _ pixels: TrainingPixels, _ footage: any TrainingFootage) {
        self.frame = frame
        let (width, height) = (footage.width, footage.height)
        let head = Self.headWindow(pixels, width, height)
        self.head = head
        func within(_ points: ArraySlice<SIMD2<Float>>, grow: Float) -> PixelWindow {
            PixelWindow(points, grow: grow, width: width, height: height).clipped(to: head)
        }
        if frame.landmarks.count == 68 {
            face = PixelWindow(frame.landmarks[...], grow: 0, width: width, height: height)
            lips = within(frame.landmarks[48..<68], grow: 0.35)
            eyes = within(frame.landmarks[36..<48], grow: 0.3)
        } else {
            (face, lips, eyes) = (PixelWindow(rows: 0..<height, columns: 0..<width, width: width, height: height), head, head)
        }
        columns = head.columns.count
        bytes = Self.bytes(pixels, plate: footage.background, head, width, height)
    }

    private static func bytes(_ pixels: TrainingPixels, plate: [UInt8], _ head: PixelWindow, _ width: Int, _ height: Int) -> [UInt8] {
        let count = width * height
        precondition(pixels.image.count == 3 * count && pixels.torso.count == 4 * count && pixels.parsing.count == count && plate.count == 3 * count, "pictures of one size")
        return [UInt8](unsafeUninitializedCapacity: head.rows.count * head.columns.count * 7) { bytes, count in
            pixels.image.withUnsafeBufferPointer { image in
                pixels.torso.withUnsafeBufferPointer { torso in
                    plate.withUnsafeBufferPointer { plate in
                        for y in head.rows {
                            for i in (y * width + head.columns.lowerBound)..<(y * width + head.columns.upperBound) {
                                // Torso over the plate.
                                let alpha = Int(torso[4 * i + 3])
                                for c in 0..<3 {
                                    bytes[count + c] = image[3 * i + c]
                                    bytes[count + 3 + c] = UInt8((Int(torso[4 * i + c]) * alpha + Int(plate[3 * i + c]) * (255 - alpha) + 127) / 255)
                                }
                                count += 7
                            }
                        }
                    }
                }
            }
            pixels.parsing.withUnsafeBufferPointer { parsing in
                var place = 6
                for y in head.rows {
                    for x in head.columns {
                        bytes[place] = coverage(parsing, y, x, width, height)
                        place += 7
                    }
                }
            }
        }
    }

    static func headWindow(_ pixels: TrainingPixels, _ width: Int, _ height: Int) -> PixelWindow {
        var (top, bottom, left, right) = (height, 0, width, 0)
        for y in stride(from: 0, to: height, by: 4) {
            for x in stride(from: 0, to: width, by: 4) where isHead(pixels.parsing[y * width + x]) {
                top = min(top, y); bottom = max(bottom, y); left = min(left, x); right = max(right, x)
            }
        }
        guard top <= bottom else { return PixelWindow(rows: 0..<height, columns: 0..<width, width: width, height: height) }
        return PixelWindow(rows: (top - 12)..<(bottom + 20), columns: (left - 12)..<(right + 16), width: width, height: height)
    }

    static func isHead(_ code: UInt8) -> Bool { code == ParsingClass.head.rawValue || code == ParsingClass.lips.rawValue }

    /// 1 well inside the head's class, 0 well outside, 2 within two pixels of its edge.
    private static func coverage(_ parsing: UnsafeBufferPointer<UInt8>, _ row: Int, _ column: Int, _ width: Int, _ height: Int) -> UInt8 {
        let own = isHead(parsing[row * width + column])
        func differs(_ dy: Int, _ dx: Int) -> Bool {
            let (y, x) = (row + dy, column + dx)
            guard y >= 0, x >= 0, y < height, x < width else { return false }
            return isHead(parsing[y * width + x]) != own
        }
        let isEdge = differs(-2, 0) || differs(2, 0) || differs(0, -2) || differs(0, 2) || differs(-1, -1) || differs(1, 1) || differs(-1, 1) || differs(1, -1)
        return isEdge ? 2 : own ? 1 : 0
    }

    /// How a stage spreads its rays: shares of lips, eyes and what is wrong most; the rest lies anywhere over the head.
    struct Mix { var lips: Float; var eyes: Float; var errors: Float }

    func rays(_ count: Int, mix: Mix, errors: ErrorMap, random: SeededRandom) -> [TrainingRay] {
        (0..<count).map { index in
            let address = UInt64(index) * 5
            let choice = random.uniform(address)
            if choice >= mix.lips + mix.eyes, choice < mix.lips + mix.eyes + mix.errors {
                let (row, column) = errors.draw(head, random.uniform(address + 1), random.uniform(address + 2), random.uniform(address + 4))
                return ray(row, column, jitter: random.uniform(address + 3))
            }
            let window = choice < mix.lips ? lips : choice < mix.lips + mix.eyes ? eyes : head
            let row = window.rows.lowerBound + random.integer(address + 1, below: window.rows.count)
            let column = window.columns.lowerBound + random.integer(address + 2, below: window.columns.count)
            return ray(row, column, jitter: random.uniform(address + 3))
        }
    }

    /// A square of pixels around the lips, row by row, moved a little at random; nil where the head's window is smaller than that.
    /// All of its rays start alike, as those of a drawn picture do: a patch's loss would else work at the grain of the starts.
    func lipsPatch(side: Int, random: SeededRandom) -> [TrainingRay]? {
        guard head.rows.count >= side, head.columns.count >= side else { return nil }
        let top = (lips.rows.lowerBound + lips.rows.upperBound - side) / 2 + random.integer(1, below: 17) - 8
        let left = (lips.columns.lowerBound + lips.columns.upperBound - side) / 2 + random.integer(2, below: 25) - 12
        let y0 = min(max(top, head.rows.lowerBound), head.rows.upperBound - side), x0 = min(max(left, head.columns.lowerBound), head.columns.upperBound - side)
        let jitter = random.uniform(3)
        return (0..<side * side).map { ray(y0 + $0 / side, x0 + $0 % side, jitter: jitter) }
    }

    func ray(_ row: Int, _ column: Int, jitter: Float) -> TrainingRay {
        let i = 7 * ((row - head.rows.lowerBound) * columns + column - head.columns.lowerBound)
        let target = SIMD3(Float(bytes[i]), Float(bytes[i + 1]), Float(bytes[i + 2])) / 255
        let ground = SIMD3(Float(bytes[i + 3]), Float(bytes[i + 4]), Float(bytes[i + 5])) / 255
        return TrainingRay(row: row, column: column, target: target, ground: ground, coverage: bytes[i + 6] == 2 ? -1 : Float(bytes[i + 6]),
                           isFace: face.contains(row, column), jitter: jitter, weight: 1)
    }
}

/// Targets of frames, kept while they fit: about a third of the bytes of their pictures.
final class TargetStore {
    private let footage: any TrainingFootage
    private let limit: Int
    private var kept: [Int: FrameTargets] = [:]
    private var bytes = 0

    init(_ footage: any TrainingFootage, limit: Int) {
        self.footage = footage
        self.limit = limit
    }

    /// Targets of some training frames; those that are missing are read on all threads.
    func targets(_ indices: [Int], _ budget: ComputeBudget) throws(EngineError) -> [FrameTargets] {
        let missing = Array(Set(indices).filter { kept[$0] == nil }).sorted()
        let footage = self.footage
        let loads = SideBySide.map(missing, budget) { index throws(EngineError) in
            let frame = footage.train[index]
            return FrameTargets(frame, try footage.pixels(of: frame), footage)
        }
        var fresh: [Int: FrameTargets] = [:]
        for (k, result) in zip(missing, loads) {
            let targets = try result.get()
            fresh[k] = targets
            guard bytes + targets.byteCount <= limit else { continue }
            kept[k] = targets
            bytes += targets.byteCount
        }
        return indices.compactMap { kept[$0] ?? fresh[$0] }
    }
}
