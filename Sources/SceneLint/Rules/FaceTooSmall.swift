// A mouth with fewer pixels than lips are drawn with.
import Diagnostics
import SceneModel

struct FaceTooSmall: LintRule {
    let id = "face-too-small"
    let kind = RuleKind.media
    let explanation = "The part of the face that a lip model draws again, from the nose to the chin, has fewer than 64 pixels a side in the footage. Lips so small are drawn, but they do not look like those of the person, and nobody sees what they say."
    let wrong = """
        audio line = "line.wav"
        video crowd = "far-face.mp4"
        shot { footage crowd { dub line at 1s } }
        """
    let right = """
        audio line = "line.wav"
        video crowd = "near-face.mp4"
        shot { footage crowd { dub line at 1s } }
        """
    let nearMiss = """
        audio line = "line.wav"
        video crowd = "far-face.mp4"
        shot { footage crowd ; sound line at 1s }
        """

    /// The smallest mouth that lip models are taught with.
    private static let smallest = 64.0

    func check(_ context: LintContext) -> [Diagnostic] {
        DubbedFaces.looked(context).flatMap { faces in
            faces.stretches { $0.map { $0.mouth < Self.smallest } ?? false }.prefix(1).map { stretch in
                let mouth = stretch.faces.map(\.mouth).min() ?? 0
                return warning("the mouth of the face has \(Words.number(mouth.rounded())) pixels a side from \(stretch.words) of the footage, \(Words.number(Self.smallest)) are needed", faces.dub.clause.place,
                               help: "use a closer or a larger take; \(faces.command)")
            }
        }
    }
}
