// A codec that the container cannot hold.
import Diagnostics
import SceneModel

struct CodecContainer: LintRule {
    let id = "codec-container"
    let kind = RuleKind.file
    let explanation = "The output asks for a codec that its container cannot hold; writing it fails. WebM holds VP9 and AV1 with Opus; MP4 does not hold ProRes, DNxHR or FFV1; MOV and MKV hold nearly all."
    let wrong = """
        shot for 1s { background black }
        output "a.webm" { video h264 }
        """
    let right = """
        shot for 1s { background black }
        output "a.webm" { video vp9 }
        """
    let nearMiss = """
        shot for 1s { background black }
        output "a.mkv" { video h264 ; audio flac }
        """

    private static let video: [String: Set<String>] = [
        "webm": ["vp9", "av1"], "mp4": ["h264", "h265", "av1", "vp9"], "m4v": ["h264", "h265", "av1", "vp9"],
        "mov": ["h264", "h265", "prores", "dnxhr", "png"],
    ]
    private static let audio: [String: Set<String>] = ["webm": ["opus", "none"], "mov": ["aac", "pcm", "none"], "mp4": ["aac", "opus", "flac", "none"]]

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.outputs.filter(\.isWritten).flatMap { output -> [Diagnostic] in
            let ending = OutputEnding.ending(output.path)
            var result: [Diagnostic] = []
            if let video = output.video, let holds = Self.video[ending], !holds.contains(video.codec) { result.append(speak(ending, video.codec, holds, video.place)) }
            if let audio = output.audio, let holds = Self.audio[ending], !holds.contains(audio.codec) { result.append(speak(ending, audio.codec, holds, audio.place)) }
            return result
        }
    }
    private func speak(_ ending: String, _ codec: String, _ holds: Set<String>, _ place: Place) -> Diagnostic {
        error("`.\(ending)` cannot hold \(codec)", place, help: "it holds \(holds.subtracting(["none"]).sorted().joined(separator: ", "))")
    }
}
