// The head's network against the original's: values, audio codes and gradients.
import Base
import Foundation
import Kernels
import Tensors
import Testing
@testable import TalkingHead

@Suite(.enabled(if: Fixture.isThere, "shared/fixtures/ernerf is missing")) struct HeadParity {
    struct Setup {
        let layout: ParameterLayout
        let network: HeadNetwork
        let block: [Float]
        let configuration: FieldConfiguration
        init() throws {
            let weights = try Fixture.weights("head_ngp.pth")
            configuration = try FieldConfiguration(checking: weights, path: "head_ngp.pth")
            layout = ParameterLayout(configuration.headShapes)
            block = layout.block(from: weights.tensors)
            network = HeadNetwork(layout: layout)
        }
    }

    struct Values {
        var sigma: [Float] = [], rgb: [Float] = [], ambient: [Float] = [], uncertainty: [Float] = []
        /// Position codes, 36 a point.
        var code: [Float] = []
        /// The last tile.
        var tile: [Float] = []
    }

    /// Runs the network over the first points of `points.npz`, tile by tile.
    func run(_ setup: Setup, audio: [Float], eye: Float, _ p: [String: Tensor], n: Int) throws -> Values {
        let points = try #require(p["points"]), dirs = try #require(p["dirs"]), code = try #require(p["ind_code"])
        let parameters = Fixture.buffer(setup.block)
        setup.network.pack(parameters.pointer, training: true)
        let columns = (0..<3).map { Fixture.column(points, $0, width: 3) } + (0..<3).map { Fixture.column(dirs, $0, width: 3) }
        let input = Buffer<Float>(count: 6 * tileWidth), tile = Buffer<Float>(count: HeadNetwork.tileFloats), outputs = Buffer<Float>(count: 7 * tileWidth)
        let q = input.pointer, o = outputs.pointer
        let out = HeadOutputs(sigma: o, color: o + tileWidth, ambientAudio: o + 4 * tileWidth, ambientEye: o + 5 * tileWidth, uncertainty: o + 6 * tileWidth)
        var values = Values()
        for start in stride(from: 0, to: n, by: tileWidth) {
            let count = min(tileWidth, n - start)
            for (k, c) in columns.enumerated() { for i in 0..<count { q[k * tileWidth + i] = c[start + i] } }
            setup.network.forward(parameters.pointer, HeadConditions(audio: audio, eye: eye, identity: code.values), x: q, y: q + tileWidth, z: q + 2 * tileWidth,
                                  dx: q + 3 * tileWidth, dy: q + 4 * tileWidth, dz: q + 5 * tileWidth, count: count, tile: tile.pointer, out: out, uncertainty: true)
            func row(_ k: Int) -> [Float] { (0..<count).map { o[k * tileWidth + $0] } }
            values.sigma += row(0)
            values.ambient += row(4)
            values.uncertainty += row(6)
            for i in 0..<count {
                values.rgb += (1...3).map { o[$0 * tileWidth + i] }
                values.code += (0..<36).map { tile.pointer[$0 * tileWidth + i] }
            }
        }
        values.tile = Array(tile.elements)
        return values
    }

    /// The folded network is the same function.
    @Test(arguments: [Float(0), 0.37, 1]) func foldingChangesNothing(_ eye: Float) throws {
        let setup = try Setup()
        let p = try Fixture.arrays("points")
        let audio = try #require(p["enc_a"]).values, identity = try #require(p["ind_code"]).values, n = 60
        let plain = try run(setup, audio: audio, eye: eye, p, n: n)
        let parameters = Fixture.buffer(setup.block)
        let folded = FoldedHead(setup.network, parameters.pointer, HeadConditions(audio: audio, eye: eye, identity: identity))
        let points = try #require(p["points"]), dirs = try #require(p["dirs"])
        let input = Buffer<Float>(count: 3 * tileWidth), scratch = Buffer<Float>(count: FoldedHead.densityFloats + FoldedHead.colorFloats)
        let logits = Buffer<Float>(count: tileWidth)
        for k in 0..<3 { for (i, v) in Fixture.column(points, k, width: 3).prefix(n).enumerated() { input.pointer[k * tileWidth + i] = v } }
        let q = input.pointer, color = scratch.pointer + FoldedHead.densityFloats
        folded.density(x: q, y: q + tileWidth, z: q + 2 * tileWidth, count: n, tile: scratch.pointer, hidden: color, out: logits.pointer)
        for k in 0..<3 { for (i, v) in Fixture.column(dirs, k, width: 3).prefix(n).enumerated() { color[(64 + k) * tileWidth + i] = v } }
        let rgb = folded.color(color, count: n)
        for i in 0..<n {
            let sigma = Foundation.exp(logits.pointer[i])
            #expect(abs(sigma - plain.sigma[i]) <= 1e-4 * max(plain.sigma[i], 1e-3))
            for c in 0..<3 { #expect(abs(rgb[c * tileWidth + i] - plain.rgb[3 * i + c]) < 1e-5) }
        }
    }

    @Test func valuesAtPoints() throws {
        let setup = try Setup()
        let p = try Fixture.arrays("points")
        let result = try run(setup, audio: try #require(p["enc_a"]).values, eye: 0.37, p, n: 104)
        let encoded = try #require(p["enc_x"]).values
        #expect(largestDifference(result.code, encoded) < 2e-5)
        let expected = try #require(p["sigma"]).values
        let relative = zip(result.sigma, expected).map { abs($0 - $1) / max($1, 1e-3) }.max() ?? 1
        #expect(relative < 1e-3)
        #expect(largestDifference(result.rgb, try #require(p["rgb"]).values) < 1e-4)
        #expect(largestDifference(result.ambient, try #require(p["ambient_aud"]).values) < 1e-3)
        #expect(largestDifference(result.uncertainty, try #require(p["uncertainty"]).values) < 1e-3)
        let silent = try run(setup, audio: [Float](repeating: 0, count: 32), eye: 0, p, n: 104)
        #expect(largestDifference(silent.rgb, try #require(p["rgb_silent"]).values) < 1e-4)
    }

    @Test func audioCodes() throws {
        let setup = try Setup()
        let a = try Fixture.arrays("audio")
        let features = try #require(a["features"]), index = try #require(a["index"]), expected = try #require(a["enc_a"])
        let audio = AudioNetwork(layout: setup.layout, channels: 29)
        let rows = (0..<12).map { n -> [Float] in
            var row = [Float](repeating: 0, count: 16 * 29)
            for s in 0..<16 { for c in 0..<29 { row[c * 16 + s] = features.values[(n * 16 + s) * 29 + c] } }
            return row
        }
        let parameters = Fixture.buffer(setup.block)
        for (k, frame) in index.values.enumerated() {
            let trace = audio.forward(parameters.pointer, audioWindow(rows, at: Int(frame), width: 16 * 29), steps: 16)
            #expect(largestDifference(trace.code, Array(expected.values[(32 * k)..<(32 * k + 32)])) < 1e-5)
        }
    }

    @Test func gradients() throws {
        let setup = try Setup()
        let p = try Fixture.arrays("points"), g = try Fixture.arrays("grads"), a = try Fixture.arrays("audio")
        let n = 48
        let features = try #require(a["features"])
        let rows = (0..<12).map { r -> [Float] in
            var row = [Float](repeating: 0, count: 16 * 29)
            for s in 0..<16 { for c in 0..<29 { row[c * 16 + s] = features.values[(r * 16 + s) * 29 + c] } }
            return row
        }
        let audio = AudioNetwork(layout: setup.layout, channels: 29)
        let parameters = Fixture.buffer(setup.block)
        let trace = audio.forward(parameters.pointer, audioWindow(rows, at: 6, width: 16 * 29), steps: 16)
        let result = try run(setup, audio: trace.code, eye: 0.37, p, n: n)
        let points = try #require(p["points"]), code = try #require(p["ind_code"])
        let gradient = Buffer<Float>(count: setup.layout.total), tile = Fixture.buffer(result.tile)
        let scratch = Buffer<Float>(count: HeadNetwork.gradientFloats)
        let values = Buffer<Float>(count: 7 * tileWidth), up = Buffer<Float>(count: 7 * tileWidth)
        let (v, u) = (values.pointer, up.pointer)
        let weights = try ["w_logsigma", "w_rgb", "w_aud", "w_eye", "w_unc"].map { try #require(g[$0]).values }
        let eyes = (0..<n).map { 1 / (1 + Foundation.exp(-result.tile[HeadRow.eyeLogit * tileWidth + $0])) }
        for i in 0..<n {
            v[i] = result.sigma[i]
            for c in 0..<3 { v[(1 + c) * tileWidth + i] = result.rgb[3 * i + c]; u[(1 + c) * tileWidth + i] = weights[1][3 * i + c] }
            v[4 * tileWidth + i] = result.ambient[i]
            v[5 * tileWidth + i] = eyes[i]
            v[6 * tileWidth + i] = result.uncertainty[i]
            u[i] = weights[0][i] / result.sigma[i]
            u[4 * tileWidth + i] = weights[2][i]
            u[5 * tileWidth + i] = weights[3][i]
            u[6 * tileWidth + i] = weights[4][i]
        }
        func outputs(_ o: UnsafeMutablePointer<Float>) -> HeadOutputs {
            HeadOutputs(sigma: o, color: o + tileWidth, ambientAudio: o + 4 * tileWidth, ambientEye: o + 5 * tileWidth, uncertainty: o + 6 * tileWidth)
        }
        let packed = Buffer<Float>(count: setup.network.gradientCount)
        let dAudio = Buffer<Float>(count: 32), dIdentity = Buffer<Float>(count: 4)
        setup.network.backward(HeadConditions(audio: trace.code, eye: 0.37, identity: code.values), count: n, tile: tile.pointer, out: outputs(v), outGradient: outputs(u),
                               gradient: scratch.pointer, weights: packed.pointer, audio: dAudio.pointer, identity: dIdentity.pointer, uncertainty: true)
        setup.network.unpack(packed.pointer, into: gradient.pointer)
        let axes = [(0, 1), (1, 2), (0, 2)]
        let columns = (0..<3).map { Fixture.buffer(Array(Fixture.column(points, $0, width: 3).prefix(n))).take() }
        defer { columns.forEach { $0.deallocate() } }
        for plane in 0..<3 {
            for level in 0..<12 {
                setup.network.encoder.scatter(level: level, columns[axes[plane].0], columns[axes[plane].1], count: n, scratch.pointer + (plane * 12 + level) * tileWidth,
                                              dyStride: tileWidth, into: gradient.pointer + setup.network.tables[plane])
            }
        }
        audio.backward(parameters.pointer, trace, Array(dAudio.elements), gradient.pointer)
        var checked = 0
        for slot in setup.layout.slots {
            guard let expected = g["grad/" + slot.key] else { continue }
            if slot.key == "individual_codes" {
                #expect(largestDifference(Array(dIdentity.elements), Array(expected.values.prefix(4))) < 1e-3 * (expected.values.map(abs).max() ?? 1))
                continue
            }
            let own = (0..<slot.count).map { gradient.pointer[slot.offset + $0] }
            let scale = expected.values.map(abs).max() ?? 0
            let worst = largestDifference(own, expected.values)
            #expect(worst <= 1e-3 * scale + 1e-7, "\(slot.key): \(worst) of \(scale)")
            checked += 1
        }
        #expect(checked > 25)
    }
}

extension Buffer where Element == Float {
    /// A copy that the caller frees.
    consuming func take() -> UnsafeMutablePointer<Float> {
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: count)
        copy.update(from: pointer, count: count)
        return copy
    }
}

/// The training's compositor and loss against the original's numbers.
@Suite(.enabled(if: Fixture.isThere, "shared/fixtures/ernerf is missing")) struct TrainingParity {
    /// Arrays as the compositor wants them.
    final class Samples {
        let buffer = Buffer<Float>(count: 7 * 256)
        func rows() -> RaySamples {
            let p = buffer.pointer
            return RaySamples(sigma: p, red: p + 256, green: p + 512, blue: p + 768, ambientAudio: p + 1024, ambientEye: p + 1280, uncertainty: p + 1536)
        }
    }

    @Test func compositing() throws {
        let c = try Fixture.arrays("composite_train")
        func array(_ name: String) throws -> [Float] { try #require(c[name], "\(name)").values }
        let sigma = try array("sigmas"), rgb = try array("rgbs"), audio = try array("amb_aud"), eye = try array("amb_eye"), unc = try array("uncertainty")
        let deltas = try array("deltas"), counts = try array("counts"), offsets = try array("offsets")
        let gW = try array("g_weights_sum"), gA = try array("g_amb_aud"), gE = try array("g_amb_eye"), gU = try array("g_unc"), gI = try array("g_image")
        let opacities = try array("weights_sum"), images = try array("image"), uncs = try array("unc_sum"), audios = try array("amb_aud_sum"), used = try array("n_used")
        let dSigma = try array("grad_sigmas"), dRGB = try array("grad_rgbs"), dAudio = try array("grad_amb_aud"), dEye = try array("grad_amb_eye"), dUnc = try array("grad_unc")
        for ray in counts.indices {
            let n = Int(counts[ray]), first = Int(offsets[ray])
            guard n > 0 else { continue }
            let step = deltas[2 * first]
            let own = Samples(), gradients = Samples()
            let s = own.rows(), d = gradients.rows()
            for i in 0..<n {
                let k = first + i
                #expect(deltas[2 * k] == step)
                (s.sigma[i], s.red[i], s.green[i], s.blue[i]) = (sigma[k], rgb[3 * k], rgb[3 * k + 1], rgb[3 * k + 2])
                (s.ambientAudio[i], s.ambientEye[i], s.uncertainty[i]) = (audio[k], eye[k], unc[k])
            }
            let sums = Compositor.composite(s, count: n, step: step)
            #expect(sums.used == Int(used[ray]) && abs(sums.opacity - opacities[ray]) < 1e-5 && abs(sums.uncertainty - uncs[ray]) < 1e-4)
            #expect(abs(sums.ambientAudio - audios[ray]) < 1e-3 * max(1, audios[ray]))
            for k in 0..<3 { #expect(abs(sums.color[k] - images[3 * ray + k]) < 1e-5) }
            Compositor.backward(s, count: n, step: step, sums: sums, color: SIMD3(gI[3 * ray], gI[3 * ray + 1], gI[3 * ray + 2]), opacity: gW[ray], ambientAudio: gA[ray],
                                ambientEye: gE[ray], uncertainty: gU[ray], into: d)
            for i in 0..<n {
                let k = first + i
                #expect(abs(d.sigma[i] - dSigma[k]) < 1e-5 + 1e-3 * abs(dSigma[k]), "ray \(ray), sample \(i)")
                #expect(abs(d.red[i] - dRGB[3 * k]) < 1e-5 && abs(d.green[i] - dRGB[3 * k + 1]) < 1e-5 && abs(d.blue[i] - dRGB[3 * k + 2]) < 1e-5)
                #expect(abs(d.ambientAudio[i] - dAudio[k]) < 1e-5 && abs(d.ambientEye[i] - dEye[k]) < 1e-5 && abs(d.uncertainty[i] - dUnc[k]) < 1e-5)
            }
            withExtendedLifetime((own, gradients)) {}
        }
    }

    /// A further gradient by the weights agrees with differences.
    @Test func gradientThroughWeights() {
        let n = 6
        let own = Samples(), gradients = Samples(), towards = Buffer<Float>(count: 16), depths = Buffer<Float>(count: 16)
        let s = own.rows(), d = gradients.rows()
        for i in 0..<n {
            s.sigma[i] = Float(3 + 5 * ((i * 7) % 4))
            depths.pointer[i] = Float(i) * 0.03
        }
        func value() -> Float {
            let sums = Compositor.composite(s, count: n, step: marchStep)
            return HeadLoss.spread(s, depths: depths.pointer, count: sums.used, scale: 1, towards: towards.pointer)
        }
        _ = value()
        let sums = Compositor.composite(s, count: n, step: marchStep)
        Compositor.backward(s, count: n, step: marchStep, sums: sums, color: .zero, opacity: 0, weights: towards.pointer, ambientAudio: 0, ambientEye: 0, uncertainty: 0, into: d)
        for i in 0..<n {
            let slope = d.sigma[i], kept = s.sigma[i]
            s.sigma[i] = kept + 0.05
            let up = value()
            s.sigma[i] = kept - 0.05
            let down = value()
            s.sigma[i] = kept
            #expect(abs(slope - (up - down) / 0.1) < 2e-7 + 0.02 * abs(slope), "sample \(i): \(slope)")
        }
        withExtendedLifetime((own, gradients)) {}
    }

    @Test func lossOfTheFirstStage() throws {
        let l = try Fixture.arrays("losses")
        func array(_ name: String) throws -> [Float] { try #require(l[name], "\(name)").values }
        let predicted = try array("pred"), truth = try array("gt"), face = try array("face_mask"), u = try array("uncertainty")
        let audio = try array("ambient_aud"), eye = try array("ambient_eye"), opacity = try array("weights_sum")
        let steps = try array("global_steps"), expected = try array("loss_head"), iterations = try array("iters")[0]
        let mean = u.reduce(Float(0)) { $0 + Foundation.exp($1) } / Float(u.count)
        for (step, value) in zip(steps, expected) {
            let s = min(step / iterations, 1)
            var sum: Float = 0
            for i in u.indices {
                let error = SIMD3((0..<3).map { predicted[3 * i + $0] - truth[3 * i + $0] })
                var sums = RaySums()
                (sums.opacity, sums.uncertainty, sums.ambientAudio, sums.ambientEye) = (opacity[i], u[i], audio[i], eye[i])
                let weight = HeadLoss.colorWeight(uncertainty: u[i], mean: mean, s: s)
                sum += HeadLoss.gradients(error: error, ground: .zero, sums: sums, coverage: -1, isFace: face[i] != 0, weight: weight, s: s).value
            }
            #expect(abs(sum / Float(u.count) - value) < 1e-5 * max(1, value), "step \(step): \(sum / Float(u.count)) against \(value)")
        }
    }
}
