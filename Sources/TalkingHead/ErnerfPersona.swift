// A persona of the ER-NeRF engine: from conditions to a picture.
import Base
import Engines
import Imaging
import Motion
import Tensors

/// Draws a persona from its package.
package final class ErnerfPersona: PersonaEngine {
    package let facts: PersonaFacts
    package let contentKey: ContentKey
    package let background: Frame?
    private let configuration: FieldConfiguration
    private let conversion: PoseConversion
    private let camera: (focal: SIMD2<Float>, center: SIMD2<Float>)
    private let block: [Float]
    private let layout: ParameterLayout
    private let audio: AudioNetwork
    private let head: HeadRenderer
    private let torso: TorsoRenderer?
    private let poses: [HeadPose]
    private let closures: [Float]
    /// Fast frames; nil draws every sample.
    private let fast: FastHead?

    package convenience init(path: String, quality: FieldQuality = .exact) throws(EngineError) {
        try self.init(PersonaPackage.read(path), path: path, quality: quality)
    }

    package init(_ package: PersonaPackage, path: String, quality: FieldQuality = .exact) throws(EngineError) {
        let manifest = package.manifest
        configuration = try FieldConfiguration(checking: package.weights, path: path)
        facts = manifest.facts
        layout = ParameterLayout(configuration.headShapes)
        block = layout.block(from: package.weights.tensors)
        audio = AudioNetwork(layout: layout, channels: configuration.audioChannels)
        head = HeadRenderer(layout: layout, block: block, bits: package.weights.occupancy)
        if configuration.hasTorso, let grid = package.weights.tensors["density_grid_torso"] {
            let shapes = ParameterLayout(configuration.torsoShapes)
            torso = TorsoRenderer(layout: shapes, block: shapes.block(from: package.weights.tensors),
                                  occupancy: TorsoOccupancy(values: grid.values, threshold: min(0.01, package.weights.meanDensityTorso)))
        } else {
            torso = nil
        }
        let neutral = Matrix4(rows: manifest.neutral.map { SIMD4($0[0], $0[1], $0[2], $0[3]) })
        let conversion = PoseConversion(neutral: neutral, unitsPerCentimetre: manifest.unitsPerCentimetre, pivot: SIMD3(manifest.pivot[0], manifest.pivot[1], manifest.pivot[2]))
        self.conversion = conversion
        camera = (SIMD2(repeating: manifest.focal), SIMD2(manifest.center[0], manifest.center[1]))
        poses = package.recordedPoses.map { m in
            conversion.pose(of: Matrix4(rows: (0..<4).map { SIMD4(m[4 * $0], m[4 * $0 + 1], m[4 * $0 + 2], m[4 * $0 + 3]) }))
        }
        closures = package.recordedClosures
        background = Self.plate(package)
        var key = ContentKey("er-nerf", version: 1)
        key.mix(bytes: package.weights.occupancy)
        for value in block { key.mix(value) }
        if let torso = package.weights.tensors["torso_encoder.embeddings"] { for value in torso.values { key.mix(value) } }
        if quality == .fast { key.mix(FastHead.version) }
        contentKey = key
        let size = (facts.width, facts.height), camera = camera, poses = poses.isEmpty ? [.neutral] : poses
        let (head, audio, block) = (head, audio, block), identity = Array(block[layout.offset("individual_codes")..<(layout.offset("individual_codes") + 4)])
        let baker = { @Sendable in
            FieldBaker(head: head, cameras: poses.map { RayCamera(cameraToWorld: conversion.camera(for: $0).rows, focal: camera.focal, center: camera.center, width: size.0, height: size.1) },
                       codes: SampleSpeech.codes(audio, block, count: 24), identity: identity)
        }
        fast = quality == .exact ? nil : FastHead(head, path: Self.bakedPath(path), key: key, baker: baker)
    }

    /// `NAME.persona.baked`, beside the folder; nothing where the persona does not lie in a folder of that kind.
    private static func bakedPath(_ path: String) -> String? {
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        return folder.hasSuffix(".persona") ? folder + ".baked" : nil
    }

    /// Where the baked field of a fast persona lies; nil before its first frame, and for exact ones.
    package var bakedStorage: BakedStorage? { fast?.storage }

    private static func plate(_ package: PersonaPackage) -> Frame? {
        guard !package.background.isEmpty else { return nil }
        let builder = FrameBuilder(width: package.manifest.facts.width, height: package.manifest.facts.height)
        let p = builder.pixels
        for i in 0..<(builder.width * builder.height) {
            for c in 0..<3 { p[4 * i + c] = Float(package.background[3 * i + c]) / 255 }
            p[4 * i + 3] = 1
        }
        return builder.freeze()
    }

    package func audioCodes(for features: SpeechFeatures) throws(EngineError) -> [[Float]] {
        guard features.channels == configuration.audioChannels else {
            throw .badInput("the speech has \(features.channels) feature channels, \(facts.name) was trained on \(configuration.audioChannels)")
        }
        // A row's code serves eight frames: compute it once. Rows beyond the ends are zeros.
        let zero = [Float](repeating: 0, count: features.channels * features.steps)
        return block.withUnsafeBufferPointer { values in
            guard let p = values.baseAddress else { return [] }
            let silent = audio.rowCode(p, zero, steps: features.steps).activations[6]
            let codes = features.rows.map { audio.rowCode(p, $0, steps: features.steps).activations[6] }
            return codes.indices.map { t in
                var trace = AudioNetwork.Trace()
                audio.attend(p, (t - 4..<t + 4).map { $0 >= 0 && $0 < codes.count ? codes[$0] : silent }, &trace)
                return trace.code
            }
        }
    }

    package func recordedPose(_ frame: Int) -> HeadPose? {
        poses.isEmpty ? nil : poses[PosePath.pingPong(frame, poses.count)]
    }
    package func recordedClosure(_ frame: Int) -> Float? {
        closures.isEmpty ? nil : closures[PosePath.pingPong(frame, closures.count)]
    }

    package func render(_ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame {
        try render(cameraToWorld: conversion.camera(for: conditions.pose), conditions, budget: budget)
    }

    /// Draws from a camera of the data set's kind.
    package func render(cameraToWorld: Matrix4, _ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame {
        guard conditions.audioCode.count == 32 else { throw .badInput("an audio code has 32 numbers, not \(conditions.audioCode.count)") }
        let identity = conditions.identity ?? 0
        guard identity >= 0, identity < configuration.identityCount else {
            throw .badInput("\(facts.name) has identities 0…\(configuration.identityCount - 1), not \(identity)")
        }
        let rays = RayCamera(cameraToWorld: cameraToWorld.rows, focal: camera.focal, center: camera.center, width: facts.width, height: facts.height)
        let code = layout.offset("individual_codes") + 4 * identity
        let sight = HeadConditions(audio: conditions.audioCode, eye: min(max(conditions.eyeClosure, 0), 1), identity: Array(block[code..<(code + 4)]))
        // The field is baked with the persona's own appearance.
        let picture = (identity == 0 ? fast : nil).map { $0.render(camera: rays, conditions: sight, budget: budget) } ?? head.render(camera: rays, conditions: sight, budget: budget)
        let body = conditions.torso ? torso?.render(camera: rays, identity: 0, budget: budget, behind: picture) : nil
        let builder = FrameBuilder(width: facts.width, height: facts.height)
        let target = Layers(out: builder.pixels, head: picture.pixels.pointer, torso: body.map { UnsafePointer($0.pixels.pointer) })
        let width = facts.width
        budget.forEach(facts.height) { row in target.compose(row * width..<(row + 1) * width) }
        withExtendedLifetime((picture, body)) {}
        return builder.freeze()
    }

    /// Head over torso, premultiplied.
    private struct Layers: @unchecked Sendable {  // rows are written by one band each
        let out: UnsafeMutablePointer<Float>
        let head: UnsafePointer<Float>
        let torso: UnsafePointer<Float>?

        func compose(_ range: Range<Int>) {
            for i in range {
                var value = UnsafeRawPointer(head + 4 * i).loadUnaligned(as: SIMD4<Float>.self)
                if let torso {
                    var body = UnsafeRawPointer(torso + 4 * i).loadUnaligned(as: SIMD4<Float>.self)
                    let alpha = body.w
                    body.w = 1
                    value += body * ((1 - value.w) * alpha)
                }
                UnsafeMutableRawPointer(out + 4 * i).storeBytes(of: value.clamped(lowerBound: .zero, upperBound: .one), as: SIMD4<Float>.self)
            }
        }
    }

    /// What a frame of the head costs.
    package struct HeadCost: Sendable {
        /// Samples whose density, whose colour is computed.
        package var densities: Int, colors: Int
        /// Multiply-adds of the folded networks, counted.
        package var multiplyAdds: Int
    }

    package func headCost(_ conditions: ActorConditions) -> HeadCost {
        let rays = RayCamera(cameraToWorld: conversion.camera(for: conditions.pose).rows, focal: camera.focal, center: camera.center, width: facts.width, height: facts.height)
        let code = layout.offset("individual_codes")
        let sight = HeadConditions(audio: conditions.audioCode, eye: conditions.eyeClosure, identity: Array(block[code..<(code + 4)]))
        let picture = fast.map { $0.render(camera: rays, conditions: sight, budget: .single) } ?? head.render(camera: rays, conditions: sight, budget: .single)
        return HeadCost(densities: picture.densities, colors: picture.colors, multiplyAdds: picture.multiplyAdds)
    }
}
