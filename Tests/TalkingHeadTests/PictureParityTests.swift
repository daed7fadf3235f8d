// Whole pictures against the original's: rays, marching rounds, head, torso; and the meaning of a head pose.
import Base
import Engines
import Foundation
import Imaging
import Motion
import Tensors
import Testing
@testable import TalkingHead

@Suite(.enabled(if: Fixture.isThere, "shared/fixtures/ernerf is missing")) struct PictureParity {
    struct Scene {
        let arrays: [String: Tensor]
        let camera: RayCamera
        let configuration: FieldConfiguration
        let layout: ParameterLayout
        let weights: FieldWeights
        let block: [Float]
        let conditions: HeadConditions

        init(_ checkpoint: String) throws {
            let a = try Fixture.arrays("render_head")
            arrays = a
            weights = try Fixture.weights(checkpoint)
            configuration = try FieldConfiguration(checking: weights, path: checkpoint)
            layout = ParameterLayout(configuration.headShapes)
            block = layout.block(from: weights.tensors)
            let pose = try #require(a["pose_dataset"]).values, k = try #require(a["intrinsics"]).values
            camera = RayCamera(cameraToWorld: (0..<4).map { SIMD4(pose[4 * $0], pose[4 * $0 + 1], pose[4 * $0 + 2], pose[4 * $0 + 3]) },
                               focal: SIMD2(k[0], k[1]), center: SIMD2(k[2], k[3]), width: 32, height: 32)
            let audio = AudioNetwork(layout: layout, channels: 29)
            let parameters = Fixture.buffer(block)
            let window = try #require(a["audio_window"]).values
            let rows = (0..<8).map { Array(window[($0 * 29 * 16)..<(($0 + 1) * 29 * 16)]) }
            let code = audio.forward(parameters.pointer, rows, steps: 16).code
            let identity = layout.offset("individual_codes")
            conditions = HeadConditions(audio: code, eye: try #require(a["eye"]).values[0], identity: Array(block[identity..<(identity + 4)]))
        }
        func array(_ name: String) throws -> [Float] { try #require(arrays[name], "\(name)").values }
        func head(threads: Int) -> HeadPicture {
            HeadRenderer(layout: layout, block: block, bits: weights.occupancy)
                .render(camera: camera, conditions: conditions, budget: ComputeBudget(threads: threads), counts: true)
        }
    }

    /// Images agree when 99.5 % of their values are within 2e-4 and the rest is close on average.
    func agree(_ own: [Float], _ expected: [Float], _ name: String) {
        #expect(own.count == expected.count, "\(name)")
        let differences = zip(own, expected).map { abs($0 - $1) }
        let far = differences.filter { $0 > 2e-4 }
        #expect(far.count * 200 <= differences.count, "\(name): \(far.count) of \(differences.count) values differ, at most \(differences.max() ?? 0)")
        #expect(far.reduce(0, +) <= 5e-3 * Float(max(far.count, 1)), "\(name)")
    }

    @Test func rays() throws {
        let s = try Scene("head_ngp.pth")
        let origins = try s.array("rays_o"), directions = try s.array("rays_d"), nears = try s.array("nears"), fars = try s.array("fars")
        for n in 0..<1024 {
            let d = s.camera.direction(n / 32, n % 32)
            let (near, far) = s.camera.nearFar(d)
            for k in 0..<3 {
                #expect(abs(d[k] - directions[3 * n + k]) < 1e-6)
                #expect(abs(s.camera.origin[k] - origins[3 * n + k]) < 1e-6)
            }
            #expect(abs(near - nears[n]) < 1e-5 && abs(far - fars[n]) < 1e-5, "ray \(n)")
        }
    }

    @Test func headWithItsRounds() throws {
        let s = try Scene("head_ngp.pth")
        let picture = s.head(threads: 2)
        let pixels = withExtendedLifetime(picture) { Array(picture.pixels.elements) }
        let weights = (0..<1024).map { pixels[4 * $0 + 3] }
        let rgb = (0..<1024).flatMap { Array(pixels[(4 * $0)..<(4 * $0 + 3)]) }
        agree(weights, try s.array("weights_sum"), "opacity")
        agree(rgb, try s.array("rgb_premultiplied"), "colour")
        let background = try s.array("bg_color")
        let image = (0..<3072).map { i -> Float in
            let value: Float = rgb[i] + (1 - weights[i / 3]) * background[i]
            return min(max(value, 0), 1)
        }
        agree(image, try s.array("image"), "picture")
        let counts = try s.array("sample_count")
        let wrong = zip(picture.sampleCounts, counts).filter { Float($0) != $1 }.count
        #expect(wrong <= 5, "\(wrong) rays took another number of samples")
        let rounds = try s.array("rounds")
        #expect(picture.rounds.count == 6)
        for (k, round) in picture.rounds.enumerated() where 3 * k + 2 < rounds.count {
            #expect(abs(Float(round.alive) - rounds[3 * k]) <= 5 && Float(round.steps) == rounds[3 * k + 1], "round \(k): \(round)")
            #expect(abs(Float(round.samples) - rounds[3 * k + 2]) <= 20, "round \(k): \(round)")
        }
    }

    @Test func threadsDoNotChangeThePicture() throws {
        let s = try Scene("head_ngp.pth")
        let one = s.head(threads: 1), three = s.head(threads: 3)
        let same = one.pixels.elements.elementsEqual(three.pixels.elements)
        withExtendedLifetime((one, three)) {}
        #expect(same)
    }

    @Test(arguments: [1, 3]) func raysOfTheirOwnDrawWhatRoundsDraw(_ threads: Int) throws {
        let s = try Scene("head_ngp.pth")
        let tiles = HeadRenderer(layout: s.layout, block: s.block, bits: s.weights.occupancy)
        let rounds = tiles.render(camera: s.camera, conditions: s.conditions, budget: .single)
        let conditions = FieldConditions(audio: s.conditions.audio, eye: s.conditions.eye, identity: s.conditions.identity)
        let own = ExactHead(tiles.folding, tiles.cells, bits: s.weights.occupancy).draw(s.camera, conditions, budget: ComputeBudget(threads: threads))
        let same = own.pixels.elements.elementsEqual(rounds.pixels.elements)
        withExtendedLifetime((own, rounds)) {}
        #expect(same)
        #expect(own.densities == rounds.densities && own.colors == rounds.colors && own.densities > 1000)
    }

    @Test func trainingMarcher() throws {
        let s = try Scene("head_ngp.pth")
        let m = try Fixture.arrays("march_train")
        let rays = try #require(m["ray_index"]).values, noise = try #require(m["noise"]).values, counts = try #require(m["counts"]).values
        let xyz = try #require(m["xyz"]).values, step = try #require(m["dt"]).values[0]
        #expect(abs(step - marchStep) < 1e-8)
        var mismatched = 0
        for (k, ray) in rays.enumerated() {
            let d = s.camera.direction(Int(ray) / 32, Int(ray) % 32)
            let (near, far) = s.camera.nearFar(d)
            var positions: [SIMD3<Float>] = []
            s.weights.occupancy.withUnsafeBufferPointer { bits in
                guard let base = bits.baseAddress else { return }
                march(base, origin: s.camera.origin, direction: d, from: near + marchStep * noise[k], far: far, limit: 16) { p, _ in positions.append(p) }
            }
            let expected = Int(counts[k])
            var worst: Float = 0
            for (i, p) in positions.prefix(expected).enumerated() {
                let at = (k * 16 + i) * 3
                let difference = p - SIMD3<Float>(xyz[at], xyz[at + 1], xyz[at + 2])
                worst = max(worst, abs(difference.max()), abs(difference.min()))
            }
            if positions.count != expected || worst > 2e-5 { mismatched += 1 }
        }
        // A rounding may move one point across the face of a cell.
        #expect(mismatched <= 1, "\(mismatched) of \(rays.count) rays")
    }

    @Test func torsoAndWholePicture() throws {
        let s = try Scene("torso_ngp.pth")
        let t = try Fixture.arrays("torso")
        func array(_ name: String) throws -> [Float] { try #require(t[name], "\(name)").values }
        #expect(s.configuration.hasTorso)
        let shapes = ParameterLayout(s.configuration.torsoShapes)
        let mean = try array("mean_density_torso")[0]
        #expect(abs(s.weights.meanDensityTorso - mean) < 1e-7)
        let grid = try #require(s.weights.tensors["density_grid_torso"])
        let torso = TorsoRenderer(layout: shapes, block: shapes.block(from: s.weights.tensors),
                                  occupancy: TorsoOccupancy(values: grid.values, threshold: min(0.01, mean)))
        #expect(largestDifference(Array(torso.constants(s.camera).prefix(42)), try array("enc_anchor")) < 1e-4)
        let body = torso.render(camera: s.camera, identity: 0, budget: ComputeBudget(threads: 2))
        let straight = withExtendedLifetime(body) { Array(body.pixels.elements) }
        agree((0..<1024).map { straight[4 * $0 + 3] }, try array("torso_alpha"), "torso alpha")
        let background = try s.array("bg_color")
        let over = (0..<3072).map { i in
            let a = straight[4 * (i / 3) + 3]
            return straight[4 * (i / 3) + i % 3] * a + background[i] * (1 - a)
        }
        agree(over, try array("torso_over_bg"), "torso over its background")
        let picture = s.head(threads: 2)
        let head = withExtendedLifetime(picture) { Array(picture.pixels.elements) }
        let image = (0..<3072).map { i -> Float in
            let pixel = 4 * (i / 3)
            let value: Float = head[pixel + i % 3] + (1 - head[pixel + 3]) * over[i]
            return min(max(value, 0), 1)
        }
        agree(image, try array("image"), "head over torso")
        let bytes = try array("image_u8")
        let off = zip(image, bytes).filter { abs(Float(UInt8($0 * 255)) - $1) > 1 }.count
        #expect(off <= 15, "\(off) bytes differ by more than one")
    }

    @Test func personaWritesReadsAndDraws() throws {
        let s = try Scene("torso_ngp.pth")
        let pose = try s.array("pose_dataset")
        let facts = PersonaFacts(name: "Fixture", engine: "er-nerf", audioKind: "deepspeech", width: 32, height: 32, framesPerSecond: 25, hasTorso: true, hasBackground: true,
                                 recordedFrames: 2, range: nil, identityCount: 64, licence: "none", consent: "no person is shown")
        let manifest = PersonaManifest(facts: facts, focal: 128, center: [16, 16], neutral: (0..<4).map { Array(pose[(4 * $0)..<(4 * $0 + 4)]) }, unitsPerCentimetre: 0.01,
                                       pivot: [0, 0, 0], recipe: "fixture")
        let persona = PersonaPackage(manifest: manifest, weights: s.weights, background: [UInt8](repeating: 90, count: 3072), recordedPoses: [pose, pose], recordedClosures: [0, 1])
        let folder = NSTemporaryDirectory() + "picture-parity-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let paths = [folder + "/one.persona", folder + "/two.persona"]
        for path in paths { try persona.write(to: path) }
        let files = FileManager.default
        for name in ["manifest.json", "weights.safetensors"] {
            #expect(files.contents(atPath: paths[0] + "/" + name) == files.contents(atPath: paths[1] + "/" + name), "\(name) is written the same twice")
        }
        let engine = try ErnerfPersona(path: paths[0])
        #expect(engine.facts == facts)
        #expect(engine.recordedPose(0).map { abs($0.yaw) < 1e-4 && abs($0.pitch) < 1e-4 } == true)
        #expect(engine.recordedClosure(1) == 1 && engine.recordedClosure(2) == 1 && engine.recordedClosure(3) == 0)
        let conditions = ActorConditions(pose: .neutral, eyeClosure: 0, audioCode: s.conditions.audio, identity: nil, torso: true)
        let one = try engine.render(conditions, budget: .single), two = try engine.render(conditions, budget: ComputeBudget(threads: 2))
        let same = one.withPixels { a in two.withPixels { b in a.elementsEqual(b) } }
        #expect(same)
        #expect(throws: EngineError.self) { try engine.render(ActorConditions(pose: .neutral, eyeClosure: 0, audioCode: [1], identity: nil, torso: true), budget: .single) }
        // A damaged package is one error, never a crash.
        let weightsPath = paths[1] + "/weights.safetensors"
        let whole = try #require(files.contents(atPath: weightsPath))
        for length in [0, 7, 8, 100, 5000, whole.count / 2, whole.count - 1] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: weightsPath))
            #expect(throws: EngineError.self, "cut to \(length) bytes") { try ErnerfPersona(path: paths[1]) }
        }
    }
}

@Suite struct PoseMeaning {
    /// A camera ten units in front of the head, looking along −z: data set axes are the viewer's.
    let conversion = PoseConversion(neutral: Matrix4(rows: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 10], [0, 0, 0, 1]]), unitsPerCentimetre: 0.1, pivot: SIMD3(0, 0, -1))

    /// Where a point of the head lands in the viewer's axes.
    func seen(_ point: SIMD3<Float>, _ pose: HeadPose) -> SIMD4<Float> {
        conversion.camera(for: pose).rigidInverse.transformed(SIMD4(point.x, point.y, point.z, 1))
    }
    let nose = SIMD3<Float>(0, 0, 1), crown = SIMD3<Float>(0, 1, -1)

    @Test func yawTurnsTheNoseToTheViewersRight() { #expect(seen(nose, HeadPose(yaw: 0.3)).x > seen(nose, .neutral).x + 0.1) }
    @Test func pitchLiftsTheNose() { #expect(seen(nose, HeadPose(pitch: 0.3)).y > seen(nose, .neutral).y + 0.1) }
    @Test func rollTiltsClockwise() { #expect(seen(crown, HeadPose(roll: 0.3)).x > seen(crown, .neutral).x + 0.1) }
    @Test func thePivotStays() {
        let moved = seen(conversion.pivot, HeadPose(yaw: 0.4, pitch: -0.2, roll: 0.1)), still = seen(conversion.pivot, .neutral)
        #expect(abs((moved - still).max()) < 1e-5 && abs((moved - still).min()) < 1e-5)
    }
    @Test func translationIsInTheViewersAxes() {
        let shift = seen(nose, HeadPose(translation: SIMD3(2, 3, 4))) - seen(nose, .neutral)
        #expect(abs(shift.x - 0.2) < 1e-5 && abs(shift.y - 0.3) < 1e-5 && abs(shift.z - 0.4) < 1e-5)
    }
    @Test func posesComeBackFromTheirCameras() {
        let pose = HeadPose(yaw: 0.3, pitch: -0.2, roll: 0.1, translation: SIMD3(1, -2, 3))
        let back = conversion.pose(of: conversion.camera(for: pose))
        #expect(abs(back.yaw - pose.yaw) < 1e-5 && abs(back.pitch - pose.pitch) < 1e-5 && abs(back.roll - pose.roll) < 1e-5)
        #expect(abs((back.translation - pose.translation).max()) < 1e-3 && abs((back.translation - pose.translation).min()) < 1e-3)
    }
}
