// Files that are all there and cost nothing to ask for: what is measured is the language.
import Base
import Motion
import SceneModel

struct EvenDisk: ServerDisk {
    func readText(_ path: String) throws(AssetProblem) -> String { throw .missing(folder: AssetPath.folder(of: path), nearest: nil) }

    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        switch kind {
        case .persona:
            AssetFacts(persona: .init(name: "Nova", engine: "er-nerf", size: PixelSize(width: 512, height: 512), hasTorso: true, hasBackground: true,
                                      recordedFrames: 0, identityCount: 200, range: [.yaw: -0.3...0.3, .pitch: -0.2...0.2], licence: "CC BY 4.0", consent: "signed"))
        case .audio: AssetFacts(duration: Rational(5), hasAudio: true, sampleRate: 16000)
        case .video: AssetFacts(duration: Rational(12), size: PixelSize(width: 640, height: 360), rate: FrameRate(25), hasVideo: true, hasAudio: true, sampleRate: 48000)
        case .image: AssetFacts(size: PixelSize(width: 1920, height: 1080), hasVideo: true)
        default: AssetFacts()
        }
    }
    func projectFolder(ofScene path: String) -> String { "/p" }
    func stamp(_ path: String) -> FileStamp? { FileStamp(size: 1, changed: 1) }
    func entries(_ folder: String) -> [FolderEntry] { [] }
}
