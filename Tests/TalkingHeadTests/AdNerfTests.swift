// AD-NeRF against an independent implementation, and its gradients against differences.
import Base
import Engines
import Foundation
import Motion
import Tensors
import TestSupport
import Testing
@testable import TalkingHead

enum AdNerfVectors {
    static let folder = SharedFolder.projectRoot + "/Tests/Vectors/ad-nerf/"
    static func arrays() throws -> [String: Tensor] { try NumpyArchive.read(folder + "vectors.npz") }
    static func checkpoint() throws -> AdNerfImport.Result { try AdNerfImport.read(head: folder + "000010_head.tar", body: folder + "000010_body.tar") }

    static func matrix(_ t: Tensor, _ k: Int) -> Matrix4 { Matrix4(rows: (0..<4).map { r in SIMD4((0..<4).map { t.values[16 * k + 4 * r + $0] }) }) }

    /// The vectors' networks and camera.
    struct Setup {
        var result: AdNerfImport.Result
        var arrays: [String: Tensor]
        var layout: ParameterLayout, block: [Float], frame: AdNerfFrame
        func array(_ name: String) throws -> [Float] { try #require(arrays[name]).values }
        func camera(_ pose: Int) throws -> AdNerfCamera {
            let c = try array("camera")
            return AdNerfCamera(pose: matrix(try #require(arrays["poses"]), pose), focal: c[0], center: SIMD2(c[1], c[2]), width: Int(c[4]), height: Int(c[3]))
        }
        func renderer(_ part: String, _ signal: Int) -> AdNerfRenderer { AdNerfRenderer(layout: layout, block: block, part: part, frame: frame, signal: signal) }
    }
    static func setup() throws -> Setup {
        let (result, arrays) = (try checkpoint(), try arrays())
        let layout = ParameterLayout(result.configuration.headShapes + result.configuration.torsoShapes)
        let c = try #require(arrays["camera"]).values
        var frame = AdNerfFrame(sizes: result.configuration.sizes, audioChannels: 29, near: c[5], far: c[6], torsoPose: Array(try #require(arrays["poses"]).values[16..<32]))
        (frame.coarse, frame.draws) = (Int(c[7]), Int(c[8]))
        return Setup(result: result, arrays: arrays, layout: layout, block: layout.block(from: result.tensors), frame: frame)
    }
}

@Suite struct AdNerfParity {
    @Test func sizesComeFromTheTensors() throws {
        let configuration = try AdNerfVectors.checkpoint().configuration
        var expected = AdNerfSizes()
        (expected.width, expected.viewWidth) = (16, 8)
        #expect(configuration.sizes == expected)
        #expect(configuration.audioChannels == 29 && configuration.hasTorso)
    }

    @Test func thePublishedNetworkCostsWhatTheSpecificationSays() {
        let sizes = AdNerfSizes()
        #expect(sizes.multiplyAdds(signal: sizes.headSignal) == 593_408)
        // 661,636 with the feature layer that is never asked.
        let numbers = sizes.shapes("x", signal: sizes.headSignal).reduce(0) { $0 + $1.shape.reduce(1, *) }
        #expect(numbers + 256 * 256 + 256 == 661_636)
        let operations = sizes.operationsPerFrame(width: 450, height: 450, coarse: 64, draws: 128, hasTorso: true)
        #expect(operations > 1.2e14 && operations < 1.3e14)
    }

    @Test func audioCodesAgree() throws {
        let s = try AdNerfVectors.setup()
        let rows = try s.array("rows")
        let features = SpeechFeatures(rows: (0..<12).map { n in (0..<29).flatMap { c in (0..<16).map { rows[(n * 16 + $0) * 29 + c] } } }, channels: 29, steps: 16)
        let codes = try AudioNetwork(layout: s.layout, channels: 29).codes(of: features, s.block, name: "vectors")
        #expect(largestDifference(codes[5], try s.array("code")) < 1e-4)
    }

    @Test func rawOutputsAgree() throws {
        let s = try AdNerfVectors.setup()
        let network = AdNerfNetwork(layout: s.layout, prefix: "head.fine", sizes: s.frame.sizes, signal: 64)
        let points = try s.array("points"), directions = try s.array("directions"), code = try s.array("code")
        let tape = AdNerfTape(s.frame.sizes, capacity: 24, keeps: false)
        for i in 0..<24 {
            (tape.x.pointer[i], tape.y.pointer[i], tape.z.pointer[i]) = (points[3 * i], points[3 * i + 1], points[3 * i + 2])
            tape.rays.pointer[i] = Int32(i)
        }
        let codes = Buffer<Float>(count: 24 * s.frame.sizes.directionCode), biases = Buffer<Float>(count: 24 * s.frame.sizes.viewWidth)
        network.viewBiases(s.block, directions: (0..<24).map { SIMD3(directions[3 * $0], directions[3 * $0 + 1], directions[3 * $0 + 2]) }, codes: codes.pointer, into: biases.pointer)
        network.forward(s.block, biases: network.biases(s.block, signal: code), viewBiases: biases.pointer, tape: tape, count: 24)
        let density = try s.array("point_density"), color = try s.array("point_color")
        for i in 0..<24 {
            #expect(abs(tape.density.pointer[i] - density[i]) < 1e-4 * (1 + abs(density[i])), "point \(i)")
            for c in 0..<3 { #expect(abs(tape.color.pointer[3 * i + c] - color[3 * i + c]) < 1e-4 * (1 + abs(color[3 * i + c])), "point \(i)") }
        }
    }

    @Test func theHeadAgrees() throws {
        let s = try AdNerfVectors.setup()
        let picture = s.renderer("head", 64).render(try s.camera(0), signal: try s.array("code"), budget: .single)
        let background = try s.array("background"), expected = try s.array("head_fine"), last = try s.array("head_last")
        let errors = (0..<64).map { i in
            let color = (0..<3).map { abs(picture.colors[i][$0] + picture.last[i] * background[3 * i + $0] - expected[3 * i + $0]) }
            return max(color.max() ?? 0, abs(picture.last[i] - last[i]))
        }
        Self.agree(errors)
    }

    /// Pictures agree. Random weights make a field so rough that a rounding of a depth shows; at the reference's own depths it does not.
    private static func agree(_ errors: [Float]) {
        let sorted = errors.sorted(), mean = errors.reduce(0, +) / Float(errors.count)
        #expect(mean < 2e-4 && sorted[sorted.count - 1] < 5e-3, "mean \(mean), worst \(sorted.suffix(5))")
    }

    @Test func theFinePassAgreesAtTheReferencesDepths() throws {
        let s = try AdNerfVectors.setup()
        let camera = try s.camera(0), depths = try s.array("depths"), background = try s.array("background"), expected = try s.array("head_fine"), last = try s.array("head_last")
        let network = AdNerfNetwork(layout: s.layout, prefix: "head.fine", sizes: s.frame.sizes, signal: 64)
        let biases = network.biases(s.block, signal: try s.array("code"))
        let tape = AdNerfTape(s.frame.sizes, capacity: 40, keeps: false), codes = Buffer<Float>(count: s.frame.sizes.directionCode), view = Buffer<Float>(count: s.frame.sizes.viewWidth)
        var weights = [Float](repeating: 0, count: 40)
        for ray in 0..<64 {
            let d = camera.direction(ray / 8, ray % 8), length = (d * d).sum().squareRoot()
            let z = Array(depths[(40 * ray)..<(40 * ray + 40)])
            network.viewBiases(s.block, directions: [d / length], codes: codes.pointer, into: view.pointer)
            tape.place(camera.origin, [d], z, each: 40)
            network.forward(s.block, biases: biases, viewBiases: view.pointer, tape: tape, count: 40)
            let behind = SIMD3(background[3 * ray], background[3 * ray + 1], background[3 * ray + 2])
            let sum = RayIntegral(z, density: tape.density.pointer, rgb: tape.color.pointer, count: 40, length: length, background: behind, weights: &weights)
            for c in 0..<3 { #expect(abs(sum.color[c] - expected[3 * ray + c]) < 1e-4, "ray \(ray)") }
            #expect(abs(sum.last - last[ray]) < 1e-4, "ray \(ray)")
        }
    }

    @Test func depthsAgree() throws {
        let s = try AdNerfVectors.setup()
        let weights = try s.array("coarse_weights"), expected = try s.array("depths")
        var z = [Float](repeating: 0, count: 16), out = [Float](repeating: 0, count: 40), scratch = [Float](repeating: 0, count: 16)
        RayDepths.even(near: s.frame.near, far: s.frame.far, count: 16, random: nil, into: &z)
        var strays = 0
        for ray in 0..<64 {
            RayDepths.refined(z, weights: Array(weights[(16 * ray)..<(16 * ray + 16)]), coarse: 16, draws: 24, random: nil, into: &out, scratch: &scratch)
            if largestDifference(out, Array(expected[(40 * ray)..<(40 * ray + 40)])) > 1e-3 { strays += 1 }
        }
        #expect(strays <= 1)
    }

    @Test func theTorsoStandsBeforeTheHead() throws {
        let s = try AdNerfVectors.setup()
        let seen = try s.camera(0), code = try s.array("code"), background = try s.array("background")
        #expect(largestDifference(seen.poseSignal, try s.array("pose_signal")) < 1e-5)
        let head = s.renderer("head", 64).render(seen, signal: code, budget: .single)
        let torso = s.renderer("torso", 106).render(try s.camera(1), signal: code + seen.poseSignal, budget: .single)
        let expected = try s.array("final")
        Self.agree((0..<64).map { i in
            (0..<3).map { c in
                let behind = head.colors[i][c] + head.last[i] * background[3 * i + c]
                return abs(torso.colors[i][c] + torso.last[i] * behind - expected[3 * i + c])
            }.max() ?? 0
        })
    }

    @Test func codesOfPositionsKeepTheirDigits() {
        let x: [Float] = [0.41, -0.37, 0.999, 0, 1.2, -1.9, 3.3, 0.001], zero = [Float](repeating: 0, count: 8)
        var out = [Float](repeating: 0, count: 8 * 63)
        PositionCode.encode(x, zero, zero, count: 8, octaves: 10, into: &out, row: 63)
        for i in 0..<8 {
            for k in 0..<10 {
                let angle = Double(x[i]) * Double(1 << k)
                #expect(abs(Double(out[i * 63 + 3 + 6 * k]) - sin(angle)) < 5e-6, "sin 2^\(k) \(x[i])")
                #expect(abs(Double(out[i * 63 + 6 + 6 * k]) - cos(angle)) < 5e-6, "cos 2^\(k) \(x[i])")
            }
        }
    }
}

@Suite struct AdNerfLaws {
    private var sizes: AdNerfSizes {
        var s = AdNerfSizes()
        (s.depth, s.width, s.skips, s.viewDepth, s.viewWidth, s.positionOctaves, s.directionOctaves, s.audioWidth) = (4, 12, [1], 2, 8, 3, 2, 8)
        return s
    }

    @Test func gradientsOfTheNetworkMatchDifferences() throws {
        let sizes = sizes
        let layout = ParameterLayout(sizes.shapes("n", signal: 8))
        let random = SeededRandom(seed: 3)
        var block = FieldInitialisation.block(layout, seed: 5).map { $0 * 1.5 }
        let network = AdNerfNetwork(layout: layout, prefix: "n", sizes: sizes, signal: 8)
        let n = 10, rays = 2
        var signal = (0..<8).map { random.uniform(UInt64($0), -1, 1) }
        let tape = AdNerfTape(sizes, capacity: n, keeps: true)
        for i in 0..<n {
            tape.x.pointer[i] = random.uniform(UInt64(100 + i), -1, 1)
            tape.y.pointer[i] = random.uniform(UInt64(200 + i), -1, 1)
            tape.z.pointer[i] = random.uniform(UInt64(300 + i), -1, 1)
            tape.rays.pointer[i] = Int32(i / 5)
        }
        let directions = [SIMD3<Float>(0.6, 0, 0.8), SIMD3<Float>(0, -0.28, 0.96)]
        let wDensity = (0..<n).map { random.uniform(UInt64(400 + $0), -1, 1) }, wColor = (0..<3 * n).map { random.uniform(UInt64(500 + $0), -1, 1) }
        let codes = Buffer<Float>(count: rays * sizes.directionCode), view = Buffer<Float>(count: rays * sizes.viewWidth)
        func loss() -> Double {
            network.viewBiases(block, directions: directions, codes: codes.pointer, into: view.pointer)
            network.forward(block, biases: network.biases(block, signal: signal), viewBiases: view.pointer, tape: tape, count: n)
            return (0..<n).reduce(0) { $0 + Double(wDensity[$1] * tape.density.pointer[$1]) } + (0..<3 * n).reduce(0) { $0 + Double(wColor[$1] * tape.color.pointer[$1]) }
        }
        _ = loss()
        let gradient = Buffer<Float>(count: layout.total), signalGradient = Buffer<Float>(count: 8)
        network.backward(block, signal: signal, directions: codes.pointer, rays: rays, tape: tape, count: n, density: wDensity, color: wColor,
                         scratch: AdNerfScratch(sizes, capacity: n, rays: rays), gradient: gradient.pointer, signalGradient: signalGradient.pointer)
        let step: Float = 2e-3
        func check(_ analytic: Float, _ name: String, _ move: (Float) -> Void) {
            move(step)
            let up = loss()
            move(-2 * step)
            let down = loss()
            move(step)
            let difference = Float((up - down) / Double(2 * step))
            #expect(abs(difference - analytic) < 2e-2 * max(1, abs(difference)), "\(name): \(analytic), by differences \(difference)")
        }
        for slot in layout.slots {
            for k in 0..<min(6, slot.count) {
                let i = slot.offset + random.integer(UInt64(1000 + k), below: slot.count)
                check(gradient.pointer[i], "\(slot.key)[\(i - slot.offset)]") { block[i] += $0 }
            }
        }
        for i in 0..<8 { check(signalGradient.pointer[i], "signal[\(i)]") { signal[i] += $0 } }
    }

    @Test func gradientsOfTheIntegralMatchDifferences() {
        let random = SeededRandom(seed: 9)
        let count = 12
        let z = (0..<count).map { 0.5 + 0.05 * Float($0) + 0.02 * random.uniform(UInt64($0)) }
        var density = (0..<count).map { random.uniform(UInt64(50 + $0), -2, 9) }, rgb = (0..<3 * count).map { random.uniform(UInt64(100 + $0), -2, 2) }
        let background = SIMD3<Float>(0.2, 0.9, 0.4), g = SIMD3<Float>(0.7, -1.1, 0.4)
        var weights = [Float](repeating: 0, count: count)
        func value() -> Double {
            let sum = RayIntegral(z, density: density, rgb: rgb, count: count, length: 1.1, background: background, weights: &weights)
            return Double((sum.color * g).sum())
        }
        _ = value()
        #expect(abs(weights.reduce(0, +) - 1) < 1e-5)
        var dDensity = [Float](repeating: 0, count: count), dRgb = [Float](repeating: 0, count: 3 * count)
        let sum = RayIntegral(z, density: density, rgb: rgb, count: count, length: 1.1, background: background, weights: &weights)
        sum.backward(z, density: density, rgb: rgb, count: count, length: 1.1, background: background, weights: weights, gradient: g, density: &dDensity, rgb: &dRgb)
        func difference(_ move: (Float) -> Void) -> Float {
            move(1e-2)
            let up = value()
            move(-2e-2)
            let down = value()
            move(1e-2)
            return Float((up - down) / 2e-2)
        }
        for i in 0..<count where abs(density[i]) > 0.02 { #expect(abs(difference { density[i] += $0 } - dDensity[i]) < 2e-4, "density \(i)") }
        for i in 0..<3 * count { #expect(abs(difference { rgb[i] += $0 } - dRgb[i]) < 2e-4, "colour \(i)") }
        // The background has the last sample's place: nothing flows there.
        #expect(dDensity[count - 1] == 0 && dRgb[3 * count - 1] == 0)
    }

    @Test func jitteredDepthsStayInTheirCellsAndEndFar() {
        let random = SeededRandom(seed: 1)
        var even = [Float](repeating: 0, count: 20), moved = even, all = [Float](repeating: 0, count: 50), scratch = even
        RayDepths.even(near: 0.5, far: 1.1, count: 20, random: nil, into: &even)
        RayDepths.even(near: 0.5, far: 1.1, count: 20, random: { random.uniform(UInt64($0)) }, into: &moved)
        #expect(even[0] == 0.5 && even[19] == 1.1 && moved[19] == 1.1)
        for i in 1..<19 { #expect(moved[i] >= (even[i - 1] + even[i]) / 2 - 1e-6 && moved[i] <= (even[i] + even[i + 1]) / 2 + 1e-6) }
        // All weight in one place: the draws gather there.
        var weights = [Float](repeating: 0, count: 20)
        weights[7] = 1
        RayDepths.refined(even, weights: weights, coarse: 20, draws: 30, random: nil, into: &all, scratch: &scratch)
        #expect(all == all.sorted() && all[0] == 0.5 && all[49] == 1.1)
        let close = all.filter { $0 > (even[6] + even[7]) / 2 - 1e-5 && $0 < (even[7] + even[8]) / 2 + 1e-5 }.count
        #expect(close >= 28)
    }

    @Test func raysFallInTheirShares() throws {
        let rays = AdNerfRays(width: 60, height: 50)
        let window = PixelWindow(rows: 10..<40, columns: 20..<50, width: 60, height: 50), mouth = PixelWindow(rows: 30..<36, columns: 30..<40, width: 60, height: 50)
        let chosen = rays.draw(400, share: 0.95, within: window, mouth: mouth, mouthShare: 0.1, random: SeededRandom(seed: 4))
        #expect(chosen.count == 400 && Set(chosen).count == 400)
        #expect(chosen.filter { window.contains($0 / 60, $0 % 60) }.count == 380)
        #expect(chosen.filter { mouth.contains($0 / 60, $0 % 60) }.count == 38)
        // More rays than pixels are all pixels.
        #expect(Set(rays.draw(9000, share: 0.5, within: window, mouth: nil, mouthShare: 0, random: SeededRandom(seed: 4))).count == 3000)
        #expect(rays.transposed(window).rows == 20..<50)
    }
}
