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
        package init(name: String, engine: String, size: PixelSize, hasTorso: Bool, hasBackground: Bool, recordedFrames: Int,
                     identityCount: Int, range: [PoseChannel: ClosedRange<Double>]?) {
            self.name = name
            self.engine = engine
            self.size = size
            self.hasTorso = hasTorso
            self.hasBackground = hasBackground
            self.recordedFrames = recordedFrames
            self.identityCount = identityCount
            self.range = range
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
}

extension AssetResolver {
    package func canonicalPath(_ path: String) -> String { AssetPath.normalised(path) }
    package var allowsOutsideProject: Bool { false }
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
