// Too few bits for the picture.
import Base
import Diagnostics
import SceneModel

struct ThinBitrate: LintRule {
    let id = "thin-bitrate"
    let kind = RuleKind.file
    let explanation = "The bit rate leaves fewer than 0.02 bits for a pixel. The picture falls apart into blocks, faces first."
    let wrong = """
        shot for 1s { background black }
        output "a.mp4" { video h264 bitrate 300kbps }
        """
    let right = """
        shot for 1s { background black }
        output "a.mp4" { video h264 bitrate 4Mbps }
        """
    let nearMiss = """
        shot for 1s { background black }
        output "a.mp4" { video h264 bitrate 300kbps ; size 320x180 }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        (context.timeline?.outputs ?? []).compactMap { output in
            guard let video = output.request.video, case .bitrate(let bits)? = video.control else { return nil }
            let pixels = Double(output.size.width * output.size.height) * output.rate.framesPerSecond.doubleValue
            guard bits < 0.02 * pixels else { return nil }
            return warning("\(Words.number(bits / 1000))kbps are too few for \(output.size) at \(output.rate)", video.place,
                           help: "write at least \(Words.number((0.05 * pixels / 1_000_000 * 10).rounded(.up) / 10))Mbps, or `quality 70`")
        }
    }
}
