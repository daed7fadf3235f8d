// A persona of the RAD-NeRF engine: imported, drawn, not trained.
import Base
import Engines
import Imaging
import Motion
import Tensors

/// Draws a persona from its package.
package final class RadnerfPersona: CameraPersona {
    package let facts: PersonaFacts
    package let contentKey: ContentKey
    package let background: Frame?
    private let configuration: RadNerfConfiguration
    private let options: FieldOptions
    private let conversion: PoseConversion
    private let camera: (focal: Float, center: SIMD2<Float>)
    private let layout: ParameterLayout
    private let block: [Float]
    private let audio: AudioNetwork
    private let head: PlainRenderer
    private let torso: RadTorso?
    private let poses: [HeadPose]
    private let closures: [Float]

    package init(_ package: PersonaPackage, path: String) throws(EngineError) {
        let manifest = package.manifest
        configuration = try RadNerfConfiguration(checking: package.weights, path: path)
        options = manifest.options ?? .radNerf
        guard options.isSane else { throw .badPackage(path: path, entry: "options", reason: "are out of range") }
        facts = manifest.facts
        layout = ParameterLayout(configuration.headShapes)
        block = layout.block(from: package.weights.tensors)
        audio = AudioNetwork(layout: layout, channels: configuration.speech.channels)
        head = PlainRenderer(PlainField(.solid, layout: layout, block: block, audioWidth: configuration.speech.code), bits: package.weights.occupancy)
        if configuration.hasTorso, let grid = package.weights.tensors["density_grid_torso"] {
            let shapes = ParameterLayout(configuration.torsoShapes)
            let codes = package.weights.tensors["individual_codes_torso"]?.values ?? []
            torso = RadTorso(layout: shapes, block: shapes.block(from: package.weights.tensors), identity: Array(codes.prefix(configuration.torsoIdentityWidth)),
                             occupancy: TorsoOccupancy(values: grid.values, threshold: min(0.01, package.weights.meanDensityTorso)))
        } else {
            torso = nil
        }
        conversion = PoseConversion(manifest)
        camera = (manifest.focal, SIMD2(manifest.center[0], manifest.center[1]))
        poses = package.poses(conversion, smooth: options.smoothPath)
        closures = options.fixedEye.map { [$0] } ?? package.recordedClosures
        background = package.plate
        var key = ContentKey("rad-nerf", version: 1)
        key.mix(bytes: package.weights.occupancy)
        for value in block { key.mix(value) }
        if let table = package.weights.tensors["torso_encoder.embeddings"] { for value in table.values { key.mix(value) } }
        contentKey = key
    }

    package var silentCode: [Float] { [Float](repeating: 0, count: configuration.speech.code) }
    /// A code that follows the one before it hangs on all before, but 0.35 to the 32nd is nothing.
    package var audioReach: Int { options.smoothLips ? 40 : 8 }

    package func audioCodes(for features: SpeechFeatures) throws(EngineError) -> [[Float]] {
        try audio.codes(of: features, block, name: facts.name, options: options)
    }
    package func recordedPose(_ frame: Int) -> HeadPose? { poses.isEmpty ? nil : poses[PosePath.pingPong(frame, poses.count)] }
    package func recordedClosure(_ frame: Int) -> Float? { closures.isEmpty ? nil : closures[PosePath.pingPong(frame, closures.count)] }

    package func render(_ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame {
        try render(cameraToWorld: conversion.camera(for: conditions.pose), conditions, budget: budget)
    }

    package func render(cameraToWorld: Matrix4, _ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame {
        guard conditions.audioCode.count == configuration.speech.code else {
            throw .badInput("an audio code of \(facts.name) has \(configuration.speech.code) numbers, not \(conditions.audioCode.count)")
        }
        let rays = RayCamera(cameraToWorld: cameraToWorld.rows, focal: SIMD2(repeating: camera.focal), center: camera.center, width: facts.width, height: facts.height)
        // The network knows the area of the eyes, in percent of the picture; shut eyes have none.
        let closure = min(max(options.fixedEye ?? conditions.eyeClosure, 0), 1)
        let eye = (1 - closure) * options.openEyeArea
        let width = configuration.identityWidth
        var identity: [Float] = []
        if width > 0 {
            let row = conditions.identity ?? 0
            guard row >= 0, row < configuration.identityCount else { throw .badInput("\(facts.name) has identities 0…\(configuration.identityCount - 1), not \(row)") }
            let at = layout.offset("individual_codes") + width * row
            identity = Array(block[at..<(at + width)])
        }
        let picture = head.draw(rays, FieldConditions(audio: conditions.audioCode, eye: eye, identity: identity), budget: budget)
        let body = conditions.torso ? torso?.render(rays, budget: budget) : nil
        return HeadOverTorso.frame(picture, body)
    }
}

/// A head over a torso as a frame.
enum HeadOverTorso {
    static func frame(_ head: HeadPicture, _ torso: TorsoPicture?) -> Frame {
        let builder = FrameBuilder(width: head.width, height: head.height)
        let p = builder.pixels
        for i in 0..<(head.width * head.height) {
            let opacity = head.pixels.pointer[4 * i + 3]
            let alpha = torso.map { $0.pixels.pointer[4 * i + 3] } ?? 0
            for c in 0..<3 {
                let behind = torso.map { $0.pixels.pointer[4 * i + c] } ?? 0
                p[4 * i + c] = min(max(head.pixels.pointer[4 * i + c] + (1 - opacity) * alpha * behind, 0), 1)
            }
            p[4 * i + 3] = min(max(opacity + (1 - opacity) * alpha, 0), 1)
        }
        return builder.freeze()
    }
}
