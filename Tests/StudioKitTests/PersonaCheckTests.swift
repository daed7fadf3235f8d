// What a persona check says of personas whose quality is known: they play the footage back, late, still, shut or not at all.
import Base
@testable import Capture
import Engines
import Faces
import Foundation
import Imaging
import Media
import Motion
@testable import StudioKit
import TalkingHead
import Testing
import TestSupport

/// Footage of memory.
private struct KeptFootage: TrainingFootage {
    let name = "kept", width: Int, height: Int, focal: Float = 500, framesPerSecond = 25, audioKind = "log-mel-16"
    let train: [TrainingFrame] = [], held: [TrainingFrame]
    let images: [[UInt8]]
    var center: SIMD2<Float> { SIMD2(Float(width), Float(height)) / 2 }
    var features: SpeechFeatures { SpeechFeatures(rows: held.map { _ in [0] }, channels: 1, steps: 1) }
    var background: [UInt8] { [UInt8](repeating: 0, count: 3 * width * height) }
    var speechOnly: [SpeechLesson] { [] }
    func pixels(of frame: TrainingFrame) -> TrainingPixels {
        TrainingPixels(image: images[frame.imageID], torso: [UInt8](repeating: 0, count: 4 * width * height), parsing: [UInt8](repeating: ParsingClass.head.rawValue, count: width * height))
    }
}

/// Draws pictures of the footage: `shown` says which one for a frame; nil: nothing.
private struct Playback: CameraPersona {
    let footage: KeptFootage
    let shown: @Sendable (Int) -> Int?
    let facts: PersonaFacts
    let contentKey = ContentKey("playback")
    let silentCode: [Float] = [0]
    let background: Frame? = nil

    init(_ footage: KeptFootage, shown: @escaping @Sendable (Int) -> Int?) {
        (self.footage, self.shown) = (footage, shown)
        facts = PersonaFacts(name: "playback", engine: "none", audioKind: footage.audioKind, width: footage.width, height: footage.height, framesPerSecond: 25, hasTorso: false, hasBackground: false,
                             recordedFrames: 0, range: RecordedRange(yaw: 0...0, pitch: 0...0, roll: 0...0), identityCount: 1, licence: "none", consent: "none")
    }
    func audioCodes(for features: SpeechFeatures) -> [[Float]] { features.rows.indices.map { [Float($0)] } }
    func recordedPose(_ frame: Int) -> HeadPose? { nil }
    func recordedClosure(_ frame: Int) -> Float? { nil }
    func render(cameraToWorld: Matrix4, _ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame { try render(conditions, budget: budget) }
    func render(_ conditions: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame {
        let builder = FrameBuilder(width: footage.width, height: footage.height), pixels = builder.pixels
        let image = shown(Int(conditions.audioCode[0])).map { footage.images[min(max($0, 0), footage.images.count - 1)] }
        for i in 0..<(footage.width * footage.height) {
            for c in 0..<3 { pixels[4 * i + c] = Float(image?[3 * i + c] ?? 0) / 255 }
            pixels[4 * i + 3] = image == nil ? 0 : 1
        }
        return builder.freeze()
    }
}

@Suite(.serialized) struct PersonaCheckTests {
    private static let film = SharedFolder.file("data/persona/may_synctalk_512_25fps.mp4")
    private static let model = SharedFolder.file("data/models/face_landmarker.task")
    private static let lpips = SharedFolder.file("data/models/lpips_alexnet.safetensors")
    private static let missing: Comment = "the face model or the footage of the shared folder is not here"
    private static let side = 128

    /// A piece of a real film, a sixteenth of its pixels, with the landmarks that the mesh sees.
    private static func footage(_ count: Int) throws -> (footage: KeptFootage, models: FaceModels) {
        let models = try FaceModels(path: #require(model)), tracker = MeshTracker(models)
        let reader = try VideoReader(path: #require(film))
        var frames: [TrainingFrame] = [], images: [[UInt8]] = []
        for n in 0..<count {
            let time = Rational(Int64(n), 25)
            let whole = try reader.picture(at: Rational(6) + time).frame
            let picture = whole.drawn(into: PixelRect(x: 0, y: 0, width: Double(side), height: Double(side)), canvasWidth: side, canvasHeight: side)
            let points = try #require(tracker.faces(in: picture, at: time.doubleValue).first).sighting.landmarks
            frames.append(TrainingFrame(imageID: n, audioID: n, cameraToWorld: .identity, eyeClosure: 0, landmarks: MeshNumbers.layout68.map { SIMD2(points[$0].x, points[$0].y) }))
            images.append(ImageFile.eightBit(picture, channels: 3).bytes)
        }
        return (KeptFootage(width: side, height: side, held: frames, images: images), models)
    }

    private static func report(_ footage: KeptFootage, _ models: FaceModels?, every: Int = 1, shown: @escaping @Sendable (Int) -> Int?) throws -> PersonaCheck.Report {
        var check = PersonaCheck(persona: Playback(footage, shown: shown), footage: footage)
        check.measure = models.map { MeshOpenings($0, footage: footage) }
        check.missing = "nothing here measures"
        return try check.run(every: every, keeps: 0) { _ in true }
    }

    @Test(.enabled(if: film != nil && model != nil, missing))
    func `lips of real people are followed by the face mesh: on time, late, still, and not there`() throws {
        let (footage, models) = try Self.footage(30)
        let same = try #require(Self.report(footage, models) { $0 }.motion)
        #expect(same.gap > 0.999 && same.area > 0.999 && same.lag == 0 && abs(same.gapSpan - 1) < 1e-6 && abs(same.areaSpan - 1) < 1e-6 && same.worth > 0.9 && same.seen == 30, "\(same)")
        #expect(same.words.contains("face mesh") && same.blink.allSatisfy { abs($0 - 1) < 1e-6 } && same.blink.count == 5)
        // Two frames late: ours now is the truth of two frames ago.
        let late = try #require(Self.report(footage, models) { $0 - 2 }.motion)
        #expect(late.lag == -2 && late.gap > 0.97, "\(late)")
        // A mouth that never moves goes with nothing.
        let still = try #require(Self.report(footage, models) { _ in 4 }.motion)
        #expect(still.gapSpan < 0.25 && still.areaSpan < 0.25 && still.seen == 30, "\(still)")
        // Where nobody is drawn, nothing is measured, and that is said.
        let nobody = try Self.report(footage, models, every: 5) { _ in nil }
        #expect(nobody.motion?.seen == 0 && nobody.motion?.all == 6 && nobody.text.contains("no face seen in 6 of 6 frames") && nobody.motion?.blink.isEmpty == true)
    }

    @Test(.enabled(if: film != nil && model != nil, missing))
    func `without a face model the rest is told, and one line says what is missing`() throws {
        let (footage, _) = try Self.footage(3)
        let report = try Self.report(footage, nil) { $0 }
        #expect(report.motion == nil && report.headDecibels > 40 && report.sharpness.map { abs($0 - 1) < 0.01 } == true)
        #expect(report.text.components(separatedBy: "mouth and eyes: not measured: nothing here measures").count == 2 && !report.text.contains("mouth opening"), "\(report.text)")
    }

    @Test func `what measures a data set hangs on who is in it`() throws {
        let folder = try ScratchFolder()
        _ = try PersonaWork.stage(folder.file("stage"), seconds: 1, size: 64, seed: 3, heldOut: true, lessonMinutes: 0, threads: 2) { _ in true }
        let footage = try DatasetFootage(path: folder.file("stage"))
        #expect(try PersonaWork.measure(footage, dataset: folder.file("stage"), model: nil).measure is PresenterOpenings)
        // The same pictures without the stage's note could be of anybody: the mesh looks, and a model that is not there is named.
        try FileManager.default.removeItem(atPath: folder.file("stage/stage.json"))
        let other = try DatasetFootage(path: folder.file("stage"))
        #expect(throws: StudioFailure.self) { _ = try PersonaWork.measure(other, dataset: folder.file("stage"), model: folder.file("none.task")) }
        if let model = Self.model { #expect(try PersonaWork.measure(other, dataset: folder.file("stage"), model: model).measure is MeshOpenings) }
    }

    // MARK: the mouth's patch

    /// Stripes and a dark mouth, and where its landmarks lie.
    private static func mouth() -> (rgb: [UInt8], landmarks: [SIMD2<Float>]) {
        var rgb: [UInt8] = []
        for y in 0..<96 {
            for x in 0..<96 {
                let skin = 150 + 40 * ((x / 3 + y / 5) % 2), open = abs(x - 48) < 16 && abs(y - 60) < 6
                rgb += open ? [40, 12, 20] : [UInt8(skin), UInt8(skin - 30), UInt8(skin - 50)]
            }
        }
        var points = [SIMD2<Float>](repeating: SIMD2(48, 20), count: 68)
        for k in 48..<68 { points[k] = SIMD2(48 + 16 * cos(Float(k)), 60 + 6 * sin(Float(k))) }
        return (rgb, points)
    }

    /// Each pixel the mean of the 5 × 5 around it.
    private static func blurred(_ rgb: [UInt8]) -> [UInt8] {
        (0..<rgb.count).map { n in
            let (y, x, c) = (n / 3 / 96, n / 3 % 96, n % 3)
            var sum = 0
            for j in -2...2 { for i in -2...2 { sum += Int(rgb[3 * (min(max(y + j, 0), 95) * 96 + min(max(x + i, 0), 95)) + c]) } }
            return UInt8(sum / 25)
        }
    }

    private static func patch(_ rgb: [UInt8], _ landmarks: [SIMD2<Float>]) -> MouthPatch { MouthPatch(rgb, width: 96, height: 96, landmarks: landmarks) }

    @Test func `a blurred mouth is less sharp, and the patch lies around the mouth`() {
        let (rgb, points) = Self.mouth()
        let truth = Self.patch(rgb, points), side = MouthPatch.side
        // The middle of the mouth is the middle of the patch; 20 rows above it is skin.
        #expect(abs(truth.values[(side / 2) * side + side / 2] - 40 / 255) < 1e-6 && truth.values[(side / 2 - 20) * side + side / 2] > 0.5)
        var same = MouthPatchSums(), soft = MouthPatchSums()
        same.add(truth, truth, nil)
        soft.add(Self.patch(Self.blurred(rgb), points), truth, nil)
        #expect(same.sharpness == 1 && same.distance == nil)
        #expect(soft.sharpness < 0.6 && soft.sharpness > 0.02, "\(soft.sharpness)")
        // A mouth in the corner: the last pixels go on beyond the edge.
        let corner = Self.patch(rgb, points.map { $0 - SIMD2(48, 60) })
        #expect(corner.values.count == 3 * side * side && corner.values[0] == Float(rgb[0]) / 255 && corner.values[side / 2] == corner.values[0])
    }

    @Test(.enabled(if: lpips != nil, "shared/data/models/lpips_alexnet.safetensors is missing"))
    func `a mouth is like itself to LPIPS, and the less the more it is changed`() throws {
        let path = try #require(Self.lpips)
        let net = try #require(try PerceptualDistance(path: path))
        let (rgb, points) = Self.mouth()
        let truth = Self.patch(rgb, points)
        func distance(_ rgb: [UInt8]) throws -> Double {
            var sums = MouthPatchSums()
            sums.add(Self.patch(rgb, points), truth, net)
            return try #require(sums.distance)
        }
        var shut = rgb
        for y in 54...66 { for x in 32...64 { for c in 0..<3 { shut[3 * (y * 96 + x) + c] = rgb[3 * (30 * 96 + x) + c] } } }
        let soft = try distance(Self.blurred(rgb)), other = try distance(shut)
        #expect(try distance(rgb) == 0)
        #expect(soft > 0.05 && other > 0.05, "\(soft), \(other)")
        #expect(try distance(Self.blurred(shut)) > max(soft, other), "\(soft), \(other)")
    }
}
