// A data set folder as training footage.
import Base
import Engines
import Foundation
import Media
import Motion
import Sound
import Speech
import Synchronization
import Tensors

/// Reads the original projects' folder layout, and the stage's. Pixels are read when asked for and kept while they fit.
package final class DatasetFootage: TrainingFootage {
    package let name: String
    package let width: Int
    package let height: Int
    package let focal: Float
    package let center: SIMD2<Float>
    package let framesPerSecond = 25
    package let train: [TrainingFrame]
    package let held: [TrainingFrame]
    package let audioKind: String
    package let features: SpeechFeatures
    package let background: [UInt8]
    /// The speech lessons of the folder; nil where it has none.
    package let lessons: SpeechLessons?
    /// As the stage knows them; of a film that an encoder hears, as its landmarks show them.
    package let mouths: [[Float]]
    package let folder: DatasetFolder

    private struct Cache { var pixels: [Int: TrainingPixels] = [:]; var bytes = 0 }
    private let cache = Mutex(Cache())
    private let cacheLimit: Int
    private let encoder: SpeechEncoder?
    private let lesson = Mutex<[SpeechLesson]?>(nil)

    /// Opens a folder.
    ///
    /// - Parameters:
    ///   - encoder: Hears the folder's sound (`aud.wav`) instead of the features that lie beside it.
    ///   - cacheBytes: Bounds what is kept of the pictures.
    package init(path: String, encoder: SpeechEncoder? = nil, cacheBytes: Int = 512 << 20) throws(EngineError) {
        folder = DatasetFolder(path: path)
        name = URL(fileURLWithPath: path).lastPathComponent
        cacheLimit = cacheBytes
        let trainFile = try folder.readTransforms("transforms_train.json"), heldFile = try folder.readTransforms("transforms_val.json")
        let plate = try Self.picture(folder.file(folder.exists("bc.png") ? "bc.png" : "bc.jpg"), channels: 3)
        (width, height, background) = (plate.width, plate.height, plate.bytes)
        focal = trainFile.focal_len
        center = SIMD2(trainFile.cx, trainFile.cy)
        let closures = try folder.readClosures()
        train = try Self.frames(trainFile, folder, closures)
        held = try Self.frames(heldFile, folder, closures)
        if let encoder {
            audioKind = HeardMouthExtractor.kind
            features = try Self.heard(folder, encoder)
        } else {
            let published = try Self.features(folder)
            (features, audioKind) = (published.stored, published.kind)
        }
        self.encoder = encoder
        lessons = try SpeechLessons(of: folder)
        let told = try lessons == nil ? [] : SpeechLessons.mouths(of: folder, rows: (train.map(\.audioID).max() ?? -1) + 1)
        mouths = Self.mouths(told, lessons, encoder, train)
    }

    /// The film's own mouths where the set tells none and an encoder can be taught to hear them.
    private static func mouths(_ told: [[Float]], _ lessons: SpeechLessons?, _ encoder: SpeechEncoder?, _ train: [TrainingFrame]) -> [[Float]] {
        guard told.isEmpty, lessons == nil, encoder != nil else { return told }
        return FilmMouths(frames: train)?.filled ?? []
    }

    /// The same folder, heard by an encoder: nothing is read again but its sound.
    package convenience init(_ other: DatasetFootage, encoder: SpeechEncoder) throws(EngineError) {
        self.init(other, features: try Self.heard(other.folder, encoder), encoder: encoder)
    }

    private init(_ other: DatasetFootage, features: SpeechFeatures, encoder: SpeechEncoder) {
        (folder, name, cacheLimit) = (other.folder, other.name, other.cacheLimit)
        (width, height, background, focal, center) = (other.width, other.height, other.background, other.focal, other.center)
        (train, held, lessons) = (other.train, other.held, other.lessons)
        mouths = Self.mouths(other.mouths, other.lessons, encoder, other.train)
        (self.features, self.encoder, audioKind) = (features, encoder, HeardMouthExtractor.kind)
    }

    /// Made where it is asked for: its rows are many. A captured film teaches by itself.
    package var speechOnly: [SpeechLesson] {
        lesson.withLock { kept in
            let made = kept ?? makeLessons()
            kept = made
            return made
        }
    }

    private func makeLessons() -> [SpeechLesson] {
        // Features of other kinds cannot be made of the lessons' sound.
        if let lessons, encoder != nil || audioKind == LogMelExtractor.kind { return [lessons.lesson(encoder)] }
        guard lessons == nil, encoder != nil || folder.captureNote != nil, let seen = FilmMouths(frames: train) else { return [] }
        return (encoder == nil ? FilmLesson.plain(heard: features, seen: seen) : FilmLesson.lesson(heard: features, seen: seen)).map { [$0] } ?? []
    }

    private static func frames(_ file: DatasetFolder.Transforms, _ folder: DatasetFolder, _ closures: [Float]) throws(EngineError) -> [TrainingFrame] {
        var result: [TrainingFrame] = []
        for frame in file.frames where FileManager.default.fileExists(atPath: folder.image(frame.img_id)) {
            guard frame.img_id >= 0, frame.img_id < closures.count else {
                throw .unreadable(path: folder.file("au.csv"), reason: "it has no row for frame \(frame.img_id)")
            }
            guard frame.aud_id >= 0 else { throw .unreadable(path: folder.path, reason: "frame \(frame.img_id) has audio row \(frame.aud_id)") }
            let rows = frame.transform_matrix.map { SIMD4($0[0], $0[1], $0[2], $0[3]) }
            result.append(TrainingFrame(imageID: frame.img_id, audioID: frame.aud_id, cameraToWorld: Matrix4(rows: rows),
                                        eyeClosure: closures[frame.img_id], landmarks: try folder.readLandmarks(frame.img_id)))
        }
        return result
    }

    private static func features(_ folder: DatasetFolder) throws(EngineError) -> PublishedFeatures {
        for file in PublishedFeatures.files where folder.exists(file.name) {
            return try PublishedFeatures(path: folder.file(file.name), kind: file.kind)
        }
        let names = PublishedFeatures.files.map(\.name).joined(separator: ", ")
        throw .unreadable(path: folder.path, reason: "it has no audio features: one of \(names)")
    }

    /// What an encoder hears of the folder's sound: a row for every frame that the sound lasts.
    private static func heard(_ folder: DatasetFolder, _ encoder: SpeechEncoder) throws(EngineError) -> SpeechFeatures {
        let path = folder.file("aud.wav")
        let sound: AudioBuffer
        do { sound = try AudioFile.read(path) } catch { throw .unreadable(path: path, reason: "\(error)") }
        return try HeardMouthExtractor(encoder).features(of: sound, frameCount: Int((sound.seconds * 25).rounded(.up)), framesPerSecond: Rational(25))
    }

    private static func picture(_ path: String, channels: Int) throws(EngineError) -> RawImage {
        do { return try ImageFile.readRaw(path, channels: channels) } catch { throw .unreadable(path: path, reason: "\(error)") }
    }

    /// A picture of the set's own size.
    private func part(_ path: String, channels: Int) throws(EngineError) -> [UInt8] {
        let image = try Self.picture(path, channels: channels)
        guard image.width == width, image.height == height else {
            throw .unreadable(path: path, reason: "it is \(image.width)x\(image.height), the background is \(width)x\(height)")
        }
        return image.bytes
    }

    package func pixels(of frame: TrainingFrame) throws(EngineError) -> TrainingPixels {
        let id = frame.imageID
        if let kept = cache.withLock({ $0.pixels[id] }) { return kept }
        let image = try part(folder.image(id), channels: 3)
        let torso = try part(folder.torso(id), channels: 4)
        let parsing = try part(folder.parsing(id), channels: 3)
        let codes = (0..<(width * height)).map { ParsingColors.code(parsing[3 * $0], parsing[3 * $0 + 1], parsing[3 * $0 + 2]) }
        let pixels = TrainingPixels(image: image, torso: torso, parsing: codes)
        let size = image.count + torso.count + codes.count
        cache.withLock { cache in
            guard cache.bytes + size <= cacheLimit, cache.pixels[id] == nil else { return }
            cache.pixels[id] = pixels
            cache.bytes += size
        }
        return pixels
    }
}
