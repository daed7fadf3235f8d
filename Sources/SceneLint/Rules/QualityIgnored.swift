// A quality that the codec does not know.
import Diagnostics
import SceneModel

struct QualityIgnored: LintRule {
    let id = "quality-ignored"
    let kind = RuleKind.file
    let explanation = "ProRes and DNxHR take a profile, FFV1, PNG and EXR lose nothing: `quality` and `crf` change nothing in them."
    let wrong = """
        shot for 1s { background black }
        output "a.mov" { video prores hq quality 80 }
        """
    let right = """
        shot for 1s { background black }
        output "a.mov" { video prores hq }
        """
    let nearMiss = """
        shot for 1s { background black }
        output "a.mov" { video h264 quality 80 }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.outputs.compactMap { output in
            guard let video = output.video, ["prores", "dnxhr", "ffv1", "png", "exr"].contains(video.codec) else { return nil }
            switch video.control {
            case .quality, .crf: return warning("\(video.codec) has no quality to set", video.place, help: "remove it, or choose a profile")
            default: return nil
            }
        }
    }
}
