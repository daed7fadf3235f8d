// Speech without pictures teaches the audio net; the meaning of codes comes out by least squares.
import Base
import Engines
@testable import TalkingHead
import Tensors
import Testing

@Suite struct AudioLessonLaws {
    /// Sound whose first band is the jaw and whose second is the width.
    func lesson(_ frames: Int) -> SpeechLesson {
        let random = SeededRandom(seed: 5, stream: 2)
        func level(_ frame: Int, _ band: Int) -> Float { random.uniform(UInt64(max(frame, 0) / 4 * 4 + band), 0, 1) }
        let rows = (0..<frames).map { n -> [Float] in
            (0..<4).flatMap { band in (0..<16).map { step in level(n + (step - 8) / 2, band) } }
        }
        return SpeechLesson(features: SpeechFeatures(rows: rows, channels: 4, steps: 16), mouth: (0..<frames).map { [level($0, 0), level($0, 1)] })
    }

    final class Setup {
        let layout = ParameterLayout(FieldConfiguration(audioChannels: 4, identityCount: 1, hasTorso: false).headShapes)
        let network: AudioNetwork
        let block: Buffer<Float>
        init() {
            network = AudioNetwork(layout: layout, channels: 4)
            block = Buffer(count: layout.total)
            block.pointer.update(from: FieldInitialisation.block(layout, seed: 3), count: layout.total)
        }
    }

    @Test func lessonsTeachAndDoNotDependOnThreads() throws {
        var errors: [Double] = []
        for threads in [1, 3] {
            let setup = Setup()
            let lessons = try #require(AudioLessons([lesson(200)], network: setup.network, layout: setup.layout))
            let block = setup.block.pointer
            let early = try lessons.run(block, steps: 10, seed: 1, budget: ComputeBudget(threads: threads)) { _ in true }
            let late = try lessons.run(block, steps: 200, seed: 1, budget: ComputeBudget(threads: threads)) { _ in true }
            #expect(late < early * 0.8, "\(early) to \(late)")
            errors.append(late)
            let again = try lessons.relearn(block, steps: 60, seed: 1, budget: ComputeBudget(threads: threads)) { _ in true }
            errors.append(again)
            withExtendedLifetime(setup) {}
        }
        #expect(errors[0] == errors[2] && errors[1] == errors[3])
    }

    @Test func tooFewLessonsAreNoLessons() {
        let setup = Setup()
        let short = AudioLessons([lesson(20)], network: setup.network, layout: setup.layout), none = AudioLessons([], network: setup.network, layout: setup.layout)
        #expect(short == nil && none == nil)
    }

    @Test func meaningOfCodes() {
        let random = SeededRandom(seed: 9, stream: 1)
        let pairs = (0..<400).map { k -> (mouth: [Float], code: [Float]) in
            let m = [random.uniform(UInt64(2 * k)), random.uniform(UInt64(2 * k + 1))]
            return (m, (0..<32).map { 0.3 * Float($0 % 5) * m[0] - m[1] + Float($0) / 10 })
        }
        let meaning = MouthCode(pairs, outputs: 2)
        let code = meaning.code(of: [0.25, 0.75])
        for c in 0..<32 { #expect(abs(code[c] - (0.3 * Float(c % 5) * 0.25 - 0.75 + Float(c) / 10)) < 0.02) }
    }
}
