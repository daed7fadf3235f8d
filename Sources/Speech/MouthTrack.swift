// From timed phonemes to the mouth of every frame, with co-articulation.
import Sound

/// Mouth parameters at a frame rate.
package enum MouthTrack {
    /// The mouth at each frame's time. Every sound pulls the mouth towards its target with a bell of dominance around its
    /// middle that reaches about 70 ms beyond its ends; the mouth is the weighted mean of all pulls.
    package static func mouths(_ phonemes: [TimedPhoneme], frameCount: Int, framesPerSecond: Double) -> [MouthTarget] {
        (0..<frameCount).map { frame in mouth(phonemes, at: Double(frame) / framesPerSecond) }
    }

    static func mouth(_ phonemes: [TimedPhoneme], at time: Double) -> MouthTarget {
        var sum = [Float](repeating: 0, count: 7)
        // Rest: nothing is said, nothing pulls.
        var total: Float = 0.02
        for sound in phonemes where sound.end > time - 0.4 && sound.start < time + 0.4 {
            let half = (sound.end - sound.start) / 2
            let reach = half * 0.75 + 0.035
            let distance = (time - (sound.start + half)) / reach
            let target = sound.phoneme.target
            let weight = target.strength * FloatMath.exp(Float(-distance * distance))
            for (index, value) in target.vector.enumerated() { sum[index] += weight * value }
            total += weight
        }
        return MouthTarget(vector: sum.map { $0 / total })
    }
}
