// The contract of an engine that draws a person.
import Base
import Imaging
import Motion
import Sound
import Tensors

/// Limits of the motion in which a persona was recorded, relative to its neutral pose.
public struct RecordedRange: Sendable, Hashable, Codable {
    /// Radians.
    public var yaw: ClosedRange<Float>
    public var pitch: ClosedRange<Float>
    public var roll: ClosedRange<Float>
    /// Radians, relative to the neutral pose.
    public init(yaw: ClosedRange<Float>, pitch: ClosedRange<Float>, roll: ClosedRange<Float>) {
        self.yaw = yaw
        self.pitch = pitch
        self.roll = roll
    }
}

/// What a persona is, as the compiler, the linter and `studio persona info` see it.
public struct PersonaFacts: Sendable, Hashable, Codable {
    public var name: String
    /// `er-nerf`, `ad-nerf`.
    public var engine: String
    /// Kind of audio feature: `heard-mouth-7`, `log-mel-32`, `deepspeech`, `wav2vec-eo`, `hubert`.
    public var audioKind: String
    /// Native picture size in pixels.
    public var width: Int
    public var height: Int
    /// Frames a second of the footage that it was trained on.
    public var framesPerSecond: Int
    public var hasTorso: Bool
    public var hasBackground: Bool
    /// Number of recorded frames (poses and blinks), 0 when the package carries none.
    public var recordedFrames: Int
    public var range: RecordedRange?
    /// Individual appearance codes that `identity` may choose.
    public var identityCount: Int
    public var licence: String
    public var consent: String

    /// Pixels and frames a second, as above; `range` is nil where no motion was recorded.
    public init(name: String, engine: String, audioKind: String, width: Int, height: Int, framesPerSecond: Int,
                hasTorso: Bool, hasBackground: Bool, recordedFrames: Int, range: RecordedRange?, identityCount: Int,
                licence: String, consent: String) {
        self.name = name
        self.engine = engine
        self.audioKind = audioKind
        self.width = width
        self.height = height
        self.framesPerSecond = framesPerSecond
        self.hasTorso = hasTorso
        self.hasBackground = hasBackground
        self.recordedFrames = recordedFrames
        self.range = range
        self.identityCount = identityCount
        self.licence = licence
        self.consent = consent
    }
}

/// Audio features of a stretch of speech: one row a video frame of the persona's own rate.
public struct SpeechFeatures: Sendable, Hashable {
    /// Rows; each is [channels, steps] row-major (as the audio net takes it).
    public var rows: [[Float]]
    public var channels: Int
    public var steps: Int
    /// Every row holds `channels × steps` numbers.
    public init(rows: [[Float]], channels: Int, steps: Int) {
        self.rows = rows
        self.channels = channels
        self.steps = steps
    }
}

/// Everything that decides one drawn frame. A frame is a pure function of it.
public struct ActorConditions: Sendable, Hashable {
    /// Relative to the persona's neutral pose.
    public var pose: HeadPose
    /// 0 open … 1 shut.
    public var eyeClosure: Float
    /// The audio code of this frame, from `PersonaEngine.audioCodes`.
    public var audioCode: [Float]
    /// Individual appearance code; nil is the persona's own.
    public var identity: Int?
    /// Draw the torso (where trained).
    public var torso: Bool
    /// `eyeClosure` is 0 open … 1 shut; `audioCode` has the length that the persona's audio net gives.
    public init(pose: HeadPose, eyeClosure: Float, audioCode: [Float], identity: Int? = nil, torso: Bool = true) {
        self.pose = pose
        self.eyeClosure = eyeClosure
        self.audioCode = audioCode
        self.identity = identity
        self.torso = torso
    }
}

/// Turns sound into the features that a persona was trained on.
public protocol AudioFeatureExtractor: Sendable {
    /// The `audioKind` that it serves.
    var kind: String { get }
    /// Features of `frameCount` video frames at `framesPerSecond`, frame 0 at the first sample.
    /// Frames beyond the end of the sound get silence.
    func features(of sound: AudioBuffer, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> SpeechFeatures
    /// The same features, for speech of any length: memory need not grow with it. The rows equal those of `features`.
    func stream(of speech: SpeechSource, frameCount: Int, framesPerSecond: Rational) throws(EngineError) -> any SpeechFeatureStream
}

/// Draws one persona. Implementations are immutable and safe to call from several threads at once.
package protocol PersonaEngine: Sendable {
    var facts: PersonaFacts { get }
    /// Depends on the weights and options: part of every cache key.
    var contentKey: ContentKey { get }
    /// The audio code of every frame (audio net and attention over the window around each frame).
    func audioCodes(for features: SpeechFeatures) throws(EngineError) -> [[Float]]
    /// How many rows before and behind a frame its audio code may depend on.
    var audioReach: Int { get }
    /// Weights of the persona's own speech encoder, by name; empty where its feature kind needs none.
    var speechEncoder: [String: Tensor] { get }
    /// Recorded pose of a frame, relative to neutral (ping-pong beyond the end); nil where the package has none.
    func recordedPose(_ frame: Int) -> HeadPose?
    /// Recorded eye closure, 0…1.
    func recordedClosure(_ frame: Int) -> Float?
    /// The persona's own background plate at native size; nil where the package has none.
    var background: Frame? { get }
    /// Makes now what the first frame would make else, and reports how far it is. - Throws: `EngineError.interrupted`.
    func prepare(budget: ComputeBudget, progress: ProgressHandler) throws(EngineError)
    /// The person at native size on a transparent ground, premultiplied.
    /// Work is split in bands when the budget allows; the bits do not depend on it.
    func render(_ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame
}

extension PersonaEngine {
    /// The attention of this family looks at eight rows; twice its half is more than enough.
    package var audioReach: Int { 8 }
    /// Most engines draw from what the package holds.
    package func prepare(budget: ComputeBudget, progress: ProgressHandler) throws(EngineError) {}
    /// Most personas need no encoder of their own.
    package var speechEncoder: [String: Tensor] { [:] }
}
