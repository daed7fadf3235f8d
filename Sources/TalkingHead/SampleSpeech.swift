// Speech that nobody spoke: features that wander over what an audio net may hear, to see what a persona can do.
import Base
import Foundation

enum SampleSpeech {
    private static let steps = 16, frames = 400

    /// Windows of sixteen steps: vowels with two or three resonances, hisses, pauses, at changing strength. The levels are those of
    /// log-mel features, 0…1; other kinds of features hear the same shapes around zero.
    static func rows(channels: Int) -> [[Float]] {
        let levels = channels < 16 ? mouths(channels) : spectra(channels)
        return (0..<frames).map { k in (0..<channels).flatMap { c in (0..<steps).map { levels[2 * k + $0][c] } } }
    }

    /// Few channels are parts of a mouth: each on its own way from one place to the next, where it stays a while; seldom far, at rest now and then.
    private static func mouths(_ channels: Int) -> [[Float]] {
        let random = SeededRandom(seed: 29), count = 2 * frames + steps
        let ways = (0..<channels).map { c -> [Float] in
            var way: [Float] = [], from: Float = 0, n: UInt64 = 0
            while way.count < count {
                func draw(_ k: UInt64) -> Float { random.uniform((UInt64(c) << 32 | n) &* 4 &+ k) }
                let length = 3 + Int(7 * draw(0)), stay = Int(10 * draw(3)), to = draw(1) < 0.35 ? 0 : -0.05 + 0.95 * draw(2) * draw(2)
                for step in 0..<length { way.append(from + (to - from) * (0.5 - 0.5 * cos(.pi * Float(step) / Float(length)))) }
                way += [Float](repeating: to, count: stay)
                (from, n) = (to, n + 1)
            }
            return way
        }
        return (0..<count).map { step in ways.map { $0[step] } }
    }

    /// Bands of sounds.
    private static func spectra(_ channels: Int) -> [[Float]] {
        let random = SeededRandom(seed: 23)
        var levels: [[Float]] = []
        var sound: UInt64 = 0
        while levels.count < 2 * frames + steps {
            let length = 5 + random.integer(sound &* 16, below: 14)
            let kind = random.uniform(sound &* 16 &+ 1), strength = 0.55 + 0.55 * random.uniform(sound &* 16 &+ 2)
            let centers = (0..<3).map { Float(channels) * (0.06 + 0.28 * Float($0) + 0.22 * random.uniform(sound &* 16 &+ 3 &+ UInt64($0))) }
            for step in 0..<length {
                let envelope = kind < 0.15 ? 0 : strength * sin(.pi * (Float(step) + 0.5) / Float(length)).squareRoot()
                levels.append((0..<channels).map { c in
                    let place = Float(c) + 0.5
                    if kind < 0.3 { return envelope * min(max((place / Float(channels) - 0.35) * 2.2, 0), 0.95) }
                    let peaks = centers.enumerated().map { k, center -> Float in
                        let distance = (place - center) / (Float(channels) * 0.07)
                        return (1 - 0.16 * Float(k)) * Foundation.exp(-0.5 * distance * distance)
                    }
                    return envelope * max(peaks.max() ?? 0, 0.45 - 0.3 * place / Float(channels))
                })
            }
            sound += 1
        }
        return levels
    }

    /// Codes of this speech, silence among them: the one nearest to their mean first, then always the one farthest from those before.
    static func codes(_ audio: AudioNetwork, _ block: [Float]) -> [[Float]] {
        let rows = rows(channels: audio.channels)
        let codes = block.withUnsafeBufferPointer { values -> [[Float]] in
            guard let p = values.baseAddress else { return [] }
            func code(_ row: [Float]) -> [Float] {
                let activations = audio.rowCode(p, row, steps: steps).activations
                return activations[activations.count - 1]
            }
            let silent = code([Float](repeating: 0, count: audio.channels * steps)), each = rows.map(code)
            func window(_ t: Int) -> [Float] {
                var trace = AudioNetwork.Trace()
                audio.attend(p, (t - 4..<t + 4).map { each.indices.contains($0) ? each[$0] : silent }, &trace)
                return trace.code
            }
            return each.indices.map(window) + [silent]
        }
        return spread(codes, codes.count)
    }

    /// `count` codes far from one another; the one nearest to their mean comes first.
    static func spread(_ codes: [[Float]], _ count: Int) -> [[Float]] {
        guard let width = codes.first?.count else { return [] }
        func distance(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        let mean = (0..<width).map { c in codes.reduce(Float(0)) { $0 + $1[c] } / Float(codes.count) }
        let middle = codes.indices.min { distance(codes[$0], mean) < distance(codes[$1], mean) } ?? 0
        var chosen = [codes[middle]]
        var nearest = codes.map { distance($0, codes[middle]) }
        while chosen.count < count, let far = nearest.indices.max(by: { nearest[$0] < nearest[$1] }), nearest[far] > 0 {
            chosen.append(codes[far])
            for i in codes.indices { nearest[i] = min(nearest[i], distance(codes[i], codes[far])) }
        }
        return chosen
    }
}
