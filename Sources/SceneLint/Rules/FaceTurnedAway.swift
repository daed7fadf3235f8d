// A dubbed line over a head that is turned too far.
import Diagnostics
import SceneModel

struct FaceTurnedAway: LintRule {
    let id = "face-turned-away"
    let kind = RuleKind.media
    let explanation = "Under a dubbed line the head is turned further than the lip model serves for half a second or more: 50 degrees to a side, or what `when turned beyond` says. The footage's own pixels are kept there; with `when turned … error` the render stops, and this is an error."
    let wrong = """
        audio line = "line.wav"
        video ceo = "profile.mp4"
        shot { footage ceo { dub line at 1s } }
        """
    let right = """
        audio line = "line.wav"
        video ceo = "near-face.mp4"
        shot { footage ceo { dub line at 1s } }
        """
    let nearMiss = """
        audio line = "line.wav"
        video ceo = "half-profile.mp4"
        shot { footage ceo { dub line at 1s } }
        """

    private static let usualLimit = 50 * Double.pi / 180

    func check(_ context: LintContext) -> [Diagnostic] {
        DubbedFaces.looked(context).compactMap { faces in
            let limit = faces.footage.turnLimit ?? Self.usualLimit
            guard let first = faces.stretches(where: { $0.map { abs($0.yaw) > limit } ?? false }).first else { return nil }
            let most = first.faces.map(\.yaw).max { abs($0) < abs($1) } ?? 0
            let message = "the head is turned by \(Words.degrees(abs(most))) to the \(most > 0 ? "right" : "left") from \(first.words) of the footage, the lips serve up to \(Words.degrees(limit))"
            guard faces.footage.whenTurned == .error else {
                return warning(message, faces.dub.clause.place, help: "the lips stay as they are there; move the line, or show another part of the footage")
            }
            return error(message + ", and `when turned … error` stops the render there", faces.dub.clause.place, help: "move the line, show another part of the footage, or write `keep` instead of `error`")
        }
    }
}
