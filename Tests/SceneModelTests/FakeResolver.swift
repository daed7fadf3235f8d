// A disk of names: what the tests of the language read.
import Base
import Motion
import SceneModel

struct FakeResolver: AssetResolver {
    var texts: [String: String] = [:]
    var files: [String: AssetFacts] = [:]
    var project = ""

    func readText(_ path: String) throws(AssetProblem) -> String {
        guard let text = texts[path] else { throw .missing(folder: AssetPath.folder(of: path), nearest: nil) }
        return text
    }
    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        if let facts = files[path] { return facts }
        if path.contains("missing") { throw .missing(folder: AssetPath.folder(of: path), nearest: "present.wav") }
        return Self.standard(kind)
    }
    func projectFolder(ofScene path: String) -> String { project }

    static func standard(_ kind: AssetKind) -> AssetFacts {
        switch kind {
        case .persona:
            AssetFacts(persona: .init(name: "Nova", engine: "er-nerf", size: PixelSize(width: 512, height: 512), hasTorso: true, hasBackground: true,
                                      recordedFrames: 0, identityCount: 200,
                                      range: [.yaw: -0.3...0.3, .pitch: -0.2...0.2, .roll: -0.1...0.1]))
        case .audio: AssetFacts(duration: Rational(5), hasAudio: true, sampleRate: 16000)
        case .video:
            AssetFacts(duration: Rational(12), size: PixelSize(width: 640, height: 360), rate: FrameRate(Rational(30000, 1001)), hasVideo: true, hasAudio: true, sampleRate: 48000)
        case .image: AssetFacts(size: PixelSize(width: 800, height: 600), hasVideo: true)
        default: AssetFacts()
        }
    }
}

/// Loads a text with the fake disk.
func load(_ text: String, resolver: FakeResolver = FakeResolver(), set: [String: String] = [:]) -> SceneLoader.Result {
    SceneLoader.load(path: "test.scene", text: text, resolver: resolver, parameters: set)
}
