// Draws the torso of one frame.
import Base
import Kernels
import Tensors

/// Straight RGBA of every pixel of a torso, four floats each.
final class TorsoPicture: Sendable {
    let pixels: Buffer<Float>
    init(count: Int) { pixels = Buffer(count: 4 * count) }
}

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
    }

    /// The 50 numbers that are the same for all pixels of a frame.
    func constants(_ camera: RayCamera, identity: Int = 0) -> [Float] {
        let anchors = parameters.pointer + layout.offset("anchor_points"), code = parameters.pointer + layout.offset("individual_codes_torso") + 8 * identity
        return TorsoNetwork.frequencyCode(TorsoNetwork.keyPoints(anchors, camera), 3) + (0..<8).map { code[$0] }
    }

    private struct Target: @unchecked Sendable { let pixels: UnsafeMutablePointer<Float> }  // bands write their own rows

    /// Straight RGBA of every pixel, four floats each; zero alpha where the torso cannot be, or where `hidden` (opacity of what stands
    /// before it, four floats a pixel, the last of them) leaves nothing to see.
    func render(camera: RayCamera, identity: Int, budget: ComputeBudget, behind hidden: HeadPicture? = nil) -> TorsoPicture {
        let (width, height) = (camera.width, camera.height)
        let folded = FoldedTorso(network, parameters.pointer, constants: constants(camera, identity: identity))
        let rowCodes = FoldedTorso.axisCodes(height), columnCodes = FoldedTorso.axisCodes(width)
        let result = TorsoPicture(count: width * height)
        let target = Target(pixels: result.pixels.pointer)
        let bandRows = 8
        budget.forEach((height + bandRows - 1) / bandRows) { [self] band in
            let tile = Buffer<Float>(count: FoldedTorso.tileFloats)
            var pending: [Int] = []
            func flush() {
                guard !pending.isEmpty else { return }
                let out = folded.evaluate(tile.pointer, count: pending.count)
                for (i, pixel) in pending.enumerated() {
                    for c in 0..<3 { target.pixels[4 * pixel + c] = out[(1 + c) * tileWidth + i] }
                    target.pixels[4 * pixel + 3] = out[i]
                }
                pending.removeAll(keepingCapacity: true)
            }
            rowCodes.withUnsafeBufferPointer { rowCodes in
                columnCodes.withUnsafeBufferPointer { columnCodes in
                    guard let rows = rowCodes.baseAddress, let columns = columnCodes.baseAddress else { return }
                    for j in (band * bandRows)..<min((band + 1) * bandRows, height) {
                        let row = 2 * Float(j) / Float(height - 1) - 1
                        for i in 0..<width {
                            guard occupancy.isOccupied(row, 2 * Float(i) / Float(width - 1) - 1) else { continue }
                            if let hidden, hidden.pixels.pointer[4 * (j * width + i) + 3] > Self.covered { continue }
                            FoldedTorso.place(rows + FoldedTorso.codeCount * j, columns + FoldedTorso.codeCount * i, at: pending.count, in: tile.pointer)
                            pending.append(j * width + i)
                            if pending.count == tileWidth { flush() }
                        }
                    }
                }
            }
            flush()
        }
        return result
    }

    /// Behind this opacity the torso adds less than a hundredth of an 8-bit level.
    private static let covered: Float = 0.99996
}
