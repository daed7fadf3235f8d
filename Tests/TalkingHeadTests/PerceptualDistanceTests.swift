// The patch losses: their gradients against differences, and what they find worse than what.
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

    @Test func drawnGradient() throws { try check { PerceptualDistance.drawn.distance($0, $1, height: 32, width: 40) } }

    /// A dark stroke between two light ones on skin, slanted, moved to the right by some pixels: [3, 48, 48].
    func mouth(moved: Float = 0) -> [Float] {
        let tints: [Float] = [1, 0.75, 0.6]
        return (0..<3 * 48 * 48).map { n in
            let (c, y, x) = (n / (48 * 48), n / 48 % 48, n % 48)
            let away = Float(y) - 24 - 0.15 * (Float(x) - moved - 24)
            let value: Float = abs(away) < 3 ? 0.15 : abs(away) < 7 ? 0.8 + 0.1 * sin(1.3 * (Float(x) - moved)) : 0.55
            return value * tints[c]
        }
    }

    /// Means of 3 × 3, twice.
    func blurred(_ patch: [Float]) -> [Float] {
        var result = patch
        for _ in 0..<2 {
            let before = result
            for n in result.indices {
                let (c, y, x) = (n / (48 * 48), n / 48 % 48, n % 48)
                var sum: Float = 0
                for dy in -1...1 { for dx in -1...1 { sum += before[(c * 48 + min(max(y + dy, 0), 47)) * 48 + min(max(x + dx, 0), 47)] } }
                result[n] = sum / 9
            }
        }
        return result
    }

    func drawn(_ a: [Float], _ b: [Float]) -> Float { PerceptualDistance.drawn.distance(a, b, height: 48, width: 48).value }

    @Test func `a patch is like itself to drawn filters, and nothing pulls at it`() {
        let result = PerceptualDistance.drawn.distance(mouth(), mouth(), height: 48, width: 48)
        #expect(result.value == 0)
        #expect(result.gradient.allSatisfy { $0 == 0 })
    }

    @Test func `drawn filters find a blurred mouth worse than one that is moved by a little; squares do not`() {
        let truth = mouth(), moved = mouth(moved: 2), soft = blurred(truth)
        func squares(_ a: [Float]) -> Float { zip(a, truth).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        #expect(drawn(soft, truth) > 1.5 * drawn(moved, truth), "\(drawn(soft, truth)) and \(drawn(moved, truth))")
        #expect(squares(soft) < squares(moved))
        #expect(drawn(blurred(soft), truth) > drawn(soft, truth))
    }

    @Test func `a step against the gradient makes a blurred mouth sharper`() {
        let truth = mouth(), soft = blurred(truth)
        func edges(_ a: [Float]) -> Float { (0..<3 * 48 * 48 - 1).reduce(Float(0)) { $1 % 48 == 47 ? $0 : $0 + abs(a[$1 + 1] - a[$1]) } }
        let gradient = PerceptualDistance.drawn.distance(soft, truth, height: 48, width: 48).gradient
        let length = gradient.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        let stepped = zip(soft, gradient).map { $0 - 0.25 * $1 / length }
        #expect(drawn(stepped, truth) < drawn(soft, truth))
        #expect(edges(stepped) > edges(soft), "\(edges(stepped)) after \(edges(soft)); the truth has \(edges(truth))")
    }

    @Test func `drawn filters say the same bits on any thread`() async {
        let a = mouth(moved: 0.5), b = mouth()
        let here = PerceptualDistance.drawn.distance(a, b, height: 48, width: 48)
        let there = await withTaskGroup(of: [Float].self) { group in
            for _ in 0..<4 { group.addTask { PerceptualDistance.drawn.distance(a, b, height: 48, width: 48).gradient } }
            return await group.reduce(into: [[Float]]()) { $0.append($1) }
        }
        for gradient in there { #expect(gradient == here.gradient) }
    }

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
