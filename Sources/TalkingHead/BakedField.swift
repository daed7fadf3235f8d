// What most of a head does, baked into bricks: colour and density without a network.
import Base
import Kernels

/// Cells of the cube, and the bricks of those that a brick can say.
///
/// A brick holds a lattice of colours and density logits, and terms at the cell's corners: how they change with the view, with the sound
/// and with the eyes. The factors of the terms are the same for the whole picture.
final class BakedField: @unchecked Sendable {  // written while it is made or read from a file
    /// Which cells hold anything, index x · 128 + z.
    let columns: Buffer<BakedColumn>
    /// Those cells in order; the first row is nobody's.
    let table: Buffer<BakedCell>
    let bricks: BrickStore
    let views: ViewRange
    let sounds: PrincipalAxes
    /// Share of the differences of `PictureSieve` up to which a pixel needs no ray of its own, 0…1; with 0 all pixels have one.
    let sieve: Float
    let blocks: [SIMD3<Float>]
    /// Mixed terms of the frames that are on their way.
    let mixers: ScratchPool<BrickMixer>

    /// Closure of eyes that count as open: tracked ones are seldom quite so.
    static let open: Float = 0.02
    /// Light that no ray of a fast frame follows any further: its last sample gets it.
    static let opaque: Float = 1e-2

    /// - Parameter cells: of different cells (index as `cell` gives it), in any order.
    init(_ cells: [(cell: Int, holds: BakedCell)], bricks: BrickStore, views: ViewRange, sounds: PrincipalAxes, sieve: Float = 1) {
        columns = Buffer(count: 128 * 128)
        table = Buffer(count: cells.count + 1)
        for (i, entry) in cells.sorted(by: { $0.cell < $1.cell }).enumerated() {
            table.pointer[i + 1] = entry.holds
            table.pointer[i + 1].scales = Brick.scales(bricks.brick(Int(entry.holds.brick)))
            let column = columns.pointer + entry.cell >> 7, y = entry.cell & 127
            if y < 64 {
                if column.pointee.low == 0 { column.pointee.firstLow = Int32(i + 1) }
                column.pointee.low |= 1 << UInt64(y)
            } else {
                if column.pointee.high == 0 { column.pointee.firstHigh = Int32(i + 1) }
                column.pointee.high |= 1 << UInt64(y - 64)
            }
        }
        blocks = OccupancyBlocks.centers(Set(cells.map(\.cell))).map { $0 * (64 / Brick.scale) }
        self.bricks = bricks
        self.views = views
        self.sounds = sounds
        self.sieve = sieve
        let count = bricks.count
        mixers = ScratchPool { BrickMixer(count: count) }
    }

    /// The cell of a position in −1…1. Not quite one of the occupancy: see `Brick.scale`.
    @inline(__always) static func cell(_ x: Float, _ y: Float, _ z: Float) -> Int {
        (Int(x * Brick.scale + 64) * 128 + Int(z * Brick.scale + 64)) * 128 + Int(y * Brick.scale + 64)
    }
    /// The position of a place (0…1 on each axis: x, y, z) in a cell.
    static func position(_ cell: Int, _ place: SIMD3<Float>) -> SIMD3<Float> {
        (SIMD3(Float(cell >> 14), Float(cell & 127), Float(cell >> 7 & 127)) + place - 64) / Brick.scale
    }

    /// The cells that hold anything, in the order of the table.
    var occupied: [Int] {
        (0..<OccupancyGrid.cellCount).filter { cell in
            let column = columns.pointer[cell >> 7], y = UInt64(cell & 127)
            return (y < 64 ? column.low >> y : column.high >> (y - 64)) & 1 == 1
        }
    }

    /// As a camera at `origin` sees it with an audio code and closed eyes (0…1).
    func rays(from origin: SIMD3<Float>, audio: [Float], eye: Float) -> BakedRays {
        BakedRays(columns: columns.pointer, table: table.pointer, bricks: bricks.brick(0), terms: bricks.terms(0),
                  factors: Self.factors(view: views.factors(origin), sound: sounds.coordinates(audio), eye: eye), moving: eye > Self.open, opaque: Self.opaque)
    }

    /// Factors of a brick's terms: sideways, up and sideways squared; five axes of sound, and two products of the first; the eyes.
    static func factors(view: SIMD3<Float>, sound: [Float], eye: Float) -> [Float] {
        [view.x, view.y, view.z] + sound + [sound[0] * sound[0] - 1, sound[0] * sound[1], eye, 4 * eye * (1 - eye)]
    }
}

/// Bricks one after another, then their terms; the first is empty.
final class BrickStore: @unchecked Sendable {  // written while a field is made or read
    let memory: Buffer<UInt8>
    let count: Int
    /// Bytes of a brick with its terms.
    static let bytes = Brick.bytes + Brick.termBytes
    init(count: Int) {
        self.count = count
        memory = Buffer(count: count * Self.bytes)
    }
    func brick(_ index: Int) -> UnsafeMutablePointer<UInt8> { memory.pointer + index * Brick.bytes }
    func terms(_ index: Int) -> UnsafeMutablePointer<Int8> {
        UnsafeMutableRawPointer(memory.pointer + count * Brick.bytes + index * Brick.termBytes).assumingMemoryBound(to: Int8.self)
    }
}

/// Memory for the mixed terms of one frame after another.
final class BrickMixer: @unchecked Sendable {  // one frame at a time
    private let corners: Buffer<UInt16>, stamps: Buffer<UInt32>
    private var frame: UInt32 = 0

    /// - Parameter count: bricks of the field.
    init(count: Int) {
        corners = Buffer(count: 32 * count)
        stamps = Buffer(count: count)
    }

    /// For another frame: nothing is mixed yet.
    func begin() -> MixedBricks {
        if frame >= .max - 3 {
            stamps.pointer.update(repeating: 0, count: stamps.count)
            frame = 0
        }
        frame += 2
        return MixedBricks(corners: corners.pointer, stamps: stamps.pointer, frame: frame)
    }
}

/// Where cameras stand around a head: the middle, and how far they go round and over it.
struct ViewRange: Sendable, Hashable {
    /// Unit vector towards the middle camera, and the cameras' distance.
    var middle: SIMD3<Float>
    var distance: Float
    /// Sideways (z) and up (x) in the same units; a little beyond what was recorded.
    var across: Float
    var over: Float

    init(_ origins: [SIMD3<Float>]) {
        let known = origins.isEmpty ? [SIMD3<Float>(0, 4.5, 0)] : origins
        let lengths = known.map { ($0 * $0).sum().squareRoot() }
        distance = lengths.reduce(0, +) / Float(lengths.count)
        let directions = zip(known, lengths).map { $0 / max($1, 1e-6) }
        let low = directions.reduce(directions[0]) { pointwiseMin($0, $1) }, high = directions.reduce(directions[0]) { pointwiseMax($0, $1) }
        let center = (low + high) / 2
        middle = SIMD3(center.x, max(1 - center.x * center.x - center.z * center.z, 0.01).squareRoot(), center.z)
        across = max((high.z - low.z) / 2, 0.15)
        over = max((high.x - low.x) / 2, 0.1)
    }

    /// Camera at (sideways, up) in units of the range.
    func origin(_ u: Float, _ v: Float) -> SIMD3<Float> {
        let x = middle.x + v * over, z = middle.z + u * across
        return SIMD3(x, max(1 - x * x - z * z, 0.01).squareRoot(), z) * distance
    }

    /// Factors of the view's terms: sideways, up, sideways squared. Beyond the range the colour stays.
    func factors(_ origin: SIMD3<Float>) -> SIMD3<Float> {
        let n = origin / max((origin * origin).sum().squareRoot(), 1e-6)
        let u = min(max((n.z - middle.z) / across, -1.3), 1.3), v = min(max((n.x - middle.x) / over, -1.3), 1.3)
        return SIMD3(u, v, u * u)
    }
}
