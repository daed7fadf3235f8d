// A film that does not say that it is synthetic.
import Diagnostics
import SceneModel

struct ProvenanceOff: LintRule {
    let id = "provenance-off"
    let explanation = "`provenance off` leaves out the note in the file that its pictures were made by a machine. Many places require it."
    let wrong = "shot for 1s { background black }\noutput \"a.mp4\" { provenance off }"
    let right = "shot for 1s { background black }\noutput \"a.mp4\""

    func check(_ document: SceneDocument, _ timeline: Timeline?) -> [Diagnostic] {
        document.outputs.filter { !$0.provenance }.map { warning("this film will not say that it is synthetic", $0.place, help: "remove `provenance off`") }
    }
}
