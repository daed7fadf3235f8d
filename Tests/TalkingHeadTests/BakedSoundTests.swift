// Which sounds bricks are fitted to, and what pictures have to reach.
import Base
import Imaging
import Testing
@testable import TalkingHead

@Suite struct BakedSoundTests {
    /// Codes on their way round, each as far as can be from those before.
    static let codes = SampleSpeech.spread((0..<400).map { k in
        (0..<AudioNetwork.code).map { c in c < 6 ? SeededRandom(seed: 5, stream: UInt64(c)).uniform(UInt64(k), -1, 1) * Float(6 - c) : 0 }
    }, 400)

    static func extent(_ sounds: BakedSounds, _ code: [Float]) -> Float { sounds.axes.coordinates(code).reduce(0) { $0 + $1 * $1 } }

    @Test func soundsAreFittedToOrTriedAndTheTrialsReachFromTheMiddleToTheOutermost() throws {
        let sounds = BakedSounds(Self.codes)
        #expect(sounds.fit.count == 96 && Set(sounds.fit).count == 96)
        #expect(Set(sounds.fit).isDisjoint(with: sounds.others) && sounds.fit.count + sounds.others.count == Self.codes.count)
        let trials = sounds.trials(3, outer: 5), extents = trials.map { Self.extent(sounds, $0) }
        #expect(extents.max() == Self.codes.map { Self.extent(sounds, $0) }.max())
        let (usual, outer) = (extents.prefix(3), extents.suffix(5))
        #expect(try #require(usual.max()) <= #require(outer.min()))
    }

    @Test(arguments: [1, 2, 40]) func fewSoundsAreEnough(count: Int) {
        let sounds = BakedSounds(Array(Self.codes.prefix(count)))
        #expect(!sounds.fit.isEmpty && !sounds.others.isEmpty)
        #expect(sounds.trials(3, outer: 5).count == 8)
    }

    @Test func anAimIsForEachPictureAndForAllTogether() {
        let aim = PictureAim(each: 40, together: 45)
        #expect(aim.isReached([1e-5, 2e-5]) && !aim.isReached([1e-6, 2e-4]) && !aim.isReached([6e-5, 6e-5]))
    }

    @Test func whatIsCountedIsWhatIsSeen() {
        func picture(_ pixel: SIMD4<Float>) -> HeadPicture {
            let picture = HeadPicture(width: 2, height: 1)
            for i in 0..<2 { for c in 0..<4 { picture.pixels.pointer[4 * i + c] = pixel[c] } }
            return picture
        }
        let opaque = picture(SIMD4(0.5, 0.5, 0.5, 1))
        // A tenth of one of three channels.
        #expect(abs(picture(SIMD4(0.6, 0.5, 0.5, 1)).squaredError(to: opaque) - 0.01 / 3) < 1e-7)
        // Half transparent grey before the same grey is not seen.
        #expect(picture(SIMD4(0.25, 0.25, 0.25, 0.5)).squaredError(to: opaque) < 1e-12)
        func frame(_ pixel: SIMD4<Float>) -> Imaging.Frame { .filled(width: 1, height: 1, pixel) }
        var film = FilmDifference()
        film.add(reference: frame(SIMD4(0.5, 0.5, 0.5, 1)), other: frame(SIMD4(0.6, 0.6, 0.6, 1)))
        film.add(reference: frame(SIMD4(0.5, 0.5, 0.5, 1)), other: frame(SIMD4(0.25, 0.25, 0.25, 0.5)))
        #expect(abs(film.decibels[0] - 20) < 1e-4 && film.decibels[1] > 100)
    }
}
