// Makes the mix, a block at a time.
import Base
import Foundation
import Media
import Sound

/// Mixes stretches on the scene's clock at 48 kHz, two channels. Blocks are wanted in order, from any start; the samples do not
/// depend on how they are cut, nor on where mixing began. One owner at a time.
package final class SoundMixer {
    private let mix: SoundMix
    private let factor: Float
    private let ceiling: Double?
    private var readers: [Int: SoundReader] = [:]
    private var limiter: PeakLimiter?
    /// Limited samples that wait to be handed out, and the scene sample of the first one.
    private var ready = AudioBuffer.silence(frames: 0)
    private var readyStart = 0
    /// The next sample that goes into the limiter.
    private var next = 0

    init(_ mix: SoundMix, decibels: Double, ceiling: Double?) {
        self.mix = mix
        factor = AudioBuffer.amplitude(decibels: decibels)
        self.ceiling = ceiling
    }

    /// `count` samples from sample `start` of the scene.
    package func block(start: Int, count: Int) throws -> AudioBuffer {
        guard let ceiling else { return try sum(start, count) }
        if limiter == nil || start != readyStart {
            // What a peak 80 ms ago does to the gain is over after the run-up.
            limiter = PeakLimiter(sampleRate: SoundMix.sampleRate, channels: 2, ceiling: ceiling)
            next = max(0, start - 9600)
            readyStart = next
            ready = AudioBuffer.silence(frames: 0)
        }
        while readyStart + ready.frameCount < start + count {
            let piece = try sum(next, 4096)
            next += 4096
            guard let made = limiter?.process(piece) else { break }
            for c in ready.channels.indices { ready.channels[c] += made.channels[c] }
        }
        let skip = start - readyStart
        let block = ready.slice(from: skip, frames: count)
        for c in ready.channels.indices { ready.channels[c].removeFirst(min(skip + count, ready.channels[c].count)) }
        readyStart = start + count
        return block
    }

    /// The sum of the stretches.
    private func sum(_ start: Int, _ count: Int) throws -> AudioBuffer {
        var result = AudioBuffer.silence(frames: count)
        for index in mix.stretches.indices { try add(index, to: &result, start, count) }
        return result
    }

    private func add(_ index: Int, to result: inout AudioBuffer, _ start: Int, _ count: Int) throws {
        let s = mix.stretches[index]
        let rate = Rational(SoundMix.sampleRate)
        let first = (s.range.start * rate).rounded, last = (s.range.end * rate).rounded
        guard first < start + count else { return }
        guard last > start else { readers[index] = nil; return }
        // A faster stretch is read at a lower rate and played at this one: pitch and length change together.
        let readRate = max(1000, Int((Double(SoundMix.sampleRate) / max(s.speed.doubleValue, 0.01)).rounded()))
        let reader = try readers[index] ?? SoundReader(path: s.path, sampleRate: readRate, channels: 2, pick: s.pick)
        readers[index] = reader
        let fileFirst = (s.fileStart * Rational(readRate)).rounded
        let span = try s.fileEnd.map { ($0 * Rational(readRate)).rounded - fileFirst } ?? (s.loops ? length(s.path, readRate) - fileFirst : Int.max)
        guard span > 0 else { return }
        let low = max(first, start), high = min(last, start + count)
        let line = LevelLine(start: low, count: high - low) { factor * s.level(at: Double($0) / Double(SoundMix.sampleRate)) }
        var n = low
        while n < high {
            let at = s.loops ? (n - first) % span : n - first
            guard at < span else { return }
            let take = min(high - n, span - at)
            line.add(try reader.read(from: fileFirst + at, count: take), start: n, to: &result, mixStart: start)
            n += take
        }
    }

    private func length(_ path: String, _ rate: Int) throws -> Int {
        let (samples, own) = try AudioFile.length(path)
        return Int(Double(samples) * Double(rate) / Double(own))
    }
}
