// Sounds in pieces: the same as whole ones, however they are cut.
import Foundation
import Testing
@testable import Sound

private func noise(_ count: Int, level: Float, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6364136223846793005 &+ 1442695040888963407
        return (Float(state >> 40) / Float(1 << 23) - 1) * level
    }
}

private func pieces(_ sound: AudioBuffer, _ sizes: [Int]) -> [AudioBuffer] {
    var at = 0, k = 0
    var result: [AudioBuffer] = []
    while at < sound.frameCount {
        let count = min(sizes[k % sizes.count], sound.frameCount - at)
        result.append(sound.slice(from: at, frames: count))
        at += count
        k += 1
    }
    return result
}

@Suite struct StreamTests {
    private static let sound = AudioBuffer(channels: [noise(60_000, level: 1.6, seed: 1), noise(60_000, level: 0.4, seed: 2)], sampleRate: 48_000)

    @Test("a limiter cut into pieces gives the same samples", arguments: [[1], [7, 4096, 100], [240, 241, 242], [48_000]])
    func limiter(sizes: [Int]) {
        let sound = sizes == [1] ? Self.sound.slice(from: 0, frames: 3000) : Self.sound
        let whole = sound.limited(ceiling: -1)
        var limiter = PeakLimiter(sampleRate: 48_000, channels: 2, ceiling: -1)
        var out: [[Float]] = [[], []]
        for piece in pieces(sound, sizes) {
            let made = limiter.process(piece)
            for c in 0..<2 { out[c] += made.channels[c] }
        }
        let rest = limiter.finish()
        for c in 0..<2 { out[c] += rest.channels[c] }
        #expect(out == whole.channels)
        #expect(whole.peak <= AudioBuffer.amplitude(decibels: -1) * 1.0001 && whole.frameCount == sound.frameCount)
    }
    @Test func belowTheCeilingNothingChanges() {
        let quiet = Self.sound.scaled(by: 0.3)
        #expect(quiet.limited(ceiling: -1) == quiet)
    }
    @Test("a meter cut into pieces reads the same", arguments: [[4800], [1, 13, 5000], [100_000]])
    func meter(sizes: [Int]) {
        var meter = LoudnessMeter(sampleRate: 48_000, channels: 2)
        for piece in pieces(Self.sound, sizes) { meter.add(piece) }
        #expect(meter.integrated == Self.sound.integratedLoudness && meter.integrated != nil)
    }
    @Test("a line of levels does not depend on the blocks", arguments: [[64], [1000, 37], [9999]])
    func levels(sizes: [Int]) {
        let source = noise(20_000, level: 1, seed: 3)
        func level(_ n: Int) -> Float { 0.5 + 0.5 * Float(sin(Double(n) / 3000)) }
        var whole = AudioBuffer.silence(frames: 20_000)
        LevelLine(start: 0, count: 20_000, level: level).add([source, source], start: 0, to: &whole, mixStart: 0)
        var at = 0, k = 0
        while at < 20_000 {
            let count = min(sizes[k % sizes.count], 20_000 - at)
            var block = AudioBuffer.silence(frames: count)
            LevelLine(start: at, count: count, level: level).add([Array(source[at..<(at + count)]), Array(source[at..<(at + count)])], start: at, to: &block, mixStart: at)
            #expect(block == whole.slice(from: at, frames: count))
            at += count
            k += 1
        }
        #expect(abs(whole.channels[0][6400] - source[6400] * level(6400)) < 1e-6)
    }
}
