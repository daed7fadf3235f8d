// Every option that a checkpoint can carry: read, drawn, and in agreement with an independent implementation.
import Base
import Engines
import Foundation
import Kernels
import Motion
import Tensors
import TestSupport
import Testing
@testable import TalkingHead

@Suite struct ImportOptions {
    struct Case: Sendable, CustomStringConvertible {
        var name: String
        var make: @Sendable () -> MadeCheckpoint
        var channels = 29
        var attention = 2
        var description: String { name }
    }

    static let cases = [
        Case(name: "plain", make: { .ernerf() }),
        Case(name: "levels14", make: { .ernerf { $0.planeLevels = 14 } }),
        Case(name: "noeye", make: {
            var made = MadeCheckpoint.ernerf()
            made.tensors["sigma_net.net.0.weight"] = FormulaWeights.tensor("sigma_net.net.0.weight", [64, 68])
            return made
        }),
        Case(name: "nocodes", make: {
            var made = MadeCheckpoint.ernerf()
            made.tensors["individual_codes"] = nil
            made.tensors["color_net.net.0.weight"] = FormulaWeights.tensor("color_net.net.0.weight", [64, 80])
            return made
        }),
        Case(name: "att0", make: { .ernerf { $0.speech.attends = false } }, attention: 0),
        Case(name: "att1", make: { .ernerf() }, attention: 1),
        Case(name: "esperanto", make: { .ernerf { $0.speech.channels = 44 } }, channels: 44),
        Case(name: "wav2vec", make: { .ernerf { $0.speech.channels = 32 } }, channels: 32),
        Case(name: "hubert", make: { .ernerf { $0.speech.channels = 1024 } }, channels: 1024),
        Case(name: "ave", make: { .ernerf { ($0.speech.channels, $0.speech.isVector) = (512, true) } }, channels: 512),
        Case(name: "labels", make: { .ernerf { $0.speech.hasLabels = true } }),
    ]

    @Test(arguments: cases) func aCheckpointAgreesWithTheReference(_ item: Case) throws {
        let folder = try ScratchFolder()
        try item.make().write(folder.file("x.pth"))
        let weights = try CheckpointImport.read(folder.file("x.pth"))
        let configuration = try FieldConfiguration(checking: weights, path: "x.pth")
        let layout = ParameterLayout(configuration.headShapes)
        let block = layout.block(from: weights.tensors)
        var options = FieldOptions()
        options.attention = item.attention
        let vectors = try FormulaWeights.vectors()
        func array(_ name: String) throws -> [Float] { try #require(vectors[name]).values }
        let audio = AudioNetwork(layout: layout, channels: configuration.audioChannels)
        let code = try audio.codes(of: FormulaWeights.features(item.channels), block, name: "x", options: options)[3]
        #expect(largestDifference(code, try array("\(item.name)_code")) < 1e-5)

        let points = try array("points"), directions = try array("directions"), identity = Array(block[layout.offset("individual_codes")..<layout.offset("individual_codes") + 4])
        let logs = try array("\(item.name)_logsigma"), colors = try array("\(item.name)_rgb")
        let (sigma, rgb) = Self.plain(.planes(levels: configuration.planeLevels), layout, block, 32, points, directions, FieldConditions(audio: code, eye: 0.37, identity: identity))
        #expect(largestDifference(sigma.map { log($0) }, logs) < 1e-4)
        #expect(largestDifference(rgb, colors) < 1e-4)
        guard configuration.isUsual else { return }
        // The tiles of the fast renderer say the same.
        let fast = Self.tiles(layout, block, points, directions, HeadConditions(audio: code, eye: 0.37, identity: identity))
        #expect(largestDifference(fast.sigma.map { log($0) }, logs) < 2e-4)
        #expect(largestDifference(fast.rgb, colors) < 2e-4)
    }

    static func plain(_ kind: PlainField.Kind, _ layout: ParameterLayout, _ block: [Float], _ width: Int, _ points: [Float], _ directions: [Float],
                      _ conditions: FieldConditions) -> (sigma: [Float], rgb: [Float]) {
        let field = PlainField(kind, layout: layout, block: block, audioWidth: width), memory = PlainField.Memory()
        let n = points.count / 3
        memory.places.pointer.update(from: points, count: 3 * n)
        memory.directions.pointer.update(from: directions, count: 3 * n)
        var sigma = [Float](repeating: 0, count: n), rgb = [Float](repeating: 0, count: 3 * n)
        field.evaluate(memory, count: n, conditions, densities: &sigma, colors: &rgb)
        return (sigma, rgb)
    }

    static func tiles(_ layout: ParameterLayout, _ block: [Float], _ points: [Float], _ directions: [Float], _ conditions: HeadConditions) -> (sigma: [Float], rgb: [Float]) {
        let network = HeadNetwork(layout: layout)
        let parameters = Fixture.buffer(block), tile = Buffer<Float>(count: HeadNetwork.tileFloats)
        network.pack(parameters.pointer, training: false)
        let n = points.count / 3
        func rows(_ values: [Float]) -> [[Float]] { (0..<3).map { k in (0..<80).map { $0 < n ? values[3 * $0 + k] : 0 } } }
        let (p, d) = (rows(points), rows(directions))
        let sigma = Buffer<Float>(count: 80), color = Buffer<Float>(count: 3 * tileWidth), a = Buffer<Float>(count: 80), e = Buffer<Float>(count: 80), u = Buffer<Float>(count: 80)
        network.forward(parameters.pointer, conditions, x: p[0], y: p[1], z: p[2], dx: d[0], dy: d[1], dz: d[2], count: n, tile: tile.pointer,
                        out: HeadOutputs(sigma: sigma.pointer, color: color.pointer, ambientAudio: a.pointer, ambientEye: e.pointer, uncertainty: u.pointer), uncertainty: false)
        return ((0..<n).map { sigma.pointer[$0] }, (0..<n).flatMap { i in (0..<3).map { color.pointer[$0 * tileWidth + i] } })
    }

    @Test func latestBestAndBareAreTheSamePerson() throws {
        let folder = try ScratchFolder()
        var made = MadeCheckpoint.ernerf()
        try made.write(folder.file("best.pth"))
        made.isLatest = true
        try made.write(folder.file("latest.pth"))
        made.isBare = true
        try made.write(folder.file("bare.pth"))
        let best = try CheckpointImport.read(folder.file("best.pth"))
        #expect(best.meanDensityTorso == 0.25)
        for name in ["latest.pth", "bare.pth"] {
            let other = try CheckpointImport.read(folder.file(name))
            #expect(other.tensors == best.tensors, "\(name)")
            #expect(other.occupancy == best.occupancy)
        }
    }

    @Test func optionsOfTheManifestAreFollowed() throws {
        let footage = BallFootage()
        var made = MadeCheckpoint.ernerf { $0.speech.channels = 4 }
        made.bits = [UInt8](repeating: 0, count: OccupancyGrid.cellCount / 8)
        let folder = try ScratchFolder()
        try made.write(folder.file("x.pth"))
        var package = try PersonaAssembler.assemble(CheckpointImport.read(folder.file("x.pth")), footage: footage, origin: AdNerfTraining.origin("x"))
        let raw = try ErnerfPersona(package, path: "x")
        var options = FieldOptions()
        (options.smoothLips, options.smoothPath, options.fixedEye) = (true, true, 0.25)
        package.manifest.options = options
        let smooth = try ErnerfPersona(package, path: "x")
        let (plain, followed) = (try raw.audioCodes(for: footage.features), try smooth.audioCodes(for: footage.features))
        #expect(followed[0] == plain[0])
        #expect(largestDifference(followed[1], zip(plain[0], plain[1]).map { 0.35 * $0 + 0.65 * $1 }) < 1e-6)
        #expect(smooth.recordedClosure(5) == 0.25 && raw.recordedClosure(5) != 0.25)
        // The ball's camera turns evenly: inside the path the mean is the frame itself, at its ends it lags.
        let inside = try #require(smooth.recordedPose(6)), same = try #require(raw.recordedPose(6))
        #expect(abs(inside.yaw - same.yaw) < 1e-3)
        let end = try #require(smooth.recordedPose(0)), first = try #require(raw.recordedPose(0))
        #expect(abs(abs(end.yaw - first.yaw) - 0.06) < 2e-3)
        options.attention = 5
        package.manifest.options = options
        #expect(throws: EngineError.self) { try ErnerfPersona(package, path: "x") }
    }

    @Test(.enabled(if: Fixture.isThere, "\(Fixture.skip)")) func thePlainRendererDrawsTheOriginalsPicture() throws {
        let weights = try Fixture.weights("head_ngp.pth"), arrays = try Fixture.arrays("render_head")
        let configuration = try FieldConfiguration(checking: weights, path: "head_ngp.pth")
        let layout = ParameterLayout(configuration.headShapes)
        let block = layout.block(from: weights.tensors)
        let pose = try #require(arrays["pose_dataset"]).values, intrinsics = try #require(arrays["intrinsics"]).values
        let camera = RayCamera(cameraToWorld: (0..<4).map { r in SIMD4((0..<4).map { pose[4 * r + $0] }) }, focal: SIMD2(intrinsics[0], intrinsics[1]),
                               center: SIMD2(intrinsics[2], intrinsics[3]), width: 32, height: 32)
        let window = try #require(arrays["audio_window"]).values, eye = try #require(arrays["eye"]).values[0]
        let audio = AudioNetwork(layout: layout, channels: 29)
        let code = audio.forward(block, (0..<8).map { Array(window[($0 * 464)..<(($0 + 1) * 464)]) }, steps: 16).code
        let identity = Array(block[layout.offset("individual_codes")..<layout.offset("individual_codes") + 4])
        let field = PlainField(.planes(levels: 12), layout: layout, block: block, audioWidth: 32)
        let picture = PlainRenderer(field, bits: weights.occupancy).draw(camera, FieldConditions(audio: code, eye: eye, identity: identity), budget: ComputeBudget(threads: 2))
        let expected = try #require(arrays["image"]).values, background = try #require(arrays["bg_color"]).values
        var off = 0
        for i in 0..<1024 {
            let p = picture.pixels.pointer + 4 * i
            for c in 0..<3 where abs(min(max(p[c] + (1 - p[3]) * background[3 * i + c], 0), 1) - expected[3 * i + c]) > 3e-4 { off += 1 }
        }
        #expect(off < 16, "\(off) of 3072 values")
        let counts = try #require(arrays["sample_count"]).values
        #expect(zip(counts, picture.sampleCounts).filter { Int32($0) != $1 }.count < 6)
    }
}

@Suite struct RadNerfParity {
    static func checkpoint(seesEyes: Bool) -> MadeCheckpoint {
        var speech = SpeechShape(channels: 29, code: 64)
        speech.heard = 64
        let configuration = RadNerfConfiguration(speech: speech, identityCount: 3, identityWidth: 4, seesEyes: seesEyes, hasTorso: true, torsoIdentityCount: 3, torsoIdentityWidth: 8)
        var made = MadeCheckpoint(tensors: FormulaWeights.tensors(configuration.headShapes + configuration.torsoShapes))
        made.tensors["density_grid_torso"] = Tensor(shape: [16384], values: [Float](repeating: 1, count: 16384))
        return made
    }

    @Test(arguments: [true, false]) func theFieldAgrees(_ seesEyes: Bool) throws {
        let folder = try ScratchFolder()
        try Self.checkpoint(seesEyes: seesEyes).write(folder.file("rad.pth"))
        let (kind, weights) = try CheckpointImport.open(folder.file("rad.pth"))
        #expect(kind == .radnerf)
        let configuration = try RadNerfConfiguration(checking: weights, path: "rad.pth")
        #expect(configuration.seesEyes == seesEyes && configuration.speech.code == 64)
        let layout = ParameterLayout(configuration.headShapes)
        let block = layout.block(from: weights.tensors), vectors = try FormulaWeights.vectors(), name = seesEyes ? "rad" : "rad_noeye"
        func array(_ name: String) throws -> [Float] { try #require(vectors[name]).values }
        let code = try AudioNetwork(layout: layout, channels: 29).codes(of: FormulaWeights.features(29), block, name: "x")[3]
        #expect(largestDifference(code, try array(name + "_code")) < 1e-5)
        let at = layout.offset("individual_codes") + 4
        let (sigma, rgb) = ImportOptions.plain(.solid, layout, block, 64, try array("points"), try array("directions"),
                                               FieldConditions(audio: code, eye: 0.21, identity: Array(block[at..<at + 4])))
        #expect(largestDifference(sigma.map { log($0) }, try array(name + "_logsigma")) < 5e-4)
        #expect(largestDifference(rgb, try array(name + "_rgb")) < 5e-4)
    }

    @Test func theTorsoAgrees() throws {
        let weights = Self.checkpoint(seesEyes: true).tensors
        let configuration = try RadNerfConfiguration(checking: FieldWeights(tensors: weights, occupancy: [UInt8](repeating: 0, count: OccupancyGrid.cellCount / 8)), path: "x")
        let layout = ParameterLayout(configuration.torsoShapes), vectors = try FormulaWeights.vectors()
        let block = layout.block(from: weights), at = layout.offset("individual_codes_torso")
        let identity = Array(block[at..<at + 8])
        let torso = RadTorso(layout: layout, block: block, identity: identity, occupancy: TorsoOccupancy(values: [Float](repeating: 1, count: 16384), threshold: 0))
        // The working pose back to the data set's: rows permuted, two columns turned about, a scale of four.
        let q = try #require(vectors["torso_pose"]).values
        func row(_ r: Int) -> SIMD4<Float> { SIMD4(q[4 * r], -q[4 * r + 1], -q[4 * r + 2], q[4 * r + 3] / 4) }
        let camera = RayCamera(cameraToWorld: [row(2), row(0), row(1), SIMD4(0, 0, 0, 1)], focal: SIMD2(100, 100), center: SIMD2(8, 8), width: 16, height: 16)
        let query = try #require(vectors["torso_query"]).values, expected = try #require(vectors["torso_rgba"]).values
        let found = torso.evaluate((0..<30).map { [query[2 * $0], query[2 * $0 + 1]] }, RadTorso.poseCode(camera) + identity)
        var differences = (0..<30).flatMap { i in (0..<4).map { abs(found[i][$0] - expected[4 * i + $0]) } }
        differences.sort()
        #expect(differences[differences.count - 4] < 5e-4 && differences[differences.count - 1] < 5e-3, "\(differences.suffix(6))")
    }

    @Test func anImportedPersonaDraws() throws {
        let folder = try ScratchFolder(), footage = BallFootage()
        var made = Self.checkpoint(seesEyes: true)
        var speech = SpeechShape(channels: 4, code: 64)
        speech.heard = 64
        let configuration = RadNerfConfiguration(speech: speech, identityCount: 3, identityWidth: 4, seesEyes: true, hasTorso: true, torsoIdentityCount: 3, torsoIdentityWidth: 8)
        for (key, shape) in configuration.headShapes where key.hasPrefix("audio") { made.tensors[key] = FormulaWeights.tensor(key, shape) }
        try made.write(folder.file("rad.pth"))
        let package = try PersonaAssembler.assemble(radNerf: CheckpointImport.open(folder.file("rad.pth")).weights, options: .radNerf, footage: footage, origin: AdNerfTraining.origin("rad"))
        try package.write(to: folder.file("rad.persona"))
        let persona = try PersonaOpening.open(PersonaPackage.read(folder.file("rad.persona")), path: "rad.persona")
        let code = try persona.audioCodes(for: footage.features)[3]
        var small = package
        (small.manifest.facts.width, small.manifest.facts.height, small.manifest.focal, small.manifest.center, small.background) = (16, 16, 80, [8, 8], [])
        let engine = try RadnerfPersona(small, path: "rad.persona")
        func frame(_ closure: Float, threads: Int) throws -> [Float] {
            let picture = try engine.render(ActorConditions(pose: .neutral, eyeClosure: closure, audioCode: code), budget: ComputeBudget(threads: threads))
            return picture.withPixels { p in (0..<4 * 256).map { p[$0] } }
        }
        let open = try frame(0, threads: 1)
        #expect(try frame(0, threads: 3) == open)
        #expect(try frame(1, threads: 1) != open)
        // The whole cube is said to be occupied and densities are near one: half transparent everywhere, the torso behind.
        #expect(open.allSatisfy { $0 >= 0 && $0 <= 1 } && (open.max() ?? 0) > 0.3)
        #expect(throws: EngineError.self) { try engine.render(ActorConditions(pose: .neutral, eyeClosure: 0, audioCode: []), budget: .single) }
    }
}
