// Faces that nobody could look at.
import Diagnostics
import SceneModel

struct NoFaceModel: LintRule {
    let id = "no-face-model"
    let kind = RuleKind.media
    let explanation = "Footage is dubbed, and this machine has no face model: whether the face is large enough, turned towards the camera and seen at all under the line could not be checked. Said once a file."
    let wrong = """
        audio line = "line.wav"
        video ceo = "unseen.mp4"
        shot { footage ceo { dub line at 1s ; dub line at 7s } }
        """
    let right = """
        audio line = "line.wav"
        video ceo = "near-face.mp4"
        shot { footage ceo { dub line at 1s } }
        """
    let nearMiss = """
        audio line = "line.wav"
        video ceo = "unseen.mp4"
        shot { footage ceo ; sound line at 1s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let first = DubbedFaces.all(context).lazy.compactMap { answer -> Diagnostic? in
            switch answer {
            case .looked: nil
            case .noModel(let dub): note("the faces under dubbed lines were not looked at: there is no face model", dub.clause.place, help: "scripts/fetch-face-models puts one into models/; `studio doctor` shows whether it is found")
            case .unreadable(let dub, let reason): note("the faces under this line were not looked at: \(reason)", dub.clause.place, help: "`studio doctor` shows which face model is used")
            }
        }.first
        return first.map { [$0] } ?? []
    }
}
