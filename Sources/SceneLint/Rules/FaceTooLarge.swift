// A mouth with far more pixels than lips are drawn with.
import Diagnostics
import SceneModel

struct FaceTooLarge: LintRule {
    let id = "face-too-large"
    let kind = RuleKind.media
    let explanation = "The part of the face that a lip model draws again has more than 512 pixels a side in the footage. The largest models draw 256, so that the mouth is drawn at more than twice its size and looks soft in a sharp face."
    let wrong = """
        audio line = "line.wav"
        video ceo = "huge-face.mp4"
        shot { footage ceo { dub line at 1s } }
        """
    let right = """
        audio line = "line.wav"
        video ceo = "near-face.mp4"
        shot { footage ceo { dub line at 1s } }
        """
    let nearMiss = """
        audio line = "line.wav"
        video ceo = "large-face.mp4"
        shot { footage ceo { dub line at 1s } }
        """

    /// Twice the largest mouth that lip models draw.
    private static let largest = 512.0

    func check(_ context: LintContext) -> [Diagnostic] {
        DubbedFaces.looked(context).flatMap { faces in
            faces.stretches { $0.map { $0.mouth > Self.largest } ?? false }.prefix(1).map { stretch in
                let mouth = stretch.faces.map(\.mouth).max() ?? 0
                return warning("the mouth of the face has \(Words.number(mouth.rounded())) pixels a side from \(stretch.words) of the footage; beyond \(Words.number(Self.largest)) new lips look soft", faces.dub.clause.place,
                               help: "scale the footage down first, or use a wider take")
            }
        }
    }
}
