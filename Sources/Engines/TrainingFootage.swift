// What a trainer needs to know of a training data set, whoever made it.
import Base
import Motion

/// One frame of training footage.
public struct TrainingFrame: Sendable {
    /// Number in the file names.
    public var imageID: Int
    /// Row of the audio features.
    public var audioID: Int
    /// Camera-to-world as in `transforms_*.json` (OpenGL axes, translation divided by 10).
    public var cameraToWorld: Matrix4
    /// 0 open … 1 shut.
    public var eyeClosure: Float
    /// 68 points in pixels (x, y), or empty.
    public var landmarks: [SIMD2<Float>]
    /// A frame with all of it.
    public init(imageID: Int, audioID: Int, cameraToWorld: Matrix4, eyeClosure: Float, landmarks: [SIMD2<Float>]) {
        self.imageID = imageID
        self.audioID = audioID
        self.cameraToWorld = cameraToWorld
        self.eyeClosure = eyeClosure
        self.landmarks = landmarks
    }
}

/// Pixels of one training frame, `width × height`, row-major, 8 bits.
public struct TrainingPixels: Sendable {
    /// RGB over the static background (gt_imgs), 3 bytes a pixel.
    public var image: [UInt8]
    /// RGBA torso (torso_imgs), straight alpha, 4 bytes a pixel.
    public var torso: [UInt8]
    /// Class of each pixel: see `ParsingClass`.
    public var parsing: [UInt8]
    /// Pixels of one size.
    public init(image: [UInt8], torso: [UInt8], parsing: [UInt8]) {
        self.image = image
        self.torso = torso
        self.parsing = parsing
    }
}

/// Classes of the parsing maps.
public enum ParsingClass: UInt8, Sendable {
    case background = 0, head = 1, neck = 2, torso = 3, lips = 4
}

/// A data set in memory or on disk: cheap facts at once, pixels on demand.
public protocol TrainingFootage: Sendable {
    var name: String { get }
    var width: Int { get }
    var height: Int { get }
    /// Focal length in pixels, and the principal point.
    var focal: Float { get }
    var center: SIMD2<Float> { get }
    var framesPerSecond: Int { get }
    /// Split of the original: train and validation.
    var train: [TrainingFrame] { get }
    var held: [TrainingFrame] { get }
    var audioKind: String { get }
    var features: SpeechFeatures { get }
    /// RGB background plate, 3 bytes a pixel.
    var background: [UInt8] { get }
    func pixels(of frame: TrainingFrame) throws(EngineError) -> TrainingPixels
    /// Extra speech without pictures for the audio net: features and targets
    /// (`mouth[r]` = mouth parameters of row r, any fixed count); empty where the set has none.
    var speechOnly: [SpeechLesson] { get }
    /// The mouth of each row of the features as it really stood, in the parameters of the lessons; empty where nobody knows.
    var mouths: [[Float]] { get }
}

extension TrainingFootage {
    /// Nobody knows.
    public var mouths: [[Float]] { [] }
}

/// Speech with the mouth shapes that belong to it: teaches the audio net without a picture.
public struct SpeechLesson: Sendable {
    /// What is heard.
    public var features: SpeechFeatures
    /// One vector a row: opening, width, pucker, press, … each about 0…1.
    public var mouth: [[Float]]
    /// As many rows of mouths as of features.
    public init(features: SpeechFeatures, mouth: [[Float]]) {
        self.features = features
        self.mouth = mouth
    }
}
