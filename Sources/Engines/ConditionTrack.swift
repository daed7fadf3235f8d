// What drives an actor in a run of frames, in little memory.
import Motion

/// The conditions of consecutive frames. A frame takes its numbers and no more: ten minutes of film are about two megabytes.
package struct ConditionTrack: Sendable {
    package let identity: Int?
    package let torso: Bool
    private var poses: [HeadPose] = []
    private var closures: [Float] = []
    /// The codes one after the other.
    private var codes: [Float] = []
    private var codeWidth = 0

    /// An empty track of an actor with this appearance; `reserving`: how many frames will come.
    package init(identity: Int?, torso: Bool, reserving count: Int = 0) {
        self.identity = identity
        self.torso = torso
        poses.reserveCapacity(count)
        closures.reserveCapacity(count)
    }

    /// A track of conditions that are there already; they share one appearance.
    package init(_ conditions: [ActorConditions]) {
        self.init(identity: conditions.first?.identity, torso: conditions.first?.torso ?? true, reserving: conditions.count)
        for c in conditions { append(pose: c.pose, eyeClosure: c.eyeClosure, audioCode: c.audioCode) }
    }

    package var count: Int { poses.count }

    /// The next frame. All codes of a track are of one length.
    package mutating func append(pose: HeadPose, eyeClosure: Float, audioCode: [Float]) {
        if poses.isEmpty {
            codeWidth = audioCode.count
            codes.reserveCapacity(poses.capacity * codeWidth)
        }
        precondition(audioCode.count == codeWidth, "codes of one track have one length")
        poses.append(pose)
        closures.append(eyeClosure)
        codes += audioCode
    }

    /// The conditions of a frame of the track; the first and the last one hold beyond the ends. The track is not empty.
    package subscript(index: Int) -> ActorConditions {
        precondition(!poses.isEmpty, "a track without frames has no conditions")
        let i = min(max(index, 0), poses.count - 1)
        return ActorConditions(pose: poses[i], eyeClosure: closures[i], audioCode: Array(codes[i * codeWidth..<(i + 1) * codeWidth]), identity: identity, torso: torso)
    }
}
