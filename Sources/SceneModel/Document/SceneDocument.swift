// The scene as its author meant it: names resolved, units read, defaults filled in, times still as written.
//
// How to walk it. `SceneLoader.load` gives a `SceneDocument` and, when nothing stands against it, a `Timeline`.
// The document is for tools that show or check the text: `scene` (settings of the picture), `assets`, `motions`, `styles`
// by name (imported ones as `cast.nova`), `shots` in order with their `layers` (bottom up) and `sounds`, `transitions`
// between shots, `outputs`. A `Setting` says its value, where it was written, and whether it was written at all.
// Times in it are `TimeExpression`s. Whoever renders walks the `Timeline` instead: there every time is exact seconds and
// every range also a range of frames.
import Base
import Diagnostics
import Motion
import SceneSyntax

/// Where something stands.
package struct Place: Sendable {
    package var file: SourceFile
    package var range: TextRange
    package init(_ file: SourceFile, _ range: TextRange) {
        self.file = file
        self.range = range
    }
    package func label(_ text: String = "") -> Label { Label(file, range, text) }
}

/// A value, written by the author or filled in.
package struct Setting<Value: Sendable>: Sendable {
    package var value: Value
    /// Of the clause that says it; of the block around where it is a default.
    package var place: Place
    package var isWritten: Bool
    package init(written value: Value, _ place: Place) {
        self.value = value
        self.place = place
        isWritten = true
    }
    package init(default value: Value, _ place: Place) {
        self.value = value
        self.place = place
        isWritten = false
    }
}

/// One file with everything it imports.
package struct SceneDocument: Sendable {
    package var file: SourceFile
    package var scene: SceneSettings
    package var parameters: [Parameter] = []
    package var assets: [String: Asset] = [:]
    package var motions: [String: MotionDeclaration] = [:]
    package var styles: [String: StyleDeclaration] = [:]
    package var shots: [Shot] = []
    package var transitions: [Transition] = []
    package var outputs: [OutputRequest] = []
    /// Names that something uses; lint reports the others.
    package var usedNames: Set<String> = []
    /// Imports of all files, in the order in which they were read.
    package var imports: [ImportUse] = []
    /// All files read, this one first; for suppressions and for the cache.
    package var trees: [SyntaxTree] = []
}

/// `import "cast.scene" as cast`
package struct ImportUse: Sendable {
    /// Resolved and normalised.
    package var path: String
    package var place: Place
    /// What it brings in, with its prefix.
    package var names: [String]
    /// Clauses of that file which an import does not bring in: scene, shots, transitions, outputs.
    package var ignored: [Place]
}

/// `scene "Title" { … }`
package struct SceneSettings: Sendable {
    package var title: String
    package var place: Place
    /// nil: of the first footage, else 1280x720.
    package var size: Setting<PixelSize?>
    /// nil: of the first footage, else 25fps.
    package var rate: Setting<FrameRate?>
    package var seed: Setting<Int>
    package var background: Setting<SceneColor>
    /// Target of the mix in LUFS; nil: leave as is.
    package var loudness: Setting<Double?>
    /// Video whose size, rate, colour description and sample rate the scene takes.
    package var like: String?
}

/// Width and height in pixels.
package struct PixelSize: Hashable, Sendable, CustomStringConvertible {
    package var width: Int
    package var height: Int
    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
    package var description: String { "\(width)x\(height)" }
}

/// Straight 8-bit sRGB with alpha.
package struct SceneColor: Hashable, Sendable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8
    package var alpha: UInt8
    package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8, _ alpha: UInt8 = 255) {
        (self.red, self.green, self.blue, self.alpha) = (red, green, blue, alpha)
    }
    package static let black = SceneColor(0, 0, 0)
    package static let white = SceneColor(255, 255, 255)
}

/// `40px` or `55%` of the matching side of the picture.
package enum Length: Hashable, Sendable {
    case pixels(Double)
    /// 0…1 stands for 0…100 %.
    case fraction(Double)
    package func pixels(of whole: Double) -> Double {
        switch self {
        case .pixels(let value): value
        case .fraction(let value): value * whole
        }
    }
}

/// `param name: type = value`
package struct Parameter: Sendable {
    package enum Kind: String, Sendable, CaseIterable { case text, number, duration, angle, color, file, flag }
    package var name: String
    package var kind: Kind
    /// The value in force; nil where it is missing.
    package var value: Argument?
    package var place: Place
}

/// What an asset is.
package enum AssetKind: String, Sendable, Hashable, CaseIterable {
    case persona, audio, image, video, captions, font, lipdub
}

/// `audio hello = "hello.wav" { … }`
package struct Asset: Sendable {
    package enum Channel: Sendable, Hashable { case all, left, right, mix, number(Int) }
    package var name: String
    package var kind: AssetKind
    /// As written, interpolation done.
    package var writtenPath: String
    /// Relative to the file that says it: resolved and normalised.
    package var path: String
    package var place: Place
    package var pathPlace: Place
    package var from: TimeExpression?
    package var to: TimeExpression?
    /// Decibels.
    package var gain: Double = 0
    package var channel: Channel = .all
    /// nil: the file could not be read; that was reported.
    package var facts: AssetFacts?
}

/// `path`, `blink` or `curve`.
package struct MotionDeclaration: Sendable {
    package enum Kind: String, Sendable { case path, blink, curve }
    package var name: String
    package var kind: Kind
    package var source: MotionSource
    package var place: Place
}

/// Where a motion comes from.
package enum MotionSource: Sendable {
    /// `at 1s yaw 4deg pitch 2deg ease in`; radians and centimetres.
    case poseKeys([PoseKey])
    /// `at 120ms 1 ease out`; `repeat`.
    case scalarKeys([ScalarKey], repeats: TimeExpression?)
    /// Amplitudes in radians and centimetres.
    case wander(amplitudes: [PoseChannel: Double], period: TimeExpression, seed: Int?)
    case blinks(every: TimeExpression, tolerance: TimeExpression?, lasting: TimeExpression?, seed: Int?)
    case never
    /// Read by the compiler: camera file or table.
    case file(path: String, place: Place, column: String?, scale: Double)
    /// A curve's file, read: its values at its own times.
    case samples(ScalarSamples, path: String)
    /// A mistake stood here.
    case hole

    package struct PoseKey: Sendable {
        package var time: TimeExpression
        package var values: [PoseChannel: Double]
        package var easing: Easing
        package var place: Place
    }
    package struct ScalarKey: Sendable {
        package var time: TimeExpression
        package var value: Double
        package var easing: Easing
        package var place: Place
    }
}

/// `style name { … }`
package struct StyleDeclaration: Sendable {
    package var name: String
    package var style: TextStyle
    package var place: Place
}

/// `transition dissolve 12f` between two shots.
package struct Transition: Sendable {
    package enum Kind: String, Sendable, CaseIterable { case dissolve, fade, wipe }
    package enum Direction: String, Sendable, CaseIterable { case left, right, up, down }
    package var kind: Kind
    package var duration: TimeExpression
    /// Of a fade: what lies between the two.
    package var color: SceneColor
    /// Of a wipe: where the edge travels.
    package var direction: Direction
    package var easing: Easing
    /// Index of the shot before it.
    package var after: Int
    package var place: Place
}

/// `output "renders/x.mp4" { … }`
package struct OutputRequest: Sendable {
    package struct Video: Sendable {
        package enum Control: Sendable { case quality(Double), crf(Double), bitrate(Double) }
        package var codec: String
        package var profile: String?
        package var control: Control?
        package var pixelFormat: String?
        package var place: Place
    }
    package struct Audio: Sendable {
        /// `aac`, `opus`, `flac`, `pcm`, `none`.
        package var codec: String
        /// Bits a second.
        package var bitrate: Double?
        package var bits: Int?
        package var place: Place
    }
    package var path: String
    package var place: Place
    package var isWritten: Bool
    package var video: Video?
    package var audio: Audio?
    package var size: PixelSize?
    package var rate: FrameRate?
    package var from: TimeExpression?
    package var to: TimeExpression?
    package var keepsAudio = false
    package var language: String?
    package var metadata: [(key: String, value: String)] = []
    package var provenance = true
}
