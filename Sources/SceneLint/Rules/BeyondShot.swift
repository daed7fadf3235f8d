// A layer that lies outside its shot.
import Base
import Diagnostics
import SceneModel

struct BeyondShot: LintRule {
    let id = "beyond-shot"
    let explanation = "The layer begins after its shot has ended, so that it is never seen."
    let wrong = "shot for 2s { background black ; title \"late\" { from 3s } }"
    let right = "shot for 4s { background black ; title \"in time\" { from 3s } }"

    func check(_ document: SceneDocument, _ timeline: Timeline?) -> [Diagnostic] {
        guard let timeline else { return [] }
        return timeline.shots.flatMap { shot in
            shot.layers.filter { $0.frames.isEmpty }.map {
                warning("this layer is never seen: the shot ends at \(shot.range.duration.doubleValue)s", $0.layer.place, labels: [shot.shot.place.label("this shot")])
            }
        }
    }
}
