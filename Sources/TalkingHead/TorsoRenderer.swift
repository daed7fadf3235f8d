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
        let anchors = parameters.pointer + layout.offset("anchor_points"), code = parameters.pointer + layout.offset("individual_codes_torso") + 8 * identity
        return TorsoNetwork.frequencyCode(TorsoNetwork.keyPoints(anchors, camera), 3) + (0..<8).map { code[$0] }
    }

    /// What pictures of one size share: first layers of rows and columns, and where the torso can be.
    private final class Canvas: Sendable {
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

    private final class TorsoTile: Sendable {
        let memory = Buffer<Float>(count: FoldedTorso.tileFloats)
    }
    private let tiles = ScratchPool { TorsoTile() }

    /// Straight RGBA of every pixel, four floats each; zero alpha where the torso cannot be, or where `hidden` (opacity of what stands
    /// before it, four floats a pixel, the last of them) leaves nothing to see.
    func render(camera: RayCamera, identity: Int, budget: ComputeBudget, behind hidden: HeadPicture? = nil) -> TorsoPicture {
        let (width, height) = (camera.width, camera.height)
        let canvas = canvas(width, height)
        let folded = FoldedTorso(folding, constants: constants(camera, identity: identity), rowSums: canvas.rows, columnSums: canvas.columns)
        let result = TorsoPicture(count: width * height)
        let bandRows = 16
        budget.forEach((height + bandRows - 1) / bandRows) { [self] band in
            let tile = tiles.take()
            defer { tiles.put(tile) }
            canvas.occupied.withUnsafeBufferPointer { occupied in
                draw(rows: (band * bandRows)..<min((band + 1) * bandRows, height), width, occupied, folded, tile.memory.pointer, result.pixels.pointer,
                     hidden: hidden?.pixels.pointer)
            }
        }
        withExtendedLifetime(hidden) {}
        return result
    }

    /// Rows of the picture, in runs of neighbouring pixels.
    private func draw(rows: Range<Int>, _ width: Int, _ occupied: UnsafeBufferPointer<Bool>, _ folded: FoldedTorso, _ tile: UnsafeMutablePointer<Float>,
                      _ pixels: UnsafeMutablePointer<Float>, hidden: UnsafePointer<Float>?) {
        var pending: [(pixel: Int, count: Int)] = []
        var filled = 0
        func flush() {
            guard filled > 0 else { return }
            let out = folded.evaluate(tile, count: filled)
            var i = 0
            for run in pending {
                for pixel in run.pixel..<(run.pixel + run.count) {
                    for c in 0..<3 { pixels[4 * pixel + c] = out[(1 + c) * tileWidth + i] }
                    pixels[4 * pixel + 3] = out[i]
                    i += 1
                }
            }
            pending.removeAll(keepingCapacity: true)
            filled = 0
        }
        for j in rows {
            func isWanted(_ i: Int) -> Bool {
                let n = j * width + i
                guard occupied[n] else { return false }
                if let hidden { return hidden[4 * n + 3] <= Self.covered }
                return true
            }
            var i = 0
            while i < width {
                guard isWanted(i) else { i += 1; continue }
                let first = i
                while i < width, i - first < tileWidth - filled, isWanted(i) { i += 1 }
                folded.place(row: j, first: first, count: i - first, at: filled, in: tile)
                pending.append((j * width + first, i - first))
                filled += i - first
                if filled == tileWidth { flush() }
            }
        }
        flush()
    }

    /// Behind this opacity the torso adds less than a hundredth of an 8-bit level.
    private static let covered: Float = 0.99996
}
