// The network of the person mask: its operations against plain loops, the published file against LiteRT, hostile files.
import Base
@testable import Faces
import Foundation
import Imaging
import Media
import Tensors
import Testing
import TestSupport

/// Picture of 2 × 2 × 2 in, 8 × 8 out: hard swish, mean, product, enlargement, transposed convolution.
private enum SmallMaskNetwork {
    static let kernel: [Float] = (0..<8).map { Float(($0 * 5) % 7 - 3) * 0.25 }
    static let bias: Float = 0.125

    static func bytes(strides: Int32 = 2) -> [UInt8] {
        func raw(_ values: [Float]) -> [UInt8] { values.flatMap { v in (0..<4).map { UInt8(truncatingIfNeeded: v.bitPattern >> (8 * UInt32($0))) } } }
        let buffers: [[UInt8]] = [[], raw(kernel), raw([bias])]
        let tensors: [([Int32], Int32)] = [
            ([1, 2, 2, 2], 0), ([1, 2, 2, 2], 0), ([1, 1, 1, 2], 0), ([1, 2, 2, 2], 0), ([1, 4, 4, 2], 0), ([1, 2, 2, 2], 1), ([1], 2), ([1, 8, 8, 1], 0),
        ]
        let codes: [Flat] = [117, 1, 18, 23].map { .table([0: .byte($0)]) } + [.table([0: .byte(32), 1: .bytes(Array("Convolution2DTransposeBias".utf8))])]
        func step(_ code: Int32, _ inputs: [Int32], _ output: Int32, _ options: [Int: Flat]? = nil, custom: [UInt8]? = nil) -> Flat {
            var fields: [Int: Flat] = [0: .number(code), 1: .numbers(inputs), 2: .numbers([output])]
            if let options { fields[4] = .table(options) }
            if let custom { fields[5] = .bytes(custom) }
            return .table(fields)
        }
        let spread: [UInt8] = [1, strides, strides].flatMap { v in (0..<4).map { UInt8(truncatingIfNeeded: v >> (8 * $0)) } }
        let graph: [Int: Flat] = [
            0: .tables(tensors.map { .table([0: .numbers($0.0), 1: .byte(0), 2: .number($0.1)]) }), 1: .numbers([0]), 2: .numbers([7]),
            3: .tables([
                step(0, [0], 1), step(1, [1], 2, [0: .byte(1), 1: .number(2), 2: .number(2), 3: .number(2), 4: .number(2)]), step(2, [1, 2], 3, [0: .byte(0)]),
                step(3, [3], 4, [2: .byte(0), 3: .byte(1)]), step(4, [4, 5, 6], 7, custom: spread),
            ]),
        ]
        return Flat.file(.table([
            0: .number(3), 1: .tables(codes), 2: .tables([.table(graph)]), 4: .tables(buffers.map { $0.isEmpty ? .table([:]) : .table([0: .bytes($0)]) }),
        ]), identifier: "TFL3")
    }

    static func expected(_ input: [Float]) -> [Float] {
        let swish = input.map { (v: Float) -> Float in v * min(max(v + 3, 0), 6) / 6 }
        let means: [Float] = [0, 1].map { (c: Int) -> Float in (swish[c] + swish[2 + c] + swish[4 + c] + swish[6 + c]) / 4 }
        let product = swish.indices.map { (k: Int) -> Float in swish[k] * means[k % 2] }
        func at(_ y: Int, _ x: Int, _ c: Int) -> Float {
            let (row, column) = (min(max(y, 0), 1), min(max(x, 0), 1))
            return product[4 * row + 2 * column + c]
        }
        // Middles of the larger pixels lie at −¼, ¼, ¾, 1¼ of the smaller ones.
        func large(_ y: Int, _ x: Int, _ c: Int) -> Float {
            let (v, u) = (Float(y) / 2 - 0.25, Float(x) / 2 - 0.25), (j, i) = (Int(v.rounded(.down)), Int(u.rounded(.down)))
            let (a, b) = (v - Float(j), u - Float(i))
            let above: Float = at(j, i, c) * (1 - b) + at(j, i + 1, c) * b, below: Float = at(j + 1, i, c) * (1 - b) + at(j + 1, i + 1, c) * b
            return above * (1 - a) + below * a
        }
        return (0..<64).map { (n: Int) -> Float in
            let (y, x) = (n / 8, n % 8)
            let first = ((y % 2) * 2 + x % 2) * 2
            var sum = bias
            for c in 0..<2 { sum += large(y / 2, x / 2, c) * kernel[first + c] }
            return sum
        }
    }
}

@Suite struct MaskTests {
    @Test func `every operation of the mask computes what plain loops do`() throws {
        let network = try LiteNetwork(bytes: SmallMaskNetwork.bytes(), path: "mask.tflite")
        let input: [Float] = [-4, -1.5, 0.5, 1, 2, 3.5, -0.25, 5]
        let output = network.run(network.makeMemory()) { target in for k in 0..<8 { target[k] = input[k] } }[0]
        for (a, b) in zip(output, SmallMaskNetwork.expected(input)) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func `a file cut or changed anywhere is read or refused`() {
        let bytes = SmallMaskNetwork.bytes()
        for length in 0..<bytes.count { #expect(throws: CheckpointError.self) { _ = try LiteNetwork(bytes: Array(bytes[..<length]), path: "cut.tflite") } }
        var outcomes = (refused: 0, read: 0)
        for round in 0..<3000 {
            let random = SeededRandom(seed: 23, stream: UInt64(round))
            var changed = bytes
            for k in 0..<(1 + round % 3) { changed[random.integer(UInt64(2 * k), below: bytes.count)] = round % 2 == 0 ? 0xFF : UInt8(random.integer(UInt64(2 * k + 1), below: 256)) }
            do {
                let network = try LiteNetwork(bytes: changed, path: "changed.tflite")
                _ = network.run(network.makeMemory()) { $0.update(repeating: 0.5) }
                outcomes.read += 1
            } catch { outcomes.refused += 1 }
        }
        #expect(outcomes.refused > 300 && outcomes.read > 100, "\(outcomes)")
    }

    @Test func `filters that would lie on one another are refused with words`() {
        do {
            _ = try LiteNetwork(bytes: SmallMaskNetwork.bytes(strides: 1), path: "mask.tflite")
            Issue.record("it was read")
        } catch { #expect("\(error)".contains("lie on one another"), "\(error)") }
    }

    @Test(.enabled(if: SharedFolder.file("data/models/selfie_segmentation.tflite") != nil, "the person mask of the shared folder is not here"))
    func `the published mask computes what LiteRT computes`() throws {
        let model = try PersonMaskModel(path: #require(SharedFolder.file("data/models/selfie_segmentation.tflite")))
        let expected = try #require(NumpyArchive.read(SharedFolder.projectRoot + "/Tests/Vectors/faces/mask.npz")["mask"]).values
        let output = model.network.run(model.network.makeMemory()) { target in
            for i in 0..<(3 * 256 * 256) {
                let c = Double(i % 3), x = Double(i / 3 % 256), y = Double(i / 3 / 256)
                let u = (x / 256 - 0.5) / 0.22, v = (y / 256 - 0.5) / 0.3
                let oval = 0.25 * exp(-(u * u + v * v)) * (1 - 0.2 * c)
                target[i] = Float(0.35 + oval + 0.1 * sin(x * 0.11 + c) * cos(y * 0.07))
            }
        }[0]
        let worst = (0..<(64 * 64)).map { (i: Int) -> Float in
            let place = (i / 64) * 4 * 256 + (i % 64) * 4
            return abs(output[place] - expected[i])
        }.max() ?? .infinity
        #expect(worst < 2e-3, "\(worst)")
    }

    @Test(.enabled(if: SharedFolder.file("data/models/face_landmarker.task") != nil, "the face models of the shared folder are not here"))
    func `the geometry in a face model is the published face, and damaged ones are refused`() throws {
        let models = try FaceModels(path: #require(SharedFolder.file("data/models/face_landmarker.task")))
        let own = try #require(models.canonical), file = try CanonicalFace(objectFile: #require(SharedFolder.file("data/models/canonical_face_model.obj")))
        #expect(zip(own.vertices, file.vertices).allSatisfy { abs($0.x - $1.x) < 1e-4 && abs($0.y - $1.y) < 1e-4 && abs($0.z - $1.z) < 1e-4 })
        let path = models.path, archive = try ZipArchive(path: path, bytes: ByteReader.load(path))
        let bytes = try archive.contents(#require(archive.entry("geometry_pipeline_metadata_landmarks.binarypb")))
        // What stands behind the points may be cut off; the points may not.
        for length in stride(from: 0, to: 11_000, by: 97) { #expect(throws: CheckpointError.self) { _ = try CanonicalFace(message: Array(bytes[..<length]), path: "cut") } }
        for round in 0..<500 {
            let random = SeededRandom(seed: 3, stream: UInt64(round))
            var changed = bytes
            changed[random.integer(0, below: round % 2 == 0 ? 64 : bytes.count)] = UInt8(random.integer(1, below: 256))
            _ = try? CanonicalFace(message: changed, path: "changed")
        }
    }
}
