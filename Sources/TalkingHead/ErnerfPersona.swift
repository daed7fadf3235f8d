// A persona of the ER-NeRF engine: from conditions to a picture.
import Base
import Engines
import Imaging
import Kernels
import Motion
import Tensors

/// Draws a persona from its package.
package final class ErnerfPersona: CameraPersona {
    package let facts: PersonaFacts
    package let contentKey: ContentKey
    package let background: Frame?
    package let speechEncoder: [String: Tensor]
    private let configuration: FieldConfiguration
    private let conversion: PoseConversion
    private let camera: (focal: SIMD2<Float>, center: SIMD2<Float>)
    private let block: [Float]
    private let layout: ParameterLayout
    private let audio: AudioNetwork
    private let head: any HeadDrawing
    /// The usual head as fast frames draw it.
    private let tiles: HeadRenderer?
    /// What fast frames are drawn with; nil draws every sample.
    private let store: BakedStore?
    private let options: FieldOptions
    private let torso: TorsoRenderer?
    private let poses: [HeadPose]
    private let closures: [Float]

    package convenience init(path: String, quality: FieldQuality = .exact) throws(EngineError) {
        try self.init(PersonaPackage.read(path), path: path, quality: quality)
    }

    /// - Parameter asked: small pictures and fields with other numbers of levels than the usual are always drawn exactly.
    package init(_ package: PersonaPackage, path: String, quality asked: FieldQuality = .exact) throws(EngineError) {
        let manifest = package.manifest
        let quality = manifest.facts.width * manifest.facts.height < FieldQuality.fewestPixels ? .exact : asked
        configuration = try FieldConfiguration(checking: package.weights, path: path)
        facts = manifest.facts
        layout = ParameterLayout(configuration.headShapes)
        block = layout.block(from: package.weights.tensors)
        audio = AudioNetwork(layout: layout, channels: configuration.audioChannels)
        options = manifest.options ?? FieldOptions()
        guard options.isSane else { throw .badPackage(path: path, entry: "options", reason: "are out of range") }
        // The tiles of the fast network have twelve levels a plane; others are drawn sample by sample.
        if configuration.isUsual {
            let usual = HeadRenderer(layout: layout, block: block, bits: package.weights.occupancy)
            head = ExactHead(usual.folding, usual.cells, bits: package.weights.occupancy)
            tiles = usual
        } else {
            let field = PlainField(.planes(levels: configuration.planeLevels), layout: layout, block: block, audioWidth: configuration.speech.code)
            head = PlainRenderer(field, bits: package.weights.occupancy)
            tiles = nil
        }
        var torsoBlock: [Float] = []
        if configuration.hasTorso, let grid = package.weights.tensors["density_grid_torso"] {
            let shapes = ParameterLayout(configuration.torsoShapes)
            torsoBlock = shapes.block(from: package.weights.tensors)
            torso = TorsoRenderer(layout: shapes, block: torsoBlock,
                                  occupancy: TorsoOccupancy(values: grid.values, threshold: min(0.01, package.weights.meanDensityTorso)))
        } else {
            torso = nil
        }
        let conversion = PoseConversion(manifest)
        self.conversion = conversion
        camera = (SIMD2(repeating: manifest.focal), SIMD2(manifest.center[0], manifest.center[1]))
        poses = package.poses(conversion, smooth: options.smoothPath)
        closures = options.fixedEye.map { [$0] } ?? package.recordedClosures
        background = package.plate
        speechEncoder = package.speechEncoder
        var key = ContentKey("er-nerf", version: 1)
        key.mix(bytes: package.weights.occupancy)
        for value in block { key.mix(value) }
        for value in torsoBlock { key.mix(value) }
        if quality == .fast { key.mix(BakedStore.version) }
        contentKey = key
        let size = (facts.width, facts.height), camera = camera, poses = poses.isEmpty ? [.neutral] : poses
        let (audio, block) = (audio, block), identity = Array(block[layout.offset("individual_codes")..<(layout.offset("individual_codes") + 4)])
        let torso = torso
        store = quality == .exact ? nil : tiles.map { tiles in
            BakedStore(path: BakedStore.path(of: path), key: key) { budget, progress throws(EngineError) in
                let cameras = poses.map { RayCamera(cameraToWorld: conversion.camera(for: $0).rows, focal: camera.focal, center: camera.center, width: size.0, height: size.1) }
                let baker = FieldBaker(head: tiles, cameras: cameras, sounds: BakedSounds(SampleSpeech.codes(audio, block)), identity: identity)
                let field = try baker.bake(budget, progress)
                return BakedPersona(field: field, torso: torso.flatMap { TorsoBaker(torso: $0, cameras: cameras).bake(budget) })
            }
        }
    }

    /// Where the baked field of a fast persona lies; nil before its first frame, and for exact ones.
    package var bakedStorage: BakedStorage? { store?.storage }

    /// Bakes what fast frames are drawn with, where it is not kept.
    package func prepare(budget: ComputeBudget, progress: ProgressHandler) throws(EngineError) { _ = try store?.baked(budget, progress: progress) }

    package var silentCode: [Float] { [Float](repeating: 0, count: AudioNetwork.code) }
    /// A code that follows the one before it hangs on all before, but 0.35 to the 32nd is nothing.
    package var audioReach: Int { options.smoothLips ? 40 : 8 }

    package func audioCodes(for features: SpeechFeatures) throws(EngineError) -> [[Float]] {
        try audio.codes(of: features, block, name: facts.name, options: options)
    }

    /// Audio codes of some frames of made-up speech.
    package func sampleSpeech(_ frames: Int) -> [[Float]] {
        let rows = SampleSpeech.rows(channels: audio.channels).prefix(frames)
        return (try? audioCodes(for: SpeechFeatures(rows: Array(rows), channels: audio.channels, steps: 16))) ?? [silentCode]
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
        try render(cameraToWorld: cameraToWorld, conditions, budget: budget, stages: nil)
    }

    /// Draws a frame on one thread and adds up where its time goes.
    package func render(_ conditions: ActorConditions, stages: FrameStages) throws(EngineError) {
        _ = try render(cameraToWorld: conversion.camera(for: conditions.pose), conditions, budget: .single, stages: stages)
    }

    private func render(cameraToWorld: Matrix4, _ conditions: ActorConditions, budget: ComputeBudget, stages: FrameStages?) throws(EngineError) -> Frame {
        guard conditions.audioCode.count == 32 else { throw .badInput("an audio code has 32 numbers, not \(conditions.audioCode.count)") }
        let identity = conditions.identity ?? 0
        guard identity >= 0, identity < configuration.identityCount else {
            throw .badInput("\(facts.name) has identities 0…\(configuration.identityCount - 1), not \(identity)")
        }
        let rays = RayCamera(cameraToWorld: cameraToWorld.rows, focal: camera.focal, center: camera.center, width: facts.width, height: facts.height)
        let code = layout.offset("individual_codes") + 4 * identity
        let eye = min(max(options.fixedEye ?? conditions.eyeClosure, 0), 1)
        // The persona is baked with its own appearance.
        let baked = identity == 0 ? try store?.baked(budget) : nil
        let picture = drawHead(rays, FieldConditions(audio: conditions.audioCode, eye: eye, identity: Array(block[code..<(code + 4)])), baked?.field, budget, stages)
        let body = conditions.torso ? torso.map { TorsoLayer($0, baked?.torso, rays) } : nil
        let builder = FrameBuilder(unwritten: facts.width, facts.height)
        compose(picture, body, into: builder.pixels, budget, stages)
        return builder.freeze()
    }

    private func drawHead(_ camera: RayCamera, _ conditions: FieldConditions, _ baked: BakedField?, _ budget: ComputeBudget, _ stages: FrameStages? = nil) -> HeadPicture {
        guard let baked, let tiles else { return head.draw(camera, conditions, budget: budget, stages: stages) }
        return tiles.render(camera: camera, conditions: HeadConditions(audio: conditions.audio, eye: conditions.eye, identity: conditions.identity), baked: baked, budget: budget, stages: stages)
    }

    /// Head over torso, premultiplied, a band of rows at a time: the torso is put behind the head's own pixels, which then go to the frame.
    private func compose(_ head: HeadPicture, _ body: TorsoLayer?, into pixels: UnsafeMutablePointer<Float>, _ budget: ComputeBudget, _ stages: FrameStages?) {
        let (width, height, band) = (facts.width, facts.height, TorsoRenderer.band)
        nonisolated(unsafe) let out = pixels
        budget.forEach((height + band - 1) / band) { index in
            var clock = StageClock(stages)
            defer { clock.end() }
            let rows = (index * band)..<min((index + 1) * band, height)
            let first = 4 * width * rows.lowerBound, count = 4 * width * rows.count
            body?.draw(rows: rows, under: head.pixels.pointer)
            clock.lap(.torso)
            Self.clamped(head.pixels.pointer + first, count: count, into: out + first)
            clock.lap(.picture)
        }
        withExtendedLifetime(head) {}
    }

    /// Whole pixels, within 0…1.
    private static func clamped(_ pixels: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>) {
        let whole = count / 8 * 8
        for i in stride(from: 0, to: whole, by: 8) { put(Kernels.saturate(get(pixels + i)), out + i) }
        if whole < count {
            let value = UnsafeRawPointer(pixels + whole).loadUnaligned(as: SIMD4<Float>.self)
            UnsafeMutableRawPointer(out + whole).storeBytes(of: value.clamped(lowerBound: .zero, upperBound: .one), as: SIMD4<Float>.self)
        }
    }

    /// What a frame of the head costs.
    package struct HeadCost: Sendable {
        /// Samples whose density, whose colour is computed.
        package var densities: Int, colors: Int
        /// Multiply-adds of the folded networks, counted.
        package var multiplyAdds: Int

        fileprivate init(_ picture: HeadPicture) { (densities, colors, multiplyAdds) = (picture.densities, picture.colors, picture.multiplyAdds) }
    }

    /// What a whole frame costs.
    package struct FrameCost: Sendable {
        package var head: HeadCost
        /// Multiply-adds of the torso's network, counted.
        package var torsoMultiplyAdds: Int
        /// Bytes that an exact frame passes over, each counted once for every pass: planes and grid (of which it may see a part), the state of
        /// rays (written, read), the head's picture (cleared, read and written, read), the frame (written).
        package var bytes: Int
    }

    package func frameCost(_ conditions: ActorConditions) throws(EngineError) -> FrameCost {
        let (camera, picture) = try headForCounting(conditions)
        let body = conditions.torso ? torso.map { TorsoLayer($0, try? store?.baked(.single).torso, camera) } : nil
        let torsoWork = withExtendedLifetime(picture) { body?.multiplyAdds(under: picture.pixels.pointer) ?? 0 }
        let pixels = picture.width * picture.height
        let (tables, rays) = (head as? ExactHead)?.bytes(pixels) ?? (0, 0)
        return FrameCost(head: HeadCost(picture), torsoMultiplyAdds: torsoWork, bytes: tables + (body == nil ? 0 : torso?.gridBytes ?? 0) + 2 * rays + 5 * 16 * pixels)
    }

    package func headCost(_ conditions: ActorConditions) throws(EngineError) -> HeadCost { HeadCost(try headForCounting(conditions).picture) }

    private func headForCounting(_ conditions: ActorConditions) throws(EngineError) -> (camera: RayCamera, picture: HeadPicture) {
        let rays = RayCamera(cameraToWorld: conversion.camera(for: conditions.pose).rows, focal: camera.focal, center: camera.center, width: facts.width, height: facts.height)
        let code = layout.offset("individual_codes")
        let picture = drawHead(rays, FieldConditions(audio: conditions.audioCode, eye: conditions.eyeClosure, identity: Array(block[code..<(code + 4)])), try store?.baked(.single).field, .single)
        return (rays, picture)
    }
}
