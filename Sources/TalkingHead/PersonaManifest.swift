// What a persona folder says about itself.
import Engines
import Motion

/// `manifest.json` of a persona folder.
package struct PersonaManifest: Codable, Sendable, Hashable {
    package static let currentFormat = 1
    package var format = PersonaManifest.currentFormat
    package var facts: PersonaFacts
    /// Pixels.
    package var focal: Float
    package var center: [Float]
    /// Camera-to-world of the neutral pose, rows of four, in data set units.
    package var neutral: [[Float]]
    /// Data set units a centimetre: what `x`, `y`, `z` of a pose are multiplied with.
    package var unitsPerCentimetre: Float
    /// Where the head turns about, in data set units of the head's frame.
    package var pivot: [Float]
    /// How it was made: recipe, seed, data set.
    package var recipe: String
    /// What only AD-NeRF personas say.
    package var adNerf: AdNerfFrame?
    /// How a checkpoint of the original wants to be drawn.
    package var options: FieldOptions?

    package init(facts: PersonaFacts, focal: Float, center: [Float], neutral: [[Float]], unitsPerCentimetre: Float, pivot: [Float], recipe: String) {
        self.facts = facts
        self.focal = focal
        self.center = center
        self.neutral = neutral
        self.unitsPerCentimetre = unitsPerCentimetre
        self.pivot = pivot
        self.recipe = recipe
    }
}

extension PersonaManifest {
    /// Floating-point operations of a frame drawn exactly, where the engine is slow enough to say so.
    package var operationsPerFrame: Double? {
        adNerf.map { $0.sizes.operationsPerFrame(width: facts.width, height: facts.height, coarse: $0.coarse, draws: $0.draws, hasTorso: facts.hasTorso) }
    }
}

/// Between head poses as authors say them and cameras as the field wants them.
struct PoseConversion: Sendable {
    /// Camera-to-world of the neutral pose: the head's frame seen by a camera that stands still in the room.
    let neutral: Matrix4
    let unitsPerCentimetre: Float
    let pivot: SIMD3<Float>

    /// The head turns by R about the pivot and shifts by t in the camera's axes; the camera, seen from the head, does the opposite.
    func camera(for pose: HeadPose) -> Matrix4 { motion(pose).rigidInverse * neutral }

    private func motion(_ pose: HeadPose) -> Matrix4 {
        let r = pose.rotation.matrix
        // The pose's axes are the neutral camera's: x right, y up, z towards the viewer. In the head's frame they are its columns.
        let axes = rotation(neutral)
        let turn = axes * matrix(r) * axes.transposedRotation
        let t = pose.translation * unitsPerCentimetre
        let shift = SIMD3((0..<3).map { k in neutral[k, 0] * t.x + neutral[k, 1] * t.y + neutral[k, 2] * t.z })
        let turned = SIMD3((0..<3).map { k in turn[k, 0] * pivot.x + turn[k, 1] * pivot.y + turn[k, 2] * pivot.z })
        var result = turn
        for k in 0..<3 { result[k, 3] = pivot[k] - turned[k] + shift[k] }
        return result
    }

    /// The pose of which `camera(for:)` gives this matrix.
    func pose(of camera: Matrix4) -> HeadPose {
        // motion = neutral · camera⁻¹
        let m = neutral * camera.rigidInverse
        let axes = rotation(neutral)
        let local = axes.transposedRotation * rotation(m) * axes
        let q = Quaternion(matrixRows: (0..<3).map { r in SIMD3(Double(local[r, 0]), Double(local[r, 1]), Double(local[r, 2])) })
        let turned = SIMD3((0..<3).map { k in m[k, 0] * pivot.x + m[k, 1] * pivot.y + m[k, 2] * pivot.z })
        let shift = SIMD3((0..<3).map { k in m[k, 3] - pivot[k] + turned[k] }) / unitsPerCentimetre
        let t = SIMD3((0..<3).map { k in neutral[0, k] * shift.x + neutral[1, k] * shift.y + neutral[2, k] * shift.z })
        return HeadPose(rotation: q, translation: t)
    }

    private func rotation(_ m: Matrix4) -> Matrix4 {
        var r = m
        for k in 0..<3 { r[k, 3] = 0 }
        return r
    }
    private func matrix(_ rows: [SIMD3<Double>]) -> Matrix4 {
        Matrix4(rows: rows.map { SIMD4(Float($0.x), Float($0.y), Float($0.z), 0) } + [SIMD4(0, 0, 0, 1)])
    }
}

extension Matrix4 {
    /// The transposed upper left 3 × 3 part.
    fileprivate var transposedRotation: Matrix4 {
        var r = Matrix4.identity
        for i in 0..<3 { for j in 0..<3 { r[i, j] = self[j, i] } }
        return r
    }
}

extension Quaternion {
    /// From the rows of a rotation matrix.
    init(matrixRows m: [SIMD3<Double>]) {
        let trace = m[0].x + m[1].y + m[2].z
        if trace > 0 {
            let s = (trace + 1).squareRoot() * 2
            self.init([(m[2].y - m[1].z) / s, (m[0].z - m[2].x) / s, (m[1].x - m[0].y) / s, s / 4])
        } else if m[0].x > m[1].y, m[0].x > m[2].z {
            let s = (1 + m[0].x - m[1].y - m[2].z).squareRoot() * 2
            self.init([s / 4, (m[0].y + m[1].x) / s, (m[0].z + m[2].x) / s, (m[2].y - m[1].z) / s])
        } else if m[1].y > m[2].z {
            let s = (1 + m[1].y - m[0].x - m[2].z).squareRoot() * 2
            self.init([(m[0].y + m[1].x) / s, s / 4, (m[1].z + m[2].y) / s, (m[0].z - m[2].x) / s])
        } else {
            let s = (1 + m[2].z - m[0].x - m[1].y).squareRoot() * 2
            self.init([(m[0].z + m[2].x) / s, (m[1].z + m[2].y) / s, s / 4, (m[1].x - m[0].y) / s])
        }
    }
}
