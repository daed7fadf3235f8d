// Laws of data sets that are seen smaller than they were shot.
@testable import Capture
import Engines
import Motion
import Testing

/// One frame of 8 × 4 pixels.
private struct TinyFootage: TrainingFootage {
    let name = "tiny", width = 8, height = 4, framesPerSecond = 25, audioKind = "log-mel-32"
    let focal: Float = 40
    let center = SIMD2<Float>(4, 2)
    let train = [TrainingFrame(imageID: 0, audioID: 0, cameraToWorld: .identity, eyeClosure: 0, landmarks: [SIMD2(4, 2)])]
    let held: [TrainingFrame] = []
    let features = SpeechFeatures(rows: [[0]], channels: 1, steps: 1)
    let speechOnly: [SpeechLesson] = []
    var background: [UInt8] { (0..<32).flatMap { (i: Int) -> [UInt8] in [i % 8 < 4 ? 0 : 200, 10, UInt8(i)] } }
    func pixels(of frame: TrainingFrame) throws(EngineError) -> TrainingPixels {
        // The torso: one column of four is solid red, the others are nothing with a colour that must not be seen.
        let torso = (0..<32).flatMap { (i: Int) -> [UInt8] in i % 4 == 0 ? [240, 0, 0, 255] : [0, 255, 255, 0] }
        return TrainingPixels(image: background, torso: torso, parsing: (0..<32).map { (i: Int) -> UInt8 in i % 8 < 3 ? 1 : 3 })
    }
}

@Suite struct ScaledFootageTests {
    @Test func `half the size has the means of four, and a camera that fits`() throws {
        let small = ScaledFootage(TinyFootage(), width: 4)
        #expect(small.width == 4 && small.height == 2 && small.focal == 20 && small.center == SIMD2(2, 1))
        #expect(small.train[0].landmarks == [SIMD2(2, 1)])
        #expect(small.background.prefix(12) == [0, 10, 5, 0, 10, 7, 200, 10, 9, 200, 10, 11])
        let pixels = try small.pixels(of: small.train[0])
        // Half covered, and red all the same.
        #expect(pixels.torso.prefix(8) == [240, 0, 0, 128, 0, 0, 0, 0])
        // Of two classes the larger part wins, of equals the lower code.
        #expect(pixels.parsing == [1, 1, 3, 3, 1, 1, 3, 3])
    }

    @Test func `an odd ratio keeps the mean of the picture`() {
        let bytes = (0..<30 * 30 * 3).map { UInt8(($0 * 37) % 251) }
        let small = AreaScale(from: (30, 30), to: (13, 13)).colors(bytes)
        func mean(_ bytes: [UInt8]) -> Double { bytes.reduce(0) { $0 + Double($1) } / Double(bytes.count) }
        #expect(small.count == 13 * 13 * 3)
        #expect(abs(mean(small) - mean(bytes)) < 0.5)
    }
}
