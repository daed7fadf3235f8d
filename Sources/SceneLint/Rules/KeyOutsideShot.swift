// A keyframe at a time that never comes.
import Base
import Diagnostics
import SceneModel

struct KeyOutsideShot: LintRule {
    let id = "key-outside-shot"
    let kind = RuleKind.time
    let explanation = "A keyframe that is written in place lies after the end of its shot, or before its start. It is never reached, and the motion towards it is cut off."
    let wrong = """
        persona nova = "nova.persona"
        shot for 2s { actor nova { pose { at 0s yaw 0deg ; at 3s yaw 9deg } } }
        """
    let right = """
        persona nova = "nova.persona"
        shot for 4s { actor nova { pose { at 0s yaw 0deg ; at 3s yaw 9deg } } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        path turn { at 0s yaw 0deg ; at 3s yaw 9deg }
        shot for 2s { actor nova { pose turn } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        var declared: Set<Int> = []
        for motion in context.document.motions.values where context.isInMainFile(motion.place) {
            switch motion.source {
            case .poseKeys(let keys): if let first = keys.first { declared.insert(first.place.range.start) }
            case .scalarKeys(let keys, _): if let first = keys.first { declared.insert(first.place.range.start) }
            default: break
            }
        }
        return context.placedLayers.flatMap { shot, layer -> [Diagnostic] in
            var result: [Diagnostic] = []
            let length = shot.range.duration
            if case .actor(let actor) = layer.layer.content {
                for pose in actor.poses where !pose.loops && pose.offset == nil && pose.speed == Rational(1) {
                    guard case .motion(.poseKeys(let keys)) = pose.source, let first = keys.first, !declared.contains(first.place.range.start) else { continue }
                    result += outside(keys.map { ($0.time.constant(at: timeline.rate), $0.place) }, length, shot)
                }
                if let blinks = actor.blinks, case .motion(.scalarKeys(let keys, nil)) = blinks.source, let first = keys.first, !declared.contains(first.place.range.start) {
                    result += outside(keys.map { ($0.time.constant(at: timeline.rate), $0.place) }, length, shot)
                }
            }
            if case .motion(.scalarKeys(let keys, nil)) = layer.layer.opacity, let first = keys.first, !declared.contains(first.place.range.start) {
                result += outside(keys.map { ($0.time.constant(at: timeline.rate), $0.place) }, layer.range.duration, shot)
            }
            return result
        }
    }

    private func outside(_ keys: [(Rational?, Place)], _ length: Rational, _ shot: PlacedShot) -> [Diagnostic] {
        keys.compactMap { time, place in
            guard let time, time > length || time < .zero else { return nil }
            return warning(time < .zero ? "this key lies before its shot" : "this key lies at \(Words.seconds(time)); by then its layer has ended (\(Words.seconds(length)))", place,
                           labels: [shot.shot.place.label("this shot")], help: "move the key, or the end")
        }
    }
}
