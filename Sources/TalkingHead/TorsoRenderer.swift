// Draws the torso of one frame.
import Base
import Kernels

/// The torso pass over whole pictures.
final class TorsoRenderer: @unchecked Sendable {  // immutable after init
    private let layout: ParameterLayout
    private let network: TorsoNetwork
    private let parameters: Buffer<Float>
    let occupancy: TorsoOccupancy

    init(layout: ParameterLayout, block: [Float], occupancy: TorsoOccupancy) {
        self.layout = layout
        self.occupancy = occupancy
        network = TorsoNetwork(layout: layout)
        parameters = Buffer(count: block.count)
        parameters.pointer.update(from: block, count: block.count)
        network.pack(parameters.pointer, training: false)
    }

    /// The 50 numbers that are the same for all pixels of a frame.
    func constants(_ camera: RayCamera, identity: Int = 0) -> [Float] {
        let anchors = parameters.pointer + layout.offset("anchor_points"), code = parameters.pointer + layout.offset("individual_codes_torso") + 8 * identity
        return TorsoNetwork.frequencyCode(TorsoNetwork.keyPoints(anchors, camera), 3) + (0..<8).map { code[$0] }
    }

    /// Alpha and colour of pixels given by (row, column) in −1…1.
    func evaluate(_ constants: [Float], rows: UnsafePointer<Float>, columns: UnsafePointer<Float>, count: Int, tile: UnsafeMutablePointer<Float>, out: UnsafeMutablePointer<Float>) {
        network.forward(parameters.pointer, constants: constants, row: rows, column: columns, count: count, tile: tile, out: out)
    }

    /// Straight RGBA of every pixel, four floats each; zero alpha where the torso cannot be.
    func render(camera: RayCamera, identity: Int, budget: ComputeBudget) -> Buffer<Float> {
        let (width, height) = (camera.width, camera.height)
        let constants = constants(camera, identity: identity)
        let result = Buffer<Float>(count: 4 * width * height)
        let target = HeadBatch.SharedPointers(bits: UnsafePointer(UnsafeMutableRawPointer(result.pointer).assumingMemoryBound(to: UInt8.self)),
                                              parameters: parameters.pointer, gradient: result.pointer)
        let bandRows = 8
        budget.forEach((height + bandRows - 1) / bandRows) { [self] band in
            let memory = Buffer<Float>(count: TorsoNetwork.tileFloats + 6 * tileWidth)
            let q = memory.pointer + TorsoNetwork.tileFloats, out = q + 2 * tileWidth
            var pending: [Int] = []
            func flush() {
                guard !pending.isEmpty else { return }
                evaluate(constants, rows: q, columns: q + tileWidth, count: pending.count, tile: memory.pointer, out: out)
                for (i, pixel) in pending.enumerated() {
                    for c in 0..<3 { target.gradient[4 * pixel + c] = out[(1 + c) * tileWidth + i] }
                    target.gradient[4 * pixel + 3] = out[i]
                }
                pending.removeAll(keepingCapacity: true)
            }
            for j in (band * bandRows)..<min((band + 1) * bandRows, height) {
                let row = 2 * Float(j) / Float(height - 1) - 1
                for i in 0..<width {
                    let column = 2 * Float(i) / Float(width - 1) - 1
                    guard occupancy.isOccupied(row, column) else { continue }
                    q[pending.count] = row
                    q[tileWidth + pending.count] = column
                    pending.append(j * width + i)
                    if pending.count == tileWidth { flush() }
                }
            }
            flush()
        }
        return result
    }
}
