// Keyframes that do not stand in the order of time.
import Base
import Diagnostics
import SceneModel

struct KeysOutOfOrder: LintRule {
    let id = "keys-out-of-order"
    let kind = RuleKind.time
    let explanation = "A keyframe stands behind a later one, or two stand at one time. Keys play in the order of time; the text should show that order."
    let wrong = """
        curve c { at 2s 1 ; at 1s 0 }
        shot for 3s { background black { opacity c } }
        """
    let right = """
        curve c { at 1s 0 ; at 2s 1 }
        shot for 3s { background black { opacity c } }
        """
    let nearMiss = """
        curve c { at 1s 0 ; at 1001ms 1 }
        shot for 3s { background black { opacity c } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let rate = context.document.scene.rate.value ?? context.timeline?.rate ?? FrameRate(25)
        return MotionWalk.sources(context.document).flatMap { source -> [Diagnostic] in
            let keys: [(TimeExpression, Place)]
            switch source {
            case .poseKeys(let list): keys = list.map { ($0.time, $0.place) }
            case .scalarKeys(let list, _): keys = list.map { ($0.time, $0.place) }
            default: return []
            }
            let times = keys.map { $0.0.constant(at: rate) }
            var fix = sorting(keys.map(\.1), times)
            var findings: [Diagnostic] = []
            var latest: (time: Rational, place: Place)?
            for (time, (_, place)) in zip(times, keys) {
                guard let time else { continue }
                if let before = latest, time <= before.time {
                    findings.append(warning(time == before.time ? "two keys stand at one time" : "this key stands behind a later one", place,
                                            labels: [before.place.label(time == before.time ? "the other one" : "the later one")], help: "put keys in the order of time", fix: fix))
                    // One fix sorts them all.
                    fix = nil
                } else { latest = (time, place) }
            }
            return findings
        }
    }

    /// Puts the texts of the keys in order, each into the room of another; nil where two stand at one time or one hangs on an event.
    private func sorting(_ places: [Place], _ times: [Rational?]) -> Fix? {
        let known = times.compactMap { $0 }
        guard known.count == places.count, Set(known).count == known.count else { return nil }
        let order = known.indices.sorted { known[$0] < known[$1] }
        let edits = zip(places, order).compactMap { place, from -> TextEdit? in
            places[from].range == place.range ? nil : TextEdit(place.range, place.file.text(places[from].range))
        }
        return edits.isEmpty ? nil : Fix("put the keys in the order of time", edits: edits)
    }
}
