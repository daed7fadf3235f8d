// From timed phonemes to the mouth of every frame, with co-articulation.
import Sound

/// Mouth parameters at a frame rate.
package enum MouthTrack {
    /// The mouth at each frame's time. Every sound pulls the mouth towards its target with a bell of dominance around its
    /// middle that reaches about 100 ms beyond its ends; the mouth is the weighted mean of all pulls.
    ///
    /// - Parameter loudness: of the voice; the jaw follows it: a loud syllable opens wider than a murmured one.
    package static func mouths(_ phonemes: [TimedPhoneme], frameCount: Int, framesPerSecond: Double, loudness: VoiceLoudness? = nil) -> [MouthTarget] {
        (0..<frameCount).map { frame in
            let time = Double(frame) / framesPerSecond
            var mouth = mouth(phonemes, at: time)
            if let loudness {
                let effort = 0.40 + 0.75 * loudness.level(at: time)
                mouth.jaw = min(mouth.jaw * effort, 1)
                mouth.upper *= min(effort, 1)
            }
            return mouth
        }
    }

    static func mouth(_ phonemes: [TimedPhoneme], at time: Double) -> MouthTarget {
        var sum = [Float](repeating: 0, count: 7)
        // Rest: nothing is said, nothing pulls.
        var total: Float = 0.02
        for sound in phonemes where sound.end > time - 0.4 && sound.start < time + 0.4 {
            let half = (sound.end - sound.start) / 2
            let reach = half * 0.75 + 0.05
            let distance = (time - (sound.start + half)) / reach
            let target = sound.phoneme.target
            let weight = target.strength * FloatMath.exp(Float(-distance * distance))
            for (index, value) in target.vector.enumerated() { sum[index] += weight * value }
            total += weight
        }
        return MouthTarget(vector: sum.map { $0 / total })
    }
}
