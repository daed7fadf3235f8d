// RAD-NeRF's torso: a picture that bends with Euler angles and place of the head (engine specification, 5).
import Base
import Foundation
import Tensors

/// The torso pass over whole pictures.
final class RadTorso: Sendable {
    private let parameters: [Float]
    private let deform: PlainLayers, color: PlainLayers
    private let table: Int
    private let identity: [Float]
    private let occupancy: TorsoOccupancy
    static let grid = GridEncoder(dimensions: 2, levelCount: 16, features: 2, base: 16, finest: 2048, logTable: 16, hashed: false)
    static let pixelOctaves = 10, poseOctaves = 4
    /// Numbers that both networks are told: codes of the pixel and of the pose; the appearance follows.
    static let codeWidth = 2 * (1 + 2 * pixelOctaves) + 6 * (1 + 2 * poseOctaves)

    init(layout: ParameterLayout, block: [Float], identity: [Float], occupancy: TorsoOccupancy) {
        parameters = block
        deform = PlainLayers(layout, "torso_deform_net")
        color = PlainLayers(layout, "torso_net")
        table = layout.offset("torso_encoder.embeddings")
        self.identity = identity
        self.occupancy = occupancy
    }

    /// Euler angles (about x, then y, then z) and place of the working pose.
    static func poseCode(_ camera: RayCamera) -> [Float] {
        let r = camera.rows
        let euler = [atan2(-r[1].z, r[2].z), asin(min(max(r[0].z, -1), 1)), atan2(-r[0].y, r[0].x)]
        return TorsoNetwork.frequencyCode(euler + [camera.origin.x, camera.origin.y, camera.origin.z], poseOctaves)
    }

    private struct Target: @unchecked Sendable { let pixels: UnsafeMutablePointer<Float> }  // rows are written by one band each

    /// Straight RGBA of every pixel, four floats each; zero alpha where the torso cannot be.
    func render(_ camera: RayCamera, budget: ComputeBudget) -> TorsoPicture {
        let (width, height) = (camera.width, camera.height)
        let result = TorsoPicture(count: width * height)
        let target = Target(pixels: result.pixels.pointer)
        let constants = Self.poseCode(camera) + identity
        budget.forEach(height) { [self] j in
            let row = 2 * Float(j) / Float(height - 1) - 1
            let columns = (0..<width).filter { occupancy.isOccupied(row, 2 * Float($0) / Float(width - 1) - 1) }
            for start in stride(from: 0, to: columns.count, by: 64) {
                let part = Array(columns[start..<min(start + 64, columns.count)])
                let places = part.map { [row, 2 * Float($0) / Float(width - 1) - 1] }
                for (pixel, rgba) in zip(part, evaluate(places, constants)) {
                    for c in 0..<4 { target.pixels[4 * (j * width + pixel) + c] = rgba[c] }
                }
            }
        }
        withExtendedLifetime(result) {}
        return result
    }

    /// Colour and alpha at some (row, column) in −1…1.
    func evaluate(_ places: [[Float]], _ constants: [Float]) -> [SIMD4<Float>] {
        let n = places.count, inputs = deform.inputs
        let codes = places.flatMap { place in TorsoNetwork.frequencyCode(place.map { $0 * TorsoNetwork.shrink }, Self.pixelOctaves) + constants }
        precondition(codes.count == n * inputs, "a torso of \(inputs) inputs")
        var scratch = [Float](repeating: 0, count: 2 * n * max(deform.widest, color.widest))
        return parameters.withUnsafeBufferPointer { p in
            guard let p = p.baseAddress else { return [] }
            return scratch.withUnsafeMutableBufferPointer { memory in
                guard let memory = memory.baseAddress else { return [] }
                let shift = deform.run(p, codes, count: n, scratch: memory)
                let bent = (0..<n).flatMap { i in (0..<2).map { min(max(codes[i * inputs + $0] + shift[2 * i + $0], -1), 1) } }
                var full = [Float](repeating: 0, count: n * color.inputs)
                full.withUnsafeMutableBufferPointer { rows in
                    guard let rows = rows.baseAddress else { return }
                    Self.grid.encode(p + table, bent, count: n, into: rows, row: color.inputs)
                    for i in 0..<n { for k in 0..<inputs { rows[i * color.inputs + Self.grid.width + k] = codes[i * inputs + k] } }
                }
                let out = color.run(p, full, count: n, scratch: memory)
                func sigmoid(_ x: Float) -> Float { 1 / (1 + Foundation.exp(-x)) }
                return (0..<n).map { SIMD4(sigmoid(out[4 * $0 + 1]), sigmoid(out[4 * $0 + 2]), sigmoid(out[4 * $0 + 3]), sigmoid(out[4 * $0])) }
            }
        }
    }
}
