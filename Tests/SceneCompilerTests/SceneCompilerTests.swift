// From text to pictures and sounds at the right moments.
import Base
import Engines
import Foundation
import Imaging
import Interchange
import Motion
import RenderGraph
import RenderNodes
import Sound
import Testing
@testable import SceneCompiler

private func picture(_ scene: CompiledScene, _ frame: Int) throws -> Frame { try RenderSession(budget: .single).picture(scene.root, frame) }
private func grey(_ scene: CompiledScene, _ frame: Int, x: Int = 16, y: Int = 8) throws -> Int { Int((try picture(scene, frame)[x, y].x * 255 / 2).rounded()) }
private func level(_ scene: CompiledScene, _ time: Double) throws -> Float { try scene.mix.mixer(gain: 0).block(start: Int(time * 48_000), count: 1).channels[0][0] }

@Suite struct FootageSceneTests {
    private let text = """
    scene { size 32x16 ; rate 25fps }
    video talk = "talk.mp4"
    audio music = "music.wav"
    shot one { footage talk ; sound music { loop ; duck 12dB under talk } }
    transition dissolve 4f
    shot two for 1s { background #800000 ; sound music { gain -6.0206dB ; fade in 0.4s } }
    """
    @Test func shotsCrossAndMusicStepsBack() throws {
        let room = try TestRoom()
        try room.film("talk.mp4", frames: 50)
        try room.sound("music.wav", seconds: 1.3)
        let scene = try room.compile(text)
        #expect(scene.timeline.frameCount == 50 + 25 - 4)
        #expect(try grey(scene, 0) == 0 && grey(scene, 20) == 20 && grey(scene, 45) == 45)
        let red = try picture(scene, 60)[3, 3]
        #expect(abs(red.x - 128.0 / 255) < 1e-4 && red.y == 0)
        // In the dissolve both are seen: the film's own frames go on.
        for (k, frame) in (46..<50).enumerated() {
            let share = (Float(k) + 0.5) / 4, expected = Float(2 * frame) / 255 * (1 - share) + 128.0 / 255 * share
            #expect(try abs(picture(scene, frame)[8, 8].x - expected) < 0.006)
        }
        // Under the voice the music is 12 dB lower; the voice itself is 0.25.
        #expect(try abs(level(scene, 1) - (0.25 + 0.5 * AudioBuffer.amplitude(decibels: -12))) < 0.01)
        #expect(try abs(level(scene, 2.6) - 0.25) < 1e-3)
    }
    @Test("another rate shows the same moments", arguments: [50, 10, 24]) func otherRate(rate: Int) throws {
        let room = try TestRoom()
        try room.film("talk.mp4", frames: 50)
        try room.sound("music.wav", seconds: 1.3)
        let scene = try room.compile(text, rate: FrameRate(rate))
        #expect(scene.timeline.frameCount == FrameRate(rate).nearestFrame(to: Rational(71, 25)) && scene.timeline.rate == FrameRate(rate))
        for frame in [0, rate / 2, rate, rate + rate / 3] { #expect(try grey(scene, frame) == FrameRate(25).frame(at: FrameRate(rate).time(ofFrame: frame))) }
    }
    @Test func framesDoNotDependOnWhoAsks() throws {
        let room = try TestRoom()
        try room.film("talk.mp4", frames: 50)
        try room.sound("music.wav", seconds: 1.3)
        let scene = try room.compile(text), again = try room.compile(text)
        for frame in [70, 0, 47, 30] {
            #expect(try picture(scene, frame).meanSquaredDifference(to: picture(again, frame)) == 0)
            #expect(scene.root.contentKey(frame) == again.root.contentKey(frame))
        }
    }
}

@Suite struct ActorSceneTests {
    private func scene(_ actor: String, motions: String = "", _ room: TestRoom, rate: Int = 25) throws -> (CompiledScene, GreyProvider) {
        let provider = GreyProvider()
        return (try room.compile("""
        scene { size 32x32 ; rate \(rate)fps ; seed 3 }
        persona grey = "grey.persona"
        audio line = "line.wav"
        \(motions)
        shot a for 2s { background black ; actor grey { \(actor) ; place full } }
        """, provider: provider), provider)
    }
    @Test func speechDrivesAndIsHeardAtItsTime() throws {
        let room = try TestRoom()
        try room.sound("line.wav", seconds: 0.6, level: 0.4)
        let (scene, _) = try scene("speaks line from 0.8s ; blinks never", room)
        for (frame, expected) in [(0, 0.0), (18, 0), (21, 0.4), (30, 0.4), (36, 0)] { #expect(try abs(Double(picture(scene, frame)[16, 16].z) - expected) < 0.02, "frame \(frame)") }
        #expect(try level(scene, 0.7) == 0 && abs(level(scene, 1) - 0.4) < 1e-4)
    }
    @Test func betweenThePersonasFramesTheCodeIsMixed() throws {
        let room = try TestRoom()
        try room.sound("line.wav", seconds: 0.6, level: 0.4)
        let (scene, _) = try scene("speaks line from 0.8s ; blinks never", room, rate: 50)
        // Frame 39 of 50 a second lies between a silent and a loud frame of the persona's 25.
        #expect(try abs(picture(scene, 39)[16, 16].z - 0.2) < 0.03 && abs(picture(scene, 41)[16, 16].z - 0.4) < 0.02)
    }
    @Test func motionFilesMoveTheHeadAndTheLids() throws {
        let room = try TestRoom()
        try room.sound("line.wav", seconds: 0.6)
        try room.write("turn.csv", "time,yaw\n0,0\n1,5.7296\n")
        try room.write("au.csv", "frame,timestamp,success,AU45_r\n1,0,1,0\n2,1,1,5\n3,2,1,0\n")
        let (scene, _) = try scene("pose turn offset 0.5s ; blinks lids", motions: "path turn = \"turn.csv\"\nblink lids = \"au.csv\" { column \"AU45_r\" ; scale 0.2 }", room)
        let start = try picture(scene, 0)[16, 16], middle = try picture(scene, 25)[16, 16]
        #expect(abs(start.x - 0.5) < 0.01 && abs(middle.x - 1) < 0.01)
        #expect(try start.y < 0.01 && abs(middle.y - 1) < 0.01 && abs(picture(scene, 37)[16, 16].y - 0.52) < 0.02)
    }
    @Test(arguments: [("path", "yaw"), ("blink", "closure"), ("curve", "value")]) func `a broken motion file is a finding at its name, with the line of the file`(kind: String, column: String) throws {
        let room = try TestRoom()
        try room.write("turn.csv", "time,\(column)\n0,north\n")
        let result = room.load("\(kind) turn = \"turn.csv\"\nshot a for 1s { background black }")
        let finding = try #require(result.diagnostics.first { $0.severity == .error })
        #expect(finding.id == "unreadable-file" && finding.message.contains("line 2") && finding.message.contains("north"))
        #expect(result.timeline == nil && room.load("\(kind) turn = \"gone.csv\"\nshot a for 1s { background black }").diagnostics.first?.id == "missing-file")
    }
    @Test func `a curve from a file fades a layer, turns a sound and blurs, at its own times`() throws {
        let room = try TestRoom()
        try room.sound("line.wav", seconds: 2, level: 0.4)
        try room.write("fade.csv", "time,value\n0,0\n1,100\n1.5,250\n")
        let text = """
        scene { size 32x32 ; rate 20fps }
        audio line = "line.wav"
        curve fade = "fade.csv" { scale 0.01 }
        shot a for 2s { background black ; background white { opacity fade } ; sound line { volume fade } }
        """
        let scene = try room.compile(text)
        // What lies beyond full opacity is full opacity; a volume may be more than one.
        for (frame, expected) in [(0, 0.0), (5, 0.25), (10, 0.5), (20, 1), (39, 1)] { #expect(try abs(Double(picture(scene, frame)[9, 9].x) - expected) < 1e-3, "frame \(frame)") }
        #expect(try abs(level(scene, 0.5) - 0.2) < 1e-3 && abs(level(scene, 1) - 0.4) < 1e-3 && abs(level(scene, 1.25) - 0.7) < 1e-3)
        // A shot that begins later counts from its own start.
        let later = try room.compile(text.replacingOccurrences(of: "shot a", with: "shot b for 1s { background black }\nshot a"))
        #expect(try abs(picture(later, 30)[9, 9].x - 0.5) < 1e-3)
    }
    @Test func theOwnBackgroundStandsOnlyWhereTheShotHasNone() throws {
        let room = try TestRoom()
        let text = "scene { size 40x32 ; rate 25fps }\npersona grey = \"grey.persona\"\nshot a for 1s { BACK actor grey { background original ; pose { hold yaw 0deg } ; place left-half ; opacity 0 } }"
        let alone = try room.compile(text.replacingOccurrences(of: "BACK", with: "")), over = try room.compile(text.replacingOccurrences(of: "BACK", with: "background #0000ff ;"))
        _ = try picture(alone, 0)
        #expect(try picture(over, 0)[10, 16].z > 0.99)
    }
}

@Suite struct TextSceneTests {
    @Test func captionsAndTitlesStandInTheirTime() throws {
        let room = try TestRoom()
        try room.write("a.srt", "1\n00:00:00,400 --> 00:00:00,800\nHHHHHH\n\n2\n00:00:01,200 --> 00:00:09,000\nIIIIII\n")
        let scene = try room.compile("""
        scene { size 160x90 ; rate 25fps }
        captions subs = "a.srt"
        shot one for 1s { background black }
        shot two for 2s { background black ; captions subs ; title "MMMM" { place top ; from 0.2s to 0.6s ; color red ; fade 0.2s } }
        """)
        func ink(_ frame: Int, _ rows: Range<Int>) throws -> Float {
            let p = try picture(scene, frame)
            return rows.reduce(Float(0)) { sum, y in (0..<160).reduce(sum) { $0 + p[$1, y].x } }
        }
        let caption = 60..<90, title = 0..<40
        // Shot two begins at frame 25; its captions count from there.
        for (frame, stands) in [(10, false), (34, false), (35, true), (44, true), (45, false), (54, false), (55, true), (74, true)] { #expect(try (ink(frame, caption) > 5) == stands, "frame \(frame)") }
        #expect(try ink(29, title) == 0 && ink(35, title) > 5 && ink(40, title) == 0)
        let half = try ink(32, title), full = try ink(35, title)
        #expect(half > 0.2 * full && half < 0.8 * full)
    }
    @Test func aLongFilmHoldsOnlyTheCuesOfTheMoment() throws {
        let room = try TestRoom()
        let cues = (0..<300).map { n in "\(n + 1)\n00:0\(n / 60):\(String(format: "%02d", n % 60)),000 --> 00:0\(n / 60):\(String(format: "%02d", n % 60)),900\nCue number \(n)\n" }
        try room.write("a.srt", cues.joined(separator: "\n"))
        let scene = try room.compile("scene { size 320x180 ; rate 5fps }\ncaptions subs = \"a.srt\"\nshot one for 300s { background black ; captions subs }")
        let session = RenderSession(budget: .single, cacheBytes: 3 << 20)
        for frame in stride(from: 0, to: 1500, by: 100) { #expect(try session.picture(scene.root, frame).width == 320) }
    }
}

@Suite struct SpeechPieceTests {
    /// The mean level of some frames around each, from pieces.
    private final class Pieces: SpeechFeatureStream {
        let whole: SpeechFeatures
        var asked: [Range<Int>] = []
        init(_ whole: SpeechFeatures) { self.whole = whole }
        func rows(_ frames: Range<Int>) -> SpeechFeatures {
            asked.append(frames)
            return SpeechFeatures(rows: Array(whole.rows[frames]), channels: 1, steps: 1)
        }
    }
    /// A code is the sum of the nine rows around it.
    private struct Neighbourly: PersonaEngine {
        let inner = GreyEngine(asked: AskedFrames())
        var facts: PersonaFacts { inner.facts }
        var contentKey: ContentKey { inner.contentKey }
        func audioCodes(for features: SpeechFeatures) -> [[Float]] {
            features.rows.indices.map { t in [(max(t - 4, 0)...min(t + 4, features.rows.count - 1)).reduce(Float(0)) { $0 + features.rows[$1][0] }] }
        }
        func recordedPose(_ frame: Int) -> HeadPose? { nil }
        func recordedClosure(_ frame: Int) -> Float? { nil }
        var background: Frame? { nil }
        func render(_ c: ActorConditions, budget: ComputeBudget) throws(EngineError) -> Frame { try inner.render(c, budget: budget) }
    }

    @Test func `codes that are made in blocks equal those of the whole speech, forwards, backwards and between rows`() throws {
        let rows = (0..<1100).map { [Float(($0 * 37) % 101)] }
        let whole = SpeechFeatures(rows: rows, channels: 1, steps: 1), engine = Neighbourly(), pieces = Pieces(whole)
        let expected = engine.audioCodes(for: whole)
        let codes = CodeStream(engine: engine, rows: (pieces, rows.count))
        for row in Array(0..<1100) + [3, 700, 255, 256, 1099] { #expect(try codes.code(at: Double(row)) == expected[row], "row \(row)") }
        #expect(try codes.code(at: 255.5)[0] == expected[255][0] + (expected[256][0] - expected[255][0]) * 0.5)
        #expect(try codes.code(at: -3) == expected[0] && codes.code(at: 5000) == expected[1099])
        #expect(pieces.asked.allSatisfy { $0.count < 300 })
    }
    @Test func `a track gives back what went in and holds beyond its ends`() {
        let conditions = (0..<5).map { ActorConditions(pose: HeadPose(yaw: Float($0)), eyeClosure: Float($0) / 5, audioCode: [Float($0), 7], identity: 2, torso: false) }
        let track = ConditionTrack(conditions)
        #expect(track.count == 5 && (0..<5).allSatisfy { track[$0] == conditions[$0] } && track[-4] == conditions[0] && track[99] == conditions[4])
    }
    @Test func `lines of one actor stand where they are said, however the speech is cut`() throws {
        let room = try TestRoom()
        try room.sound("line.wav", seconds: 0.5, level: 0.25)
        let text = "scene { size 32x32 ; rate 25fps }\npersona grey = \"grey.persona\"\naudio line = \"line.wav\"\nshot a for 3s { actor grey { speaks line from 1s ; speaks line from 1.7s } }"
        let timeline = try room.timeline(text)
        let actor = try #require(timeline.shots[0].layers.first?.actor)
        let whole = try ActorSpeech(actor.speech, shotStart: .zero, seconds: 3).source.samples(-100..<48_100)
        #expect(whole.count == 48_200 && whole[50] == 0 && abs(whole[100 + 17_000] - 0.25) < 1e-3 && whole[100 + 26_000] == 0 && abs(whole[100 + 30_000] - 0.25) < 1e-3)
        let source = try ActorSpeech(actor.speech, shotStart: .zero, seconds: 3).source
        let pieces = try stride(from: -100, to: 48_100, by: 723).flatMap { try source.samples($0..<min($0 + 723, 48_100)) }
        #expect(pieces == whole)
    }
}
