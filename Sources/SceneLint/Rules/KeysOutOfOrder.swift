// Keyframes that do not stand in the order of time.
import Base
import Diagnostics
import SceneModel

struct KeysOutOfOrder: LintRule {
    let id = "keys-out-of-order"
    let explanation = "A keyframe stands behind a later one, or two stand at one time. Keys play in the order of time; the text should show that order."
    let wrong = "curve c { at 2s 1 ; at 1s 0 }\nshot for 3s { background black { opacity c } }"
    let right = "curve c { at 1s 0 ; at 2s 1 }\nshot for 3s { background black { opacity c } }"

    func check(_ document: SceneDocument, _ timeline: Timeline?) -> [Diagnostic] {
        let rate = document.scene.rate.value ?? timeline?.rate ?? FrameRate(25)
        var reported: Set<TextRange> = []
        return MotionWalk.sources(document).flatMap { source -> [Diagnostic] in
            let keys: [(TimeExpression, Place)]
            switch source {
            case .poseKeys(let list): keys = list.map { ($0.time, $0.place) }
            case .scalarKeys(let list, _): keys = list.map { ($0.time, $0.place) }
            default: return []
            }
            var findings: [Diagnostic] = []
            var latest: (time: Rational, place: Place)?
            for (expression, place) in keys {
                guard let time = expression.constant(at: rate) else { continue }
                if let before = latest, time <= before.time {
                    guard reported.insert(place.range).inserted else { continue }
                    findings.append(warning(time == before.time ? "two keys stand at one time" : "this key stands behind a later one", place,
                                            labels: [before.place.label()], help: "put keys in the order of time"))
                } else { latest = (time, place) }
            }
            return findings
        }
    }
}

/// All motions of a document, declared ones and those written in place.
enum MotionWalk {
    static func sources(_ document: SceneDocument) -> [MotionSource] {
        var result = document.motions.values.filter { $0.place.file === document.file }.sorted { $0.place.range.start < $1.place.range.start }.map(\.source)
        for shot in document.shots {
            for layer in shot.layers {
                if case .motion(let source) = layer.opacity { result.append(source) }
                guard case .actor(let actor) = layer.content else { continue }
                for pose in actor.poses { if case .motion(let source) = pose.source { result.append(source) } }
                if case .motion(let source)? = actor.blinks?.source { result.append(source) }
            }
        }
        return result
    }
}
