// The only door from the language to the disk.
import Base
import Motion

/// What is known about a file before the first pixel. What does not apply is nil.
package struct AssetFacts: Sendable {
    /// Exact length in seconds of audio and video.
    package var duration: Rational?
    package var size: PixelSize?
    package var rate: FrameRate?
    package var hasVideo: Bool
    package var hasAudio: Bool
    package var sampleRate: Int?
    package var isVariableRate: Bool
    package var persona: Persona?
    /// FFmpeg's name of the colour matrix of the picture, `bt709`.
    package var colorMatrix: String?
    package var channels: Int?
    package var sound: Sound?
    /// Cues of a caption file in the order of time.
    package var cues: [Cue]?

    /// What listening to a whole file tells.
    package struct Sound: Sendable {
        /// Highest sample in dB of full scale; nil: digital silence.
        package var peak: Double?
        /// Integrated loudness (EBU R128) in LUFS; nil where nothing is loud enough to count.
        package var loudness: Double?
        package init(peak: Double?, loudness: Double?) {
            self.peak = peak
            self.loudness = loudness
        }
    }
    package struct Cue: Sendable {
        package var range: TimeRange
        package var text: String
        package init(range: TimeRange, text: String) {
            self.range = range
            self.text = text
        }
    }

    package struct Persona: Sendable {
        package var name: String
        package var engine: String
        package var size: PixelSize
        package var hasTorso: Bool
        package var hasBackground: Bool
        package var recordedFrames: Int
        package var identityCount: Int
        /// Radians; nil where the package does not say.
        package var range: [PoseChannel: ClosedRange<Double>]?
        /// Of the footage that it was trained on; nil where the package does not say.
        package var framesPerSecond: Int?
        /// nil where nobody looked; empty where the package says nothing.
        package var licence: String?
        package var consent: String?
        /// Floating-point operations of a frame drawn exactly; nil where the engine does not need to warn.
        package var operationsPerFrame: Double?
        package init(name: String, engine: String, size: PixelSize, hasTorso: Bool, hasBackground: Bool, recordedFrames: Int,
                     identityCount: Int, range: [PoseChannel: ClosedRange<Double>]?, framesPerSecond: Int? = nil, licence: String? = nil, consent: String? = nil) {
            self.name = name
            self.engine = engine
            self.size = size
            self.hasTorso = hasTorso
            self.hasBackground = hasBackground
            self.recordedFrames = recordedFrames
            self.identityCount = identityCount
            self.range = range
            self.framesPerSecond = framesPerSecond
            self.licence = licence
            self.consent = consent
        }
    }

    package init(duration: Rational? = nil, size: PixelSize? = nil, rate: FrameRate? = nil, hasVideo: Bool = false, hasAudio: Bool = false,
                 sampleRate: Int? = nil, isVariableRate: Bool = false, persona: Persona? = nil) {
        self.duration = duration
        self.size = size
        self.rate = rate
        self.hasVideo = hasVideo
        self.hasAudio = hasAudio
        self.sampleRate = sampleRate
        self.isVariableRate = isVariableRate
        self.persona = persona
    }
}

/// Why a file cannot be used.
package enum AssetProblem: Error, Sendable {
    /// Not there; the folder that was searched, and a file there with nearly that name.
    case missing(folder: String, nearest: String?)
    /// There, but not what it should be.
    case unreadable(reason: String)
}

/// What a motion file holds.
package enum MotionSamples: Sendable {
    case poses(PoseSamples)
    case values(ScalarSamples)
}

/// Answers questions about files. Paths are those that `AssetPath.join` makes from what the scene says.
package protocol AssetResolver: Sendable {
    /// The text of a scene file.
    func readText(_ path: String) throws(AssetProblem) -> String
    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts
    /// The nearest folder upward of a scene that has `studio.toml` or `.git`, else the scene's own folder.
    func projectFolder(ofScene path: String) -> String
    /// The path with links followed, for the rule that a scene only reads below its project folder.
    func canonicalPath(_ path: String) -> String
    /// The command line allowed reading elsewhere.
    var allowsOutsideProject: Bool { get }
    /// Reads a camera file or a table: poses for a path, else one column times `scale`. nil where nobody looks.
    func motion(_ kind: MotionDeclaration.Kind, path: String, column: String?, scale: Double) throws(AssetProblem) -> MotionSamples?
    /// Characters of a text for which neither the font nor any other of the system has a glyph; empty where nobody looks.
    func missingCharacters(in text: String, font: TextStyle.Font?) -> [Character]
    /// The system has a font family; true where nobody looks.
    func hasFontFamily(_ name: String) -> Bool
    /// Faces of footage in a stretch of its own seconds. Takes time: asked only about what is dubbed.
    func faces(in path: String, during range: TimeRange) -> FaceKnowledge
}

extension AssetResolver {
    package func canonicalPath(_ path: String) -> String { AssetPath.normalised(path) }
    package var allowsOutsideProject: Bool { false }
    package func motion(_ kind: MotionDeclaration.Kind, path: String, column: String?, scale: Double) throws(AssetProblem) -> MotionSamples? { nil }
    package func missingCharacters(in text: String, font: TextStyle.Font?) -> [Character] { [] }
    package func hasFontFamily(_ name: String) -> Bool { true }
    package func faces(in path: String, during range: TimeRange) -> FaceKnowledge { .notAsked }
}

/// Paths as text.
package enum AssetPath {
    /// `path` as seen from the folder of `file`.
    package static func join(_ path: String, relativeToFile file: String) -> String {
        if path.hasPrefix("/") { return normalised(path) }
        let folder = folder(of: file)
        return normalised(folder.isEmpty ? path : folder + "/" + path)
    }
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
    package static func baseName(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
        return String(last[..<dot])
    }
    /// Without `.`, and without `..` where something stands before it.
    package static func normalised(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else if part == "..", path.hasPrefix("/") { continue } else { parts.append(part) }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
    /// A path lies in a folder or below it.
    package static func isInside(_ path: String, folder: String) -> Bool {
        if folder.isEmpty || folder == "." { return !path.hasPrefix("/") && path != ".." && !path.hasPrefix("../") }
        let base = folder.hasSuffix("/") ? folder : folder + "/"
        return path == folder || path.hasPrefix(base)
    }
}
