// From trained weights and their footage to a persona package.
import Engines
import Foundation
import Motion

/// Puts a package together.
package enum PersonaAssembler {
    /// - Parameters:
    ///   - unitsPerCentimetre, pivot: of the data set's head frame; the stage knows them, other data sets take the usual ones.
    package static func assemble(_ weights: FieldWeights, footage: any TrainingFootage, name: String, licence: String, consent: String, recipe: String,
                                 unitsPerCentimetre: Float, pivot: SIMD3<Float>) throws(EngineError) -> PersonaPackage {
        let configuration = try FieldConfiguration(checking: weights, path: name)
        let neutral = mostFrontal(footage.train)
        let conversion = PoseConversion(neutral: neutral, unitsPerCentimetre: unitsPerCentimetre, pivot: pivot)
        let poses = footage.train.map { conversion.pose(of: $0.cameraToWorld) }
        func range(_ value: (HeadPose) -> Float) -> ClosedRange<Float> {
            let values = poses.map(value)
            return (values.min() ?? 0)...(values.max() ?? 0)
        }
        let facts = PersonaFacts(name: name, engine: "er-nerf", audioKind: footage.audioKind, width: footage.width, height: footage.height,
                                 framesPerSecond: footage.framesPerSecond, hasTorso: configuration.hasTorso, hasBackground: true, recordedFrames: poses.count,
                                 range: RecordedRange(yaw: range(\.yaw), pitch: range(\.pitch), roll: range(\.roll)), identityCount: 1,
                                 licence: licence, consent: consent)
        var own = weights
        // One appearance was trained: the package keeps that one.
        if let codes = own.tensors["individual_codes"] { own.tensors["individual_codes"] = .init(shape: [1, 4], values: Array(codes.values.prefix(4))) }
        let manifest = PersonaManifest(facts: facts, focal: footage.focal, center: [footage.center.x, footage.center.y],
                                       neutral: (0..<4).map { r in (0..<4).map { neutral[r, $0] } }, unitsPerCentimetre: unitsPerCentimetre,
                                       pivot: [pivot.x, pivot.y, pivot.z], recipe: recipe)
        return PersonaPackage(manifest: manifest, weights: own, background: footage.background,
                              recordedPoses: footage.train.map { f in (0..<4).flatMap { r in (0..<4).map { f.cameraToWorld[r, $0] } } },
                              recordedClosures: footage.train.map(\.eyeClosure))
    }

    /// The pose with no turn at all, at the mean place of the camera: the data set's own frame is upright and faces the camera.
    private static func mostFrontal(_ frames: [TrainingFrame]) -> Matrix4 {
        var distance: Float = 0
        for frame in frames {
            let m = frame.cameraToWorld
            distance += SIMD3(m[0, 3], m[1, 3], m[2, 3]).x * m[0, 2] + m[1, 3] * m[1, 2] + m[2, 3] * m[2, 2]
        }
        // The frame whose camera looks most nearly along −z of the head.
        let best = frames.min { $0.cameraToWorld[2, 2] > $1.cameraToWorld[2, 2] }?.cameraToWorld ?? .identity
        var neutral = Matrix4.identity
        for k in 0..<2 {
            let turned = (0..<3).reduce(Float(0)) { $0 + best[$1, k] * best[$1, 3] }
            neutral[k, 3] = turned
        }
        neutral[2, 3] = distance / Float(max(frames.count, 1))
        return neutral
    }
}
