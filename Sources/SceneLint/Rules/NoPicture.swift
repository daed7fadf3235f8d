// A sound where a film is asked for.
import Diagnostics
import SceneModel

struct NoPicture: LintRule {
    let id = "no-picture"
    let kind = RuleKind.media
    let explanation = "The file of a `video` asset holds no pictures. Showing it fails."
    let wrong = """
        video ceo = "sound-only.mp4"
        shot for 3s { background ceo }
        """
    let right = """
        video ceo = "ceo.mp4"
        shot for 3s { background ceo }
        """
    let nearMiss = """
        audio ceo = "sound-only.mp4"
        shot for 3s { background black ; sound ceo to 3s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.ownAssets.compactMap { asset in
            guard asset.kind == .video, let facts = asset.facts, facts.hasAudio, !facts.hasVideo else { return nil }
            return error("`\(asset.writtenPath)` holds no picture", asset.pathPlace, help: "declare it as `audio`")
        }
    }
}
