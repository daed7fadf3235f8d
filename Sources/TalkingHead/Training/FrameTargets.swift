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

    /// Around some landmarks, grown by a share of its size.
    init(_ points: ArraySlice<SIMD2<Float>>, grow: Float, width: Int, height: Int) {
        let xs = points.map(\.x), ys = points.map(\.y)
        let (left, right) = (xs.min() ?? 0, xs.max() ?? Float(width)), (top, bottom) = (ys.min() ?? 0, ys.max() ?? Float(height))
        let (gx, gy) = ((right - left) * grow, (bottom - top) * grow)
        self.init(rows: Int(max(top - gy, 0))..<Int(max(min(bottom + gy, Float(height)), 1)), columns: Int(max(left - gx, 0))..<Int(max(min(right + gx, Float(width)), 1)),
                  width: width, height: height)
    }
}

/// Draws the rays of a step from one frame.
struct FrameTargets {
    let frame: TrainingFrame
    let pixels: TrainingPixels
    let width: Int
    let height: Int
    let background: [UInt8]
    private let head: PixelWindow
    private let face: PixelWindow
    private let lips: PixelWindow
    private let eyes: PixelWindow

    init(_ frame: TrainingFrame, _ pixels: TrainingPixels, _ footage: any TrainingFootage) {
        self.frame = frame
        self.pixels = pixels
        width = footage.width
        height = footage.height
        background = footage.background
        let whole = PixelWindow(rows: 0..<height, columns: 0..<width, width: width, height: height)
        head = Self.headWindow(pixels, width, height)
        if frame.landmarks.count == 68 {
            face = PixelWindow(frame.landmarks[...], grow: 0, width: width, height: height)
            lips = PixelWindow(frame.landmarks[48..<68], grow: 0.35, width: width, height: height)
            eyes = PixelWindow(frame.landmarks[36..<48], grow: 0.3, width: width, height: height)
        } else {
            (face, lips, eyes) = (whole, head, head)
        }
    }

    private static func headWindow(_ pixels: TrainingPixels, _ width: Int, _ height: Int) -> PixelWindow {
        var (top, bottom, left, right) = (height, 0, width, 0)
        for y in stride(from: 0, to: height, by: 4) {
            for x in stride(from: 0, to: width, by: 4) where isHead(pixels.parsing[y * width + x]) {
                top = min(top, y); bottom = max(bottom, y); left = min(left, x); right = max(right, x)
            }
        }
        guard top <= bottom else { return PixelWindow(rows: 0..<height, columns: 0..<width, width: width, height: height) }
        return PixelWindow(rows: (top - 12)..<(bottom + 16), columns: (left - 12)..<(right + 16), width: width, height: height)
    }

    static func isHead(_ code: UInt8) -> Bool { code == ParsingClass.head.rawValue || code == ParsingClass.lips.rawValue }

    /// How a stage spreads its rays over head, lips, eyes and the whole picture.
    struct Mix { var head: Float; var lips: Float; var eyes: Float }

    func rays(_ count: Int, mix: Mix, random: SeededRandom) -> [TrainingRay] {
        (0..<count).map { index in
            let address = UInt64(index) * 5
            let choice = random.uniform(address)
            let window: PixelWindow
            if choice < mix.lips { window = lips } else if choice < mix.lips + mix.eyes { window = eyes }
            else if choice < mix.lips + mix.eyes + mix.head { window = head }
            else { window = PixelWindow(rows: 0..<height, columns: 0..<width, width: width, height: height) }
            let row = window.rows.lowerBound + random.integer(address + 1, below: window.rows.count)
            let column = window.columns.lowerBound + random.integer(address + 2, below: window.columns.count)
            return ray(row, column, jitter: random.uniform(address + 3))
        }
    }

    func ray(_ row: Int, _ column: Int, jitter: Float) -> TrainingRay {
        let i = row * width + column
        let target = SIMD3(Float(pixels.image[3 * i]), Float(pixels.image[3 * i + 1]), Float(pixels.image[3 * i + 2])) / 255
        return TrainingRay(row: row, column: column, target: target, ground: ground(i), coverage: coverage(row, column),
                           isFace: face.contains(row, column), jitter: jitter, weight: 1)
    }

    /// Torso over the plate.
    private func ground(_ i: Int) -> SIMD3<Float> {
        let alpha = Float(pixels.torso[4 * i + 3]) / 255
        let torso = SIMD3(Float(pixels.torso[4 * i]), Float(pixels.torso[4 * i + 1]), Float(pixels.torso[4 * i + 2])) / 255
        let plate = SIMD3(Float(background[3 * i]), Float(background[3 * i + 1]), Float(background[3 * i + 2])) / 255
        return torso * alpha + plate * (1 - alpha)
    }

    /// 1 well inside the head's class, 0 well outside, −1 within two pixels of its edge.
    private func coverage(_ row: Int, _ column: Int) -> Float {
        let own = Self.isHead(pixels.parsing[row * width + column])
        for (dy, dx) in [(-2, 0), (2, 0), (0, -2), (0, 2), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
            let (y, x) = (row + dy, column + dx)
            guard y >= 0, x >= 0, y < height, x < width else { continue }
            if Self.isHead(pixels.parsing[y * width + x]) != own { return -1 }
        }
        return own ? 1 : 0
    }
}
