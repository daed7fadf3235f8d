// From trained weights and their footage to a persona package.
import Engines
import Foundation
import Motion

/// Puts a package together.
package enum PersonaAssembler {
    /// What people know of a persona and weights do not.
    package struct Origin: Sendable {
        package var name: String, licence: String, consent: String, recipe: String
        /// Of the data set's head frame; the stage knows them, other data sets take the usual ones.
        package var unitsPerCentimetre: Float, pivot: SIMD3<Float>
        package init(name: String, licence: String, consent: String, recipe: String, unitsPerCentimetre: Float, pivot: SIMD3<Float>) {
            (self.name, self.licence, self.consent, self.recipe) = (name, licence, consent, recipe)
            (self.unitsPerCentimetre, self.pivot) = (unitsPerCentimetre, pivot)
        }
    }

    /// An ER-NeRF persona.
    package static func assemble(_ weights: FieldWeights, footage: any TrainingFootage, origin: Origin) throws(EngineError) -> PersonaPackage {
        let configuration = try FieldConfiguration(checking: weights, path: origin.name)
        var own = weights
        // One appearance was trained: the package keeps that one.
        if let codes = own.tensors["individual_codes"] { own.tensors["individual_codes"] = .init(shape: [1, 4], values: Array(codes.values.prefix(4))) }
        return package(own, footage, origin, engine: "er-nerf", hasTorso: configuration.hasTorso)
    }

    /// - Parameters:
    ///   - unitsPerCentimetre, pivot: of the data set's head frame; the stage knows them, other data sets take the usual ones.
    package static func assemble(_ weights: FieldWeights, footage: any TrainingFootage, name: String, licence: String, consent: String, recipe: String,
                                 unitsPerCentimetre: Float, pivot: SIMD3<Float>) throws(EngineError) -> PersonaPackage {
        try assemble(weights, footage: footage, origin: Origin(name: name, licence: licence, consent: consent, recipe: recipe, unitsPerCentimetre: unitsPerCentimetre, pivot: pivot))
    }

    /// A RAD-NeRF persona.
    package static func assemble(radNerf weights: FieldWeights, options: FieldOptions, footage: any TrainingFootage, origin: Origin) throws(EngineError) -> PersonaPackage {
        let configuration = try RadNerfConfiguration(checking: weights, path: origin.name)
        var own = weights
        let width = configuration.identityWidth
        if width > 0, let codes = own.tensors["individual_codes"] { own.tensors["individual_codes"] = .init(shape: [1, width], values: Array(codes.values.prefix(width))) }
        var result = package(own, footage, origin, engine: "rad-nerf", hasTorso: configuration.hasTorso)
        result.manifest.options = options
        return result
    }

    /// An AD-NeRF persona.
    package static func assemble(_ weights: FieldWeights, _ frame: AdNerfFrame, hasTorso: Bool, footage: any TrainingFootage, origin: Origin) throws(EngineError) -> PersonaPackage {
        try AdNerfConfiguration(sizes: frame.sizes, audioChannels: frame.audioChannels, hasTorso: hasTorso).check(weights.tensors, path: origin.name)
        var result = package(weights, footage, origin, engine: "ad-nerf", hasTorso: hasTorso)
        result.manifest.adNerf = frame
        return result
    }

    private static func package(_ weights: FieldWeights, _ footage: any TrainingFootage, _ origin: Origin, engine: String, hasTorso: Bool) -> PersonaPackage {
        let neutral = mostFrontal(footage.train)
        let conversion = PoseConversion(neutral: neutral, unitsPerCentimetre: origin.unitsPerCentimetre, pivot: origin.pivot)
        let poses = footage.train.map { conversion.pose(of: $0.cameraToWorld) }
        func range(_ value: (HeadPose) -> Float) -> ClosedRange<Float> {
            let values = poses.map(value)
            return (values.min() ?? 0)...(values.max() ?? 0)
        }
        let facts = PersonaFacts(name: origin.name, engine: engine, audioKind: footage.audioKind, width: footage.width, height: footage.height,
                                 framesPerSecond: footage.framesPerSecond, hasTorso: hasTorso, hasBackground: true, recordedFrames: poses.count,
                                 range: RecordedRange(yaw: range(\.yaw), pitch: range(\.pitch), roll: range(\.roll)), identityCount: 1,
                                 licence: origin.licence, consent: origin.consent)
        let manifest = PersonaManifest(facts: facts, focal: footage.focal, center: [footage.center.x, footage.center.y],
                                       neutral: (0..<4).map { r in (0..<4).map { neutral[r, $0] } }, unitsPerCentimetre: origin.unitsPerCentimetre,
                                       pivot: [origin.pivot.x, origin.pivot.y, origin.pivot.z], recipe: origin.recipe)
        return PersonaPackage(manifest: manifest, weights: weights, background: footage.background,
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
