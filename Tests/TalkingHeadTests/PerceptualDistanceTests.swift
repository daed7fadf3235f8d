// Gradients of the patch losses against differences.
import Foundation
import Testing
import TestSupport
@testable import TalkingHead

@Suite struct PatchDistances {
    static let weights = SharedFolder.file("data/models/lpips_alexnet.safetensors")

    func patch(_ seed: Int, _ count: Int) -> [Float] { (0..<count).map { Float(($0 &* 7919 &+ seed &* 104_729) % 997) / 997 } }

    @Test(.enabled(if: weights != nil, "shared/data/models/lpips_alexnet.safetensors is missing"))
    func perceptualGradient() throws {
        let path = try #require(Self.weights)
        let net = try #require(try PerceptualDistance(path: path))
        try check { net.distance($0, $1, height: 32, width: 40) }
    }

    @Test func plainGradient() throws { try check { GradientDistance.distance($0, $1, height: 32, width: 40) } }

    @Test func noWeightsIsNotAnError() throws { #expect(try PerceptualDistance(path: "no such file") == nil) }

    /// Compares the gradient along a direction with a central difference.
    func check(_ distance: ([Float], [Float]) -> (value: Float, gradient: [Float])) throws {
        let count = 3 * 32 * 40
        let own = patch(1, count), target = patch(2, count), direction = patch(3, count).map { $0 - 0.5 }
        let gradient = distance(own, target).gradient
        let along = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0 * $1.1) }
        let h: Float = 2e-3
        let up = distance(zip(own, direction).map { $0 + h * $1 }, target).value, down = distance(zip(own, direction).map { $0 - h * $1 }, target).value
        let measured = Double(up - down) / Double(2 * h)
        #expect(abs(along - measured) < 0.03 * abs(measured) + 1e-5, "\(along) against \(measured)")
    }
}
