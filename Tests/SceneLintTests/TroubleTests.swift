// Broken scenes through the whole front: no trap, no endless run, findings inside the file.
import Base
import Diagnostics
import SceneLint
import SceneModel
import Testing

@Suite struct TroubleTests {
    static let scene = """
    param pause: duration = 1s
    scene "W" { size 1280x720 ; rate 24000/1001fps ; seed 7 ; loudness -16LUFS }
    persona nova = "nova.persona"
    audio hello = "hello.wav" { from 0.5s to 4s }
    video ceo = "ceo.mp4"
    captions subs = "subs.srt"
    path glance { at 0s yaw 0deg ; at 1.8s yaw 14deg pitch -4deg ease bezier(0.2, 0, 1, 1) }
    blink calm { every 4s ± 1.2s lasting 160ms seed 3 }
    style big { like headline ; size 12% }
    shot one {
        background #20303c
        actor nova { speaks hello from 0.2s ; pose glance offset 1s speed 0.5 loop smooth 3f ; blinks calm ; place left-half }
        title "Hi" { style big ; from hello.end - 0.5s to shot.end ; fade pause }
    }
    transition dissolve 12f
    shot two for 00:00:05:12 {
        footage ceo from 1s to 8s { dub hello from 1s to 4.5s { stretch up to 6% } ; original -24dB ; when turned beyond 50deg keep }
        captions subs
        sound hello { at one.duration ; gain -3dB ; duck 9dB under hello }
    }
    output "a.mp4" { video h264 quality 80 ; audio aac 160kbps }
    """

    @Test func theSceneIsRight() {
        let found = SceneLinter.findings(load(Self.scene)).filter { $0.severity == .error }
        #expect(found.isEmpty, "\(ShortReporter().report(found))")
    }

    @Test func mutatedScenesNeverTrap() {
        let pieces = ["{", "}", "\n", ";", "\"", "-", "±", "99999999999999999999s", "1e300", "0s", "-5s", "0fps", "0x0", "shot.end", "one.end", "two.start", "hello.end", "ease", "400%", "1e-300deg", "nova", "for"]
        for seed in 0..<400 {
            let random = SeededRandom(seed: UInt64(seed), stream: 5)
            var words = Self.scene.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            for k in 0..<UInt64(1 + seed % 6) {
                let at = random.integer(k * 3, below: words.count)
                switch random.integer(k * 3 + 1, below: 3) {
                case 0: words.remove(at: at)
                case 1: words[at] = pieces[random.integer(k * 3 + 2, below: pieces.count)]
                default: words.swapAt(at, random.integer(k * 3 + 2, below: words.count))
                }
            }
            let result = load(words.joined(separator: " "))
            let findings = SceneLinter.findings(result)
            #expect(findings.count < 40, "seed \(seed): \(ShortReporter().report(findings))")
            let inside = findings.allSatisfy { $0.primary.range.start >= 0 && $0.primary.range.end <= $0.primary.file.bytes.count }
            #expect(inside, "seed \(seed)")
            #expect((result.timeline == nil) == result.hasErrors, "seed \(seed): \(ShortReporter().report(findings))")
        }
    }

    @Test func everyIdThatIsReportedIsExplained() {
        var seen: Set<String> = []
        for seed in 0..<200 {
            let random = SeededRandom(seed: UInt64(seed), stream: 6)
            var bytes = Array(Self.scene.utf8)
            for k in 0..<3 { bytes.remove(at: random.integer(UInt64(k), below: bytes.count)) }
            seen.formUnion(SceneLinter.findings(load(String(decoding: bytes, as: UTF8.self))).map(\.id))
        }
        let unexplained = seen.filter { Explanation.text($0) == nil }
        #expect(unexplained.isEmpty)
        #expect(seen.count > 10)
    }
}
