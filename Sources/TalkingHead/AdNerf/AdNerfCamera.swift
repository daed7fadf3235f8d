// Rays of AD-NeRF, and what its torso is told of the head's pose (engine specification, 4.1, 4.4).
import Foundation
import Motion

/// A pinhole camera of the data set: poses as they are stored, pixels without a half.
struct AdNerfCamera: Sendable {
    let pose: Matrix4
    let focal: Float
    let center: SIMD2<Float>
    let width: Int
    let height: Int

    var origin: SIMD3<Float> { SIMD3(pose[0, 3], pose[1, 3], pose[2, 3]) }

    /// Through pixel (row j, column i); not a unit: one unit of it is one unit of depth.
    @inline(__always) func direction(_ j: Int, _ i: Int) -> SIMD3<Float> {
        let u = (Float(i) - center.x) / focal, v = -(Float(j) - center.y) / focal
        return SIMD3(pose[0, 0] * u + pose[0, 1] * v - pose[0, 2], pose[1, 0] * u + pose[1, 1] * v - pose[1, 2], pose[2, 0] * u + pose[2, 1] * v - pose[2, 2])
    }

    /// The pose as the torso's signal holds it: codes of three Euler angles and of the translation, 21 numbers each.
    var poseSignal: [Float] {
        let euler = [atan2(pose[2, 2], pose[1, 2]), asin(min(max(-pose[0, 2], -1), 1)), atan2(pose[0, 0], -pose[0, 1])]
        return PositionCode.code(euler, octaves: AdNerfSizes.poseOctaves) + PositionCode.code([origin.x, origin.y, origin.z], octaves: AdNerfSizes.poseOctaves)
    }
}

/// What a persona of this engine says besides its weights.
package struct AdNerfFrame: Codable, Sendable, Hashable {
    package var sizes: AdNerfSizes
    package var audioChannels: Int
    /// Depths between which anything can be, in data set units.
    package var near: Float, far: Float
    /// Evaluations a ray: evenly spread, and where those found something.
    package var coarse = 64, draws = 128
    /// Camera-to-world from which the torso is always seen, 16 numbers.
    package var torsoPose: [Float]
    /// Boxes of the occupancy grids of head and torso: low corner and size, six numbers each; empty where there is none.
    package var headBox: [Float] = [], torsoBox: [Float] = []

    package init(sizes: AdNerfSizes, audioChannels: Int, near: Float, far: Float, torsoPose: [Float]) {
        self.sizes = sizes
        self.audioChannels = audioChannels
        self.near = near
        self.far = far
        self.torsoPose = torsoPose
    }

    /// The published bounds of a data set: 0.2 before, 0.4 behind the mean distance of the camera.
    package static func bounds(_ cameras: [Matrix4]) -> (near: Float, far: Float) {
        // The tracked translation along the camera's axis is minus the camera's place along it.
        let distances = cameras.map { m in m[0, 2] * m[0, 3] + m[1, 2] * m[1, 3] + m[2, 2] * m[2, 3] }
        let mean = distances.reduce(0, +) / Float(max(distances.count, 1))
        return (max(mean - 0.2, 0.01), mean + 0.4)
    }

    var isSane: Bool {
        sizes.areSane && near > 0 && far > near && far.isFinite && (3...1024).contains(coarse) && (1...4096).contains(draws) && torsoPose.count == 16
            && torsoPose.allSatisfy(\.isFinite) && [headBox, torsoBox].allSatisfy { $0.isEmpty || ($0.count == 6 && $0.allSatisfy(\.isFinite) && $0[3...].allSatisfy { $0 > 0 }) }
    }
    var torsoMatrix: Matrix4 { Matrix4(rows: (0..<4).map { SIMD4(torsoPose[4 * $0], torsoPose[4 * $0 + 1], torsoPose[4 * $0 + 2], torsoPose[4 * $0 + 3]) }) }
}
