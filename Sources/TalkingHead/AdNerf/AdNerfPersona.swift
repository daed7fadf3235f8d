// A persona of the AD-NeRF engine: from conditions to a picture.
import Base
import Engines
import Imaging
import Motion
import Tensors

/// Draws a persona from its package. The face has no eyelids of its own: `eyeClosure` changes nothing.
package final class AdNerfPersona: CameraPersona {
    /// How a frame is drawn.
    package enum Quality: Sendable { case culled, exact }

    package let facts: PersonaFacts
    package let contentKey: ContentKey
    package let background: Frame?
    package let quality: Quality
    package let frame: AdNerfFrame
    private let configuration: AdNerfConfiguration
    private let conversion: PoseConversion
    private let camera: (focal: Float, center: SIMD2<Float>)
    private let block: [Float]
    private let audio: AudioNetwork
    private let head: AdNerfRenderer, torso: AdNerfRenderer?
    private let culledHead: AdNerfCulled?, culledTorso: AdNerfCulled?
    private let poses: [HeadPose]
    private let closures: [Float]

    package init(_ package: PersonaPackage, path: String, quality wanted: Quality = .culled) throws(EngineError) {
        let manifest = package.manifest
        guard let frame = manifest.adNerf, frame.isSane else { throw .badPackage(path: path, entry: "adNerf", reason: "is missing or out of range") }
        configuration = AdNerfConfiguration(sizes: frame.sizes, audioChannels: frame.audioChannels, hasTorso: manifest.facts.hasTorso)
        try configuration.check(package.weights.tensors, path: path)
        facts = manifest.facts
        self.frame = frame
        let layout = ParameterLayout(configuration.headShapes + configuration.torsoShapes)
        block = layout.block(from: package.weights.tensors)
        audio = AudioNetwork(layout: layout, channels: frame.audioChannels)
        head = AdNerfRenderer(layout: layout, block: block, part: "head", frame: frame, signal: frame.sizes.headSignal)
        torso = configuration.hasTorso ? AdNerfRenderer(layout: layout, block: block, part: "torso", frame: frame, signal: frame.sizes.torsoSignal) : nil
        let headGrid = AdNerfGrid(box: frame.headBox, bits: package.weights.occupancy)
        let torsoGrid = AdNerfGrid(box: frame.torsoBox, bits: package.weights.tensors[Self.torsoGridKey].map { $0.values.map { UInt8(min(max($0, 0), 255)) } } ?? [])
        culledHead = headGrid.map { [head] in AdNerfCulled(head, grid: $0) }
        culledTorso = torso.flatMap { torso in torsoGrid.map { AdNerfCulled(torso, grid: $0) } }
        // Without its grids a persona is drawn exactly.
        quality = culledHead == nil || (configuration.hasTorso && culledTorso == nil) ? .exact : wanted
        conversion = PoseConversion(manifest)
        camera = (manifest.focal, SIMD2(manifest.center[0], manifest.center[1]))
        poses = package.poses(conversion)
        closures = package.recordedClosures
        background = package.plate
        var key = ContentKey("ad-nerf", version: 1)
        for value in block { key.mix(value) }
        key.mix(bytes: package.weights.occupancy)
        key.mix(quality == .exact ? 1 : 0)
        contentKey = key
    }

    package static let torsoGridKey = "occupancy_torso"

    package var silentCode: [Float] { [Float](repeating: 0, count: frame.sizes.audioWidth) }

    package func audioCodes(for features: SpeechFeatures) throws(EngineError) -> [[Float]] {
        try audio.codes(of: features, block, name: facts.name)
    }

    package func recordedPose(_ frame: Int) -> HeadPose? { poses.isEmpty ? nil : poses[PosePath.pingPong(frame, poses.count)] }
    package func recordedClosure(_ frame: Int) -> Float? { closures.isEmpty ? nil : closures[PosePath.pingPong(frame, closures.count)] }

    package func render(_ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame {
        try render(cameraToWorld: conversion.camera(for: conditions.pose), conditions, budget: budget)
    }

    package func render(cameraToWorld: Matrix4, _ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame {
        try render(cameraToWorld: cameraToWorld, conditions, quality: quality, budget: budget)
    }

    /// Draws from a camera of the data set's kind, exactly or fast.
    package func render(cameraToWorld: Matrix4, _ conditions: ActorConditions, quality: Quality, budget: ComputeBudget) throws(EngineError) -> Frame {
        guard conditions.audioCode.count == frame.sizes.audioWidth else {
            throw .badInput("an audio code of \(facts.name) has \(frame.sizes.audioWidth) numbers, not \(conditions.audioCode.count)")
        }
        let seen = camera(at: cameraToWorld)
        let face = draw(head, culledHead, seen, conditions.audioCode, quality, budget)
        var body: AdNerfPicture?
        if conditions.torso, let torso {
            // The torso is always seen from one place; the head's pose is part of what it is told.
            body = draw(torso, culledTorso, camera(at: frame.torsoMatrix), conditions.audioCode + seen.poseSignal, quality, budget)
        }
        let builder = FrameBuilder(width: facts.width, height: facts.height)
        let p = builder.pixels
        for i in 0..<(facts.width * facts.height) {
            var color = face.colors[i], last = face.last[i]
            if let body {
                color = body.colors[i] + body.last[i] * color
                last *= body.last[i]
            }
            for c in 0..<3 { p[4 * i + c] = min(max(color[c], 0), 1) }
            p[4 * i + 3] = min(max(1 - last, 0), 1)
        }
        return builder.freeze()
    }

    private func camera(at pose: Matrix4) -> AdNerfCamera {
        AdNerfCamera(pose: pose, focal: camera.focal, center: camera.center, width: facts.width, height: facts.height)
    }

    private func draw(_ exact: AdNerfRenderer, _ culled: AdNerfCulled?, _ camera: AdNerfCamera, _ signal: [Float], _ quality: Quality, _ budget: ComputeBudget) -> AdNerfPicture {
        if quality == .culled, let culled { return culled.render(camera, signal: signal, budget: budget).picture }
        return exact.render(camera, signal: signal, budget: budget)
    }

    /// Evaluations of a frame drawn fast: densities and colours, head and torso.
    package func culledWork(cameraToWorld: Matrix4, _ conditions: ActorConditions, budget: ComputeBudget) -> (densities: Int, colors: Int) {
        let seen = camera(at: cameraToWorld)
        var sum = (densities: 0, colors: 0)
        if let work = culledHead?.render(seen, signal: conditions.audioCode, budget: budget).work { sum = (work.densities, work.colors) }
        if let work = culledTorso?.render(camera(at: frame.torsoMatrix), signal: conditions.audioCode + seen.poseSignal, budget: budget).work {
            sum = (sum.densities + work.densities, sum.colors + work.colors)
        }
        return sum
    }
}
