// A head turned further than the persona was recorded.
import Base
import Diagnostics
import Motion
import SceneModel

struct PoseBeyondRecording: LintRule {
    let id = "pose-beyond-recording"
    let kind = RuleKind.media
    let explanation = "A persona only saw the poses of its footage. A pose outside of them renders, but the head may tear or blur there."
    let wrong = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { pose { hold yaw 60deg } } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { pose { hold yaw 10deg } } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { pose { hold yaw 17deg } } }
        """

    /// Poses looked at in a whole scene, times keyframes: more than any film needs, and little work.
    private static let budget = 2_000_000
    /// One named path is looked at once for shots of one length.
    private struct Key: Hashable {
        var persona: String
        var uses: [Use]
        var frames: Int
        struct Use: Hashable {
            var start: Int
            /// Times of the first and the last key: keys that hang on events move with their shot.
            var ends: [Rational]
            var offset: Rational
            var speed: Rational
            var smoothing: Rational
            var loops: Bool
        }
    }

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        var budget = Self.budget
        var within: Set<Key> = []
        return context.placedLayers.compactMap { shot, layer in
            guard let actor = layer.actor else { return nil }
            let key = key(actor, layer, shot.frames.count)
            if let key, within.contains(key) { return nil }
            let finding = check(actor, layer, shot, timeline.rate, &budget)
            if finding == nil, let key { within.insert(key) }
            return finding
        }
    }

    /// nil where a pose is not one of plain keyframes.
    private func key(_ actor: PlacedActor, _ layer: PlacedLayer, _ frames: Int) -> Key? {
        guard case .actor(let written) = layer.layer.content, written.poses.count == actor.motion.poses.count else { return nil }
        var uses: [Key.Use] = []
        for (clause, placed) in zip(written.poses, actor.motion.poses) {
            guard case .motion(.poseKeys(let keys)) = clause.source, let first = keys.first, case .use(let use) = placed else { return nil }
            guard case .keyed(let placedKeys) = use.path else { return nil }
            uses.append(.init(start: first.place.range.start, ends: [placedKeys.first?.time ?? .zero, placedKeys.last?.time ?? .zero], offset: use.offset, speed: use.speed, smoothing: use.smoothing, loops: use.loops))
        }
        return uses.isEmpty ? nil : Key(persona: actor.persona.path, uses: uses, frames: frames)
    }

    private func check(_ actor: PlacedActor, _ layer: PlacedLayer, _ shot: PlacedShot, _ rate: FrameRate, _ budget: inout Int) -> Diagnostic? {
        guard let range = actor.persona.facts?.persona?.range, case .actor(let written) = layer.layer.content, let clause = written.poses.first else { return nil }
        let uses = actor.motion.poses.compactMap { pose -> PoseUse? in if case .use(let use) = pose { use } else { nil } }
        guard !uses.isEmpty else { return nil }
        // A frame in eight, at most 2,000: a path is smooth.
        let step = max(8, shot.frames.count / 2000)
        let work = uses.reduce(1) { sum, use in if case .keyed(let keys) = use.path { sum + keys.count } else { sum + 8 } }
        for frame in stride(from: 0, to: max(1, shot.frames.count), by: step) {
            budget -= work
            guard budget > 0 else { return nil }
            let pose = uses.reduce(HeadPose.neutral) { $0 + $1.pose(at: rate.time(ofFrame: frame)) }
            for (channel, value) in [(PoseChannel.yaw, pose.yaw), (.pitch, pose.pitch), (.roll, pose.roll)] {
                guard let allowed = range[channel], !allowed.contains(Double(value)), abs(Double(value)) > 1e-6 else { continue }
                return warning("\(channel.rawValue) reaches \(Words.degrees(Double(value))) at \(Words.seconds(rate.time(ofFrame: frame))); `\(actor.persona.name)` was recorded from \(Words.degrees(allowed.lowerBound)) to \(Words.degrees(allowed.upperBound))",
                               clause.place, help: "stay inside the range, or look at that frame with `studio still`")
            }
        }
        return nil
    }
}
