// A sound file in which nothing is heard.
import Diagnostics
import SceneModel

struct SilentFile: LintRule {
    let id = "silent-file"
    let kind = RuleKind.media
    let explanation = "All samples of the file are zero. A recorder was muted, or the wrong track was exported."
    let wrong = """
        audio voice = "digital-silence.wav"
        shot for 5s { background black ; sound voice }
        """
    let right = """
        audio voice = "hello.wav"
        shot for 5s { background black ; sound voice }
        """
    let nearMiss = """
        audio voice = "quiet.wav"
        shot for 5s { background black ; sound voice }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.ownAssets.compactMap { asset in
            guard let sound = asset.facts?.sound, sound.peak == nil else { return nil }
            return warning("nothing is heard in `\(asset.writtenPath)`", asset.pathPlace, help: "export it again")
        }
    }
}
