// The example scenes' assets come out of the program as they are committed.
@testable import Capture
import Base
import Foundation
import Media
import Sound
import Testing

@Suite struct ScenePropsTests {
    @Test func `the greeting is mono speech at 48 kHz of six to eight seconds, with quiet ends`() throws {
        let hello = try SceneProps.hello()
        #expect(hello.sampleRate == 48_000 && hello.channels.count == 1)
        #expect(hello.seconds > 6 && hello.seconds < 8)
        #expect(hello.mono.prefix(4800).allSatisfy { $0 == 0 } && hello.mono.suffix(4800).allSatisfy { $0 == 0 })
        #expect((hello.mono.map(abs).max() ?? 0) > 0.2)
    }

    @Test func `the music repeats without a click and does not clip`() {
        let music = MusicLoop(seed: 11).render().mono
        let steps = zip(music, music.dropFirst()).map { abs($0 - $1) }
        let seam = abs(music[0] - music[music.count - 1])
        #expect(seam <= (steps.max() ?? 0))
        #expect((music.map(abs).max() ?? 2) < 0.75)
        let other = MusicLoop(seed: 12).render().mono
        #expect(other != music)
    }

    @Test func `the loft does not depend on the threads`() {
        let loft = LoftPicture(width: 128, height: 72)
        let (a, b) = (loft.draw(budget: .single), loft.draw(budget: ComputeBudget(threads: 3)))
        #expect(a.bytes == b.bytes)
        #expect(Set(a.bytes).count > 100)
    }
}
