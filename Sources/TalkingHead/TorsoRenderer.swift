// Draws the torso of one frame.
import Base
import Kernels
import Synchronization
import Tensors

/// Straight RGBA of every pixel of a torso, four floats each.
final class TorsoPicture: Sendable {
    private let block: PixelBlock
    var pixels: Buffer<Float> { _read { yield block.memory } }
    init(count: Int) {
        block = PixelBlock.take(count)
        block.memory.pointer.update(repeating: 0, count: 4 * count)
    }
    deinit { PixelBlock.give(block) }
}

/// The torso pass over whole pictures.
final class TorsoRenderer: @unchecked Sendable {  // immutable after init
    private let layout: ParameterLayout
    private let parameters: Buffer<Float>
    private let folding: TorsoFolding
    let occupancy: TorsoOccupancy

    init(layout: ParameterLayout, block: [Float], occupancy: TorsoOccupancy) {
        self.layout = layout
        self.occupancy = occupancy
        parameters = Buffer(count: block.count)
        parameters.pointer.update(from: block, count: block.count)
        folding = TorsoFolding(TorsoNetwork(layout: layout), parameters.pointer)
    }

    /// The 50 numbers that are the same for all pixels of a frame.
    func constants(_ camera: RayCamera, identity: Int = 0) -> [Float] {
        let code = parameters.pointer + layout.offset("individual_codes_torso") + 8 * identity
        return TorsoNetwork.frequencyCode(keyPoints(camera), 3) + (0..<8).map { code[$0] }
    }

    /// What pictures of one size share: first layers of rows and columns, and where the torso can be.
    fileprivate final class Canvas: Sendable {
        let width: Int, height: Int
        let rows: [Float], columns: [Float]
        let occupied: [Bool]
        init(_ width: Int, _ height: Int, _ folding: TorsoFolding, _ occupancy: TorsoOccupancy) {
            self.width = width
            self.height = height
            rows = folding.axis(0, height)
            columns = folding.axis(1, width)
            occupied = (0..<height).flatMap { j in
                (0..<width).map { i in occupancy.isOccupied(2 * Float(j) / Float(height - 1) - 1, 2 * Float(i) / Float(width - 1) - 1) }
            }
        }
    }
    private let canvas = Mutex<Canvas?>(nil)
    private func canvas(_ width: Int, _ height: Int) -> Canvas {
        if let known = canvas.withLock({ $0 }), known.width == width, known.height == height { return known }
        let made = Canvas(width, height, folding, occupancy)
        canvas.withLock { $0 = made }
        return made
    }

    /// Where the torso can be in pictures of one size, row by row.
    func occupied(_ width: Int, _ height: Int) -> [Bool] { canvas(width, height).occupied }

    /// The key points of a pose: six numbers.
    func keyPoints(_ camera: RayCamera) -> [Float] { TorsoNetwork.keyPoints(parameters.pointer + layout.offset("anchor_points"), camera) }

    /// The torso in one pose, in pictures of one size.
    struct Pass: Sendable {
        fileprivate let canvas: Canvas, folded: FoldedTorso
    }
    func pass(_ camera: RayCamera, identity: Int) -> Pass {
        let canvas = canvas(camera.width, camera.height)
        return Pass(canvas: canvas, folded: FoldedTorso(folding, constants: constants(camera, identity: identity), rowSums: canvas.rows, columnSums: canvas.columns))
    }

    /// Where pixels go.
    private enum Target {
        /// Straight colour and opacity, alone.
        case alone(UnsafeMutablePointer<Float>)
        /// Behind premultiplied pixels.
        case under(UnsafeMutablePointer<Float>)

        /// What is drawn already leaves anything to see of this pixel.
        func isSeen(_ pixel: Int) -> Bool {
            if case .under(let pixels) = self { return pixels[4 * pixel + 3] <= TorsoRenderer.covered }
            return true
        }
    }

    /// Multiply-adds of the network for the pixels that `draw(rows:_:under:only:)` asks it for, of whole pictures.
    func multiplyAdds(_ pass: Pass, under pixels: UnsafeMutablePointer<Float>, only: [Bool]? = nil) -> Int {
        let wanted = only ?? pass.canvas.occupied, target = Target.under(pixels)
        return wanted.indices.count(where: { wanted[$0] && target.isSeen($0) }) * folding.cost
    }
    /// Bytes of its grid.
    var gridBytes: Int { folding.gridBytes }

    private final class TorsoTile: Sendable {
        let memory = Buffer<Float>(count: FoldedTorso.tileFloats)
    }
    private let tiles = ScratchPool { TorsoTile() }

    /// Rows of a band.
    static let band = 16

    /// Straight RGBA of every pixel, four floats each; zero alpha where the torso cannot be.
    func render(camera: RayCamera, identity: Int, budget: ComputeBudget) -> TorsoPicture {
        let pass = pass(camera, identity: identity), result = TorsoPicture(count: camera.width * camera.height)
        let height = camera.height
        budget.forEach((height + Self.band - 1) / Self.band) { [self] band in
            draw(rows: (band * Self.band)..<min((band + 1) * Self.band, height), pass, pass.canvas.occupied, .alone(result.pixels.pointer))
        }
        return result
    }

    /// Puts some rows behind premultiplied pixels, four floats each, that leave anything to see. `only`: where to look, instead of all
    /// places where the torso can be.
    func draw(rows: Range<Int>, _ pass: Pass, under pixels: UnsafeMutablePointer<Float>, only: [Bool]? = nil) {
        draw(rows: rows, pass, only ?? pass.canvas.occupied, .under(pixels))
    }

    /// Rows of the picture, column by column, in runs of pixels that lie one below the other: so do cells in a row of the grid.
    private func draw(rows: Range<Int>, _ pass: Pass, _ wanted: [Bool], _ target: Target) {
        let memory = tiles.take()
        defer { tiles.put(memory) }
        let (tile, folded, width) = (memory.memory.pointer, pass.folded, pass.canvas.width)
        var pending: [(pixel: Int, count: Int)] = []
        var filled = 0
        func flush() {
            guard filled > 0 else { return }
            let out = folded.evaluate(tile, count: filled)
            var i = 0
            for run in pending {
                for k in 0..<run.count {
                    Self.put(out + i, run.pixel + k * width, target)
                    i += 1
                }
            }
            pending.removeAll(keepingCapacity: true)
            filled = 0
        }
        /// The pixels of one column whose bits are set, `top` the lowest.
        func take(_ column: Int, _ seen: UInt32, _ top: Int) {
            var left = seen
            while left != 0 {
                let start = left.trailingZeroBitCount, first = top + start
                let count = min((~(left >> UInt32(start))).trailingZeroBitCount, tileWidth - filled)
                left &= ~(((1 << UInt32(count)) - 1) << UInt32(start))
                folded.place(column: column, first: first, count: count, at: filled, in: tile)
                pending.append((first * width + column, count))
                filled += count
                if filled == tileWidth { flush() }
            }
        }
        for top in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.band) {
            let band = top..<min(top + Self.band, rows.upperBound)
            for (column, seen) in seenColumns(band, width, wanted, target).enumerated() { take(column, seen, top) }
        }
        flush()
    }

    /// For each column of a band a bit for each pixel that is wanted and seen, the first row lowest.
    private func seenColumns(_ rows: Range<Int>, _ width: Int, _ wanted: [Bool], _ target: Target) -> [UInt32] {
        var seen = [UInt32](repeating: 0, count: width)
        wanted.withUnsafeBufferPointer { wanted in
            for (k, row) in rows.enumerated() {
                for i in 0..<width where wanted[row * width + i] && target.isSeen(row * width + i) { seen[i] |= 1 << UInt32(k) }
            }
        }
        return seen
    }

    /// Alpha and colour, `tileWidth` apart, to their pixel.
    @inline(__always)
    private static func put(_ value: UnsafePointer<Float>, _ pixel: Int, _ target: Target) {
        let alpha = value[0], color = SIMD4(value[tileWidth], value[2 * tileWidth], value[3 * tileWidth], 1)
        switch target {
        case .alone(let pixels):
            var straight = color
            straight.w = alpha
            UnsafeMutableRawPointer(pixels + 4 * pixel).storeBytes(of: straight, as: SIMD4<Float>.self)
        case .under(let pixels):
            let before = UnsafeRawPointer(pixels + 4 * pixel).loadUnaligned(as: SIMD4<Float>.self)
            UnsafeMutableRawPointer(pixels + 4 * pixel).storeBytes(of: before + color * ((1 - before.w) * alpha), as: SIMD4<Float>.self)
        }
    }

    /// Behind this opacity the torso adds less than a hundredth of an 8-bit level.
    private static let covered: Float = 0.99996
}
