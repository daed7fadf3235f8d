// A disk for texts that nobody wrote: every file is there and plain, and nothing real is opened.
import Base
import Motion
import SceneModel

/// Answers for any path; names with `missing` are not there.
struct SealedDisk: AssetResolver {
    func readText(_ path: String) throws(AssetProblem) -> String {
        guard path == "cast.scene" else { throw .missing(folder: AssetPath.folder(of: path), nearest: nil) }
        return "image loft = \"loft.png\"\npath nod { at 0s pitch 0deg ; at 1s pitch 4deg }\n"
    }

    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        if path.contains("missing") { throw .missing(folder: AssetPath.folder(of: path), nearest: "loft.png") }
        switch kind {
        case .persona:
            return AssetFacts(persona: .init(name: "Nova", engine: "er-nerf", size: PixelSize(width: 512, height: 512), hasTorso: true, hasBackground: true,
                                             recordedFrames: 0, identityCount: 200, range: [.yaw: -0.3...0.3], framesPerSecond: 25, licence: "CC BY 4.0", consent: "signed"))
        case .audio: return AssetFacts(duration: Rational(5), hasAudio: true, sampleRate: 16000)
        case .video:
            return AssetFacts(duration: Rational(12), size: PixelSize(width: 640, height: 360), rate: FrameRate(Rational(30000, 1001)), hasVideo: true, hasAudio: true, sampleRate: 48000)
        case .image: return AssetFacts(size: PixelSize(width: 800, height: 600), hasVideo: true)
        case .captions:
            var facts = AssetFacts()
            facts.cues = [.init(range: TimeRange(start: .zero, end: Rational(2)), text: "Hello")]
            return facts
        default: return AssetFacts()
        }
    }

    func projectFolder(ofScene path: String) -> String { "" }
}
