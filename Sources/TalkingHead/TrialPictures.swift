// Pictures that tell how far what was baked is from the network.
import Base
import Foundation

/// What pictures have to reach, in decibels: each of them, and all together.
struct PictureAim: Sendable {
    var each: Double, together: Double

    /// - Parameter errors: mean squares.
    func isReached(_ errors: [Double]) -> Bool {
        func decibels(_ error: Double) -> Double { -10 * log10(max(error, 1e-12)) }
        return decibels(errors.max() ?? 0) >= each && decibels(errors.reduce(0, +) / Double(max(errors.count, 1))) >= together
    }
}

/// Poses, sounds and eyes, and their pictures where every sample asks the network.
struct TrialPictures {
    private let list: [(camera: RayCamera, conditions: HeadConditions, asked: HeadPicture)]
    private let head: HeadRenderer, budget: ComputeBudget

    /// - Parameter asking: a field that asks the network everywhere: bricks then answer for their own errors only.
    init(_ trials: [(camera: RayCamera, conditions: HeadConditions)], head: HeadRenderer, asking: BakedField, _ budget: ComputeBudget) {
        (self.head, self.budget) = (head, budget)
        list = trials.map { ($0.camera, $0.conditions, head.render(camera: $0.camera, conditions: $0.conditions, baked: asking, sieve: 0, budget: budget)) }
    }

    /// Mean squares of what each picture shows wrong. Rays take as many samples as in the network's own picture: where rounds are about to grant one
    /// more, bricks are not what decides.
    ///
    /// - Parameter sieve: as `HeadRenderer.render` takes it.
    func errors(_ field: BakedField, sieve: Float) -> [Double] {
        list.map { head.render(camera: $0.camera, conditions: $0.conditions, baked: field, sieve: sieve, granted: $0.asked.granted, budget: budget).squaredError(to: $0.asked) }
    }
}

extension HeadPicture {
    /// Mean square of what two pictures of the same size show differently (`PictureError`).
    func squaredError(to other: HeadPicture) -> Double {
        PictureError.meanSquare(UnsafeBufferPointer(pixels.elements), UnsafeBufferPointer(other.pixels.elements))
    }
}
