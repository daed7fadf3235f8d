// Bricks: what they were fitted to is what they say again.
import Foundation
import Testing
@testable import Kernels

@Suite struct Bricks {
    /// Numbers 0…1, the same in every run.
    func number(_ i: Int) -> Float { Float((i &* 7919 &+ 104_729) % 10_007) / 10_007 }

    /// What a brick can say without any error: linear along each axis, and a term of the sound that grows along x.
    func truth(_ p: SIMD3<Float>, _ factors: ArraySlice<Float>) -> SIMD4<Float> {
        let heard = factors[factors.startIndex + 4]
        return SIMD4(0.4 + 0.2 * p.x - 0.1 * p.y * p.z + 0.06 * heard * p.x, 0.9 - 0.3 * p.z, 0.05 + 0.02 * p.y, 2 * p.x - 3 * p.y + 0.5 * heard * p.z)
    }

    @Test func aBrickSaysAgainWhatItWasFittedTo() {
        let runs = 48, each = 24, count = runs * each
        let factors = (0..<(runs * Brick.terms)).map { 2 * number($0) - 1 }
        let places = (0..<(3 * count)).map { number($0 &* 3 &+ 11) }
        func place(_ i: Int) -> SIMD3<Float> { SIMD3(places[3 * i], places[3 * i + 1], places[3 * i + 2]) }
        func heard(_ run: Int) -> ArraySlice<Float> { factors[(run * Brick.terms)..<((run + 1) * Brick.terms)] }
        let values = (0..<count).flatMap { i in let v = truth(place(i), heard(i / each)); return (0..<4).map { v[$0] } }
        var memory = [Float](repeating: 0, count: Brick.fitFloats(runs: runs, each: each)), brick = [UInt8](repeating: 0, count: Brick.bytes)
        var terms = [Int8](repeating: 0, count: Brick.termBytes)
        Brick.fit(runs: runs, each: each, places: places, factors: factors, values: values, step: 0.02, memory: &memory, into: &brick, terms: &terms)
        #expect(Brick.scales(brick) != 0)
        var worst = SIMD4<Float>.zero
        for run in 0..<runs {
            var looked = [Float](repeating: 0, count: 4 * each)
            Brick.look(brick, terms: terms, factors: Array(heard(run)), places: Array(places[(3 * run * each)..<(3 * (run + 1) * each)]), count: each, into: &looked)
            for i in 0..<each {
                let wanted = truth(place(run * each + i), heard(run))
                for c in 0..<4 { worst[c] = max(worst[c], abs(looked[4 * i + c] - wanted[c])) }
            }
        }
        // Three levels of eight bits at worst: what nobody would see of a term was taken away.
        #expect(worst.x < 0.012 && worst.y < 0.012 && worst.z < 0.012 && worst.w < 0.15, "\(worst)")
    }

    /// A network may say anything; what a brick cannot hold is held at its ends.
    @Test func valuesWithoutBoundsStayWithinTheRange() {
        let runs = 16, each = 24, count = runs * each
        let places = (0..<(3 * count)).map { number($0) }, factors = (0..<(runs * Brick.terms)).map { 2 * number($0 &+ 5) - 1 }
        for value in [Float.infinity, -.infinity, .nan, 1e30, -1e30] {
            let values = (0..<(4 * count)).map { $0 % 3 == 0 ? value : 0.5 }
            var memory = [Float](repeating: 0, count: Brick.fitFloats(runs: runs, each: each)), brick = [UInt8](repeating: 0, count: Brick.bytes)
            var terms = [Int8](repeating: 0, count: Brick.termBytes)
            Brick.fit(runs: runs, each: each, places: places, factors: factors, values: values, step: 0.02, memory: &memory, into: &brick, terms: &terms)
            var looked = [Float](repeating: 0, count: 4 * each)
            Brick.look(brick, terms: terms, factors: [Float](repeating: 0.01, count: Brick.terms), places: Array(places[0..<(3 * each)]), count: each, into: &looked)
            #expect(looked.allSatisfy { abs($0) <= 32 }, "\(value)")
        }
    }
}
