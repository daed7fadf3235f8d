// The published face networks through our interpreter, against numbers that LiteRT computed from the same input.
import Base
@testable import Faces
import Foundation
import Tensors
import Testing
import TestSupport

@Suite(.enabled(if: SharedFolder.file("data/models/face_landmarker.task") != nil, "the face models of the shared folder are not here"))
struct NetworkTests {
    static let vectors = SharedFolder.projectRoot + "/Tests/Vectors/faces/networks.npz"

    /// A soft oval on an uneven ground: the picture of `Tests/Vectors/faces/README.md`.
    private func picture(_ side: Int, scale: Double, shift: Double) -> [Float] {
        (0..<(3 * side * side)).map { i in
            let c = Double(i % 3), x = Double(i / 3 % side), y = Double(i / 3 / side), s = Double(side)
            let u = (x / s - 0.5) / 0.22, v = (y / s - 0.5) / 0.3
            let oval = 0.25 * exp(-(u * u + v * v)) * (1 - 0.2 * c)
            return Float((0.35 + oval + 0.1 * sin(x * 0.11 + c) * cos(y * 0.07)) * scale + shift)
        }
    }

    @Test func bothNetworksComputeWhatLiteRTComputes() throws {
        let models = try FaceModels(path: #require(SharedFolder.file("data/models/face_landmarker.task")))
        let expected = try NumpyArchive.read(Self.vectors)
        let cases: [(String, LiteNetwork, [Float])] = [
            ("detector", models.detector, picture(128, scale: 2, shift: -1)), ("mesh", models.mesh, picture(256, scale: 1, shift: 0)),
        ]
        for (name, network, input) in cases {
            let outputs = network.run(network.makeMemory()) { target in for k in input.indices { target[k] = input[k] } }
            for (k, output) in outputs.enumerated() where k < 2 {
                let wanted = try #require(expected["\(name)_\(k)"]).values
                #expect(wanted.count == output.count)
                let worst = zip(output, wanted).map { abs($0 - $1) }.max() ?? .infinity
                // Numbers reach 190; single rounding in another order of sums.
                #expect(worst < 2e-3, "\(name) \(k): \(worst)")
            }
        }
    }

    @Test func memoryThatIsUsedAgainGivesTheSameBits() throws {
        let models = try FaceModels(path: #require(SharedFolder.file("data/models/face_landmarker.task")))
        let memory = models.detector.makeMemory(), input = picture(128, scale: 2, shift: -1)
        func run(_ factor: Float) -> [[Float]] { models.detector.run(memory) { target in for k in input.indices { target[k] = input[k] * factor } } }
        let first = run(1)
        _ = run(0.3)
        #expect(run(1) == first)
    }
}
