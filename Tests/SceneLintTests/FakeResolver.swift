// A disk of names for the examples of the rules: what a file holds is said by what it is called.
import Base
import Motion
import SceneModel

struct FakeResolver: AssetResolver {
    /// Scene files that examples import.
    var texts: [String: String] = [
        "cast.scene": "image loft = \"loft.png\"\n",
        "whole.scene": "image loft = \"loft.png\"\nshot for 1s { background loft }\n",
    ]
    var files: [String: AssetFacts] = [:]
    var project = ""
    var allowsOutsideProject = false

    func readText(_ path: String) throws(AssetProblem) -> String {
        guard let text = texts[path] else { throw .missing(folder: AssetPath.folder(of: path), nearest: nil) }
        return text
    }
    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        if let facts = files[path] { return facts }
        if path.contains("missing") { throw .missing(folder: AssetPath.folder(of: path), nearest: "present.wav") }
        return Self.named(AssetPath.baseName(of: path), kind)
    }
    func projectFolder(ofScene path: String) -> String { project }
    func missingCharacters(in text: String, font: TextStyle.Font?) -> [Character] { text.filter { $0 == "\u{2603}" } }
    func hasFontFamily(_ name: String) -> Bool { name != "Nosuchfont" }

    /// Two looks a second at footage that is named after its face; nobody looks at any other.
    func faces(in path: String, during range: TimeRange) -> FaceKnowledge {
        func face(_ number: Int, _ x: Double, _ mouth: Double, _ yaw: Double) -> FaceFacts.Face { .init(number: number, x: x, y: 0.4, height: mouth * 1.6, mouth: mouth, yaw: yaw) }
        func seen(mouth: Double, yaw: Double = 0, beside other: Double? = nil, isThere: (Double) -> Bool = { _ in true }) -> FaceKnowledge {
            var looks: [FaceFacts.Look] = []
            var time = range.start.doubleValue
            while time < range.end.doubleValue {
                let alone = [face(1, other == nil ? 0.5 : 0.8, mouth, yaw)]
                looks.append(.init(time: time, faces: isThere(time) ? alone + (other.map { [face(2, 0.1, $0, 0)] } ?? []) : []))
                time += 0.5
            }
            return .seen(FaceFacts(interval: 0.5, looks: looks))
        }
        switch AssetPath.baseName(of: path) {
        case "near-face": return seen(mouth: 180)
        case "far-face": return seen(mouth: 41)
        case "large-face": return seen(mouth: 400)
        case "huge-face": return seen(mouth: 700)
        case "profile": return seen(mouth: 180, yaw: 1.2)
        case "half-profile": return seen(mouth: 180, yaw: -0.7)
        case "looks-away": return seen(mouth: 180) { !(2..<4).contains($0) }
        case "two-faces": return seen(mouth: 180, beside: 41)
        case "empty-room": return seen(mouth: 180) { _ in false }
        case "unseen": return .noModel
        case "broken-model": return .unreadable("models/faces.task: it is cut off")
        default: return .notAsked
        }
    }

    /// The odd ones by name, all others as `standard` says.
    static func named(_ name: String, _ kind: AssetKind) -> AssetFacts {
        var facts = standard(kind)
        switch name {
        case "presenter": facts.rate = FrameRate(25)
        case "variable-rate": facts.isVariableRate = true
        case "without-sound": facts.hasAudio = false
        case "sound-only": (facts.hasVideo, facts.hasAudio, facts.size, facts.rate) = (false, true, nil, nil)
        case "hdr": facts.colorMatrix = "bt2020nc"
        case "telephone": facts.sampleRate = 8000
        case "digital-silence": facts.sound = .init(peak: nil, loudness: nil)
        case "quiet": facts.sound = .init(peak: -30, loudness: -42)
        case "stamp": facts.size = PixelSize(width: 320, height: 180)
        case "tall": facts.size = PixelSize(width: 720, height: 1280)
        case "without-licence": facts.persona?.licence = ""
        case "without-consent": facts.persona?.consent = "none"
        case "without-plate": facts.persona?.hasBackground = false
        case "fast": facts.cues = [cue(1, 2, "Nobody is able to read so many letters")]
        case "brisk": facts.cues = [cue(1, 3, "Nobody is able to read so many letters")]
        case "late": facts.cues = [cue(1, 3, "Hello"), cue(20, 22, "Goodbye")]
        case "crossed": facts.cues = [cue(1, 4, "Hello"), cue(3, 6, "Goodbye")]
        case "touching": facts.cues = [cue(1, 3, "Hello"), cue(3, 6, "Goodbye")]
        default: break
        }
        return facts
    }
    private static func cue(_ start: Int, _ end: Int, _ text: String) -> AssetFacts.Cue {
        .init(range: TimeRange(start: Rational(start), end: Rational(end)), text: text)
    }

    static func standard(_ kind: AssetKind) -> AssetFacts {
        var facts: AssetFacts
        switch kind {
        case .persona:
            facts = AssetFacts(persona: .init(name: "Nova", engine: "er-nerf", size: PixelSize(width: 512, height: 512), hasTorso: true, hasBackground: true,
                                              recordedFrames: 0, identityCount: 200, range: [.yaw: -0.3...0.3, .pitch: -0.2...0.2, .roll: -0.1...0.1],
                                              framesPerSecond: 25, licence: "CC BY 4.0", consent: "signed in 2025"))
        case .audio:
            facts = AssetFacts(duration: Rational(5), hasAudio: true, sampleRate: 16000)
            facts.channels = 1
            facts.sound = .init(peak: -6, loudness: -20)
        case .video:
            facts = AssetFacts(duration: Rational(12), size: PixelSize(width: 640, height: 360), rate: FrameRate(Rational(30000, 1001)), hasVideo: true, hasAudio: true, sampleRate: 48000)
            facts.colorMatrix = "bt709"
        case .image: facts = AssetFacts(size: PixelSize(width: 800, height: 600), hasVideo: true)
        case .captions:
            facts = AssetFacts()
            facts.cues = [cue(0, 2, "Hello")]
        default: facts = AssetFacts()
        }
        return facts
    }
}

/// Loads a text with the fake disk.
func load(_ text: String, resolver: FakeResolver = FakeResolver(), set: [String: String] = [:]) -> SceneLoader.Result {
    SceneLoader.load(path: "test.scene", text: text, resolver: resolver, parameters: set)
}
