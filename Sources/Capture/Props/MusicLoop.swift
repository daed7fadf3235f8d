// A short piece of background music, synthesised note by note.
import Base
import Foundation
import Sound

/// Four bars of soft chords with a plucked melody; it ends where it begins, so that it can be repeated.
struct MusicLoop {
    let seed: UInt64
    private let rate = 16_000
    private let beat = 0.72
    private let beats = 16

    /// Roots and thirds of the four chords, semitones from A3 (220 Hz): D major 7, B minor 7, G major 7, A sus.
    private static let chords: [[Int]] = [[5, 9, 12, 16], [2, 5, 9, 12], [-2, 2, 5, 9], [0, 5, 7, 12]]
    /// Notes of the melody come from this scale.
    private static let scale = [17, 19, 21, 24, 26, 29, 31]

    func render() -> AudioBuffer {
        let count = Int(beat * Double(beats) * Double(rate))
        var sound = [Float](repeating: 0, count: count)
        let random = SeededRandom(seed: seed)
        for (bar, chord) in Self.chords.enumerated() {
            for note in chord { pad(note, at: Double(bar * 4) * beat, into: &sound) }
            pluck(chord[0] - 12, at: Double(bar * 4) * beat, gain: 0.20, into: &sound)
            pluck(chord[0] - 12, at: Double(bar * 4 + 2) * beat, gain: 0.14, into: &sound)
        }
        var place = 3
        for step in 0..<(beats * 2) where random.uniform(UInt64(step)) < (step % 2 == 0 ? 0.8 : 0.45) {
            // A walk over the scale that stays in its middle.
            place = min(max(place + random.integer(UInt64(step) &+ 100, below: 5) - 2, 0), Self.scale.count - 1)
            pluck(Self.scale[place], at: Double(step) * beat / 2, gain: random.uniform(UInt64(step) &+ 200, 0.08, 0.15), into: &sound)
        }
        return AudioBuffer(channels: [echo(sound)], sampleRate: rate)
    }

    private func frequency(_ note: Int) -> Double { 220 * pow(2, Double(note) / 12) }

    /// A slow chord tone of two detuned voices; what runs over the end comes in at the beginning.
    private func pad(_ note: Int, at start: Double, into sound: inout [Float]) {
        let length = beat * 5
        for i in 0..<Int(length * Double(rate)) {
            let t = Double(i) / Double(rate)
            let envelope = pow(sin(.pi * t / length), 1.2)
            let f = frequency(note)
            let wave = sin(2 * .pi * f * t) + 0.6 * sin(2 * .pi * f * 1.003 * t + 1) + 0.18 * sin(4 * .pi * f * t)
            add(Float(0.030 * envelope * wave), start, i, &sound)
        }
    }

    /// A bell-like string: partials that fade faster the higher they are.
    private func pluck(_ note: Int, at start: Double, gain: Float, into sound: inout [Float]) {
        let f = frequency(note)
        for i in 0..<Int(1.8 * Double(rate)) {
            let t = Double(i) / Double(rate)
            let attack = min(t / 0.006, 1)
            var wave = 0.0
            for k in 1...5 where f * Double(k) < 7000 { wave += sin(2 * .pi * f * Double(k) * t) * exp(-t * (2.2 + 1.9 * Double(k))) / Double(k) }
            add(gain * Float(attack * wave), start, i, &sound)
        }
    }

    private func add(_ value: Float, _ start: Double, _ index: Int, _ sound: inout [Float]) {
        sound[(Int(start * Double(rate)) + index) % sound.count] += value
    }

    /// Three soft repeats a beat and a half apart, around the loop.
    private func echo(_ dry: [Float]) -> [Float] {
        let step = Int(beat * 0.75 * Double(rate))
        let wet = dry.indices.map { i -> Float in
            (0...3).reduce(Float(0)) { $0 + dry[(i + dry.count * 4 - $1 * step) % dry.count] * Float(pow(0.33, Double($1))) }
        }
        let top = wet.map(abs).max() ?? 1
        return wet.map { $0 * 0.7 / max(top, 1e-6) }
    }
}
