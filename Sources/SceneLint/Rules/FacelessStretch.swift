// A dubbed line over pictures without the face that says it.
import Diagnostics
import SceneModel

struct FacelessStretch: LintRule {
    let id = "faceless-stretch"
    let kind = RuleKind.media
    let explanation = "Under a dubbed line the face that should say it is not seen for half a second or more. The footage's pictures stay as they are there, while the new line is heard. With `when lost error` the render stops at the first such picture, and this is an error."
    let wrong = """
        audio line = "line.wav"
        video ceo = "looks-away.mp4"
        shot { footage ceo { dub line at 1s } }
        """
    let right = """
        audio line = "line.wav"
        video ceo = "looks-away.mp4"
        shot { footage ceo { dub line at 5s } }
        """
    let nearMiss = """
        audio line = "line.wav"
        video ceo = "looks-away.mp4"
        shot { footage ceo from 4s to 10s { dub line at 500ms } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        DubbedFaces.looked(context).compactMap { faces in
            guard let first = faces.stretches(where: { $0 == nil }).first else { return nil }
            let who = Self.who(faces.dub.clause.face ?? faces.footage.face)
            let message = faces.isFaceless ? "\(who) is not seen anywhere under the line" : "\(who) is not seen from \(first.words) of the footage"
            let help = "move the line, or show another part of the footage; \(faces.command)"
            guard faces.footage.whenLost == .error else { return warning(message + ": the lips stay as they are there", faces.dub.clause.place, help: help) }
            return error(message + ", and `when lost error` stops the render there", faces.dub.clause.place, help: help)
        }
    }

    private static func who(_ choice: FaceChoice) -> String {
        if case .id(let number) = choice { return "face \(number)" }
        return "a face"
    }
}
