// Nodes with known pictures: stacking, crossing, captions, footage by its time stamps, keys.
import Base
import Foundation
import Imaging
import Media
import Motion
import RenderGraph
import Testing
@testable import RenderNodes

/// Files of these tests, in one folder that goes away when the tests end.
enum TestFile {
    static let folder: String = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("nodes-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: TestFile.folder) }
        return path
    }()
    static func path(_ name: String) -> String { folder + "/" + UUID().uuidString + "-" + name }
}

private func color(_ r: Float, _ g: Float, _ b: Float, _ a: Float = 1) -> ColorNode { ColorNode(width: 16, height: 8, color: SIMD4(r, g, b, a)) }
private func pixel(_ node: any PictureNode, _ frame: Int, _ x: Int = 8, _ y: Int = 4) throws -> SIMD4<Float> { try RenderSession(budget: .single).picture(node, frame)[x, y] }
private func near(_ a: SIMD4<Float>, _ b: SIMD4<Float>, _ tolerance: Float = 1e-5) -> Bool { (0..<4).allSatisfy { abs(a[$0] - b[$0]) <= tolerance } }

@Suite struct StackNodeTests {
    @Test func layersComeAndGoWithTheirFramesAndOpacity() throws {
        let stack = StackNode(base: color(0, 0, 0), layers: [
            StackNode.Layer(node: color(1, 0, 0), frames: 2..<6, opacity: [0.25, 0.5, 0.75, 1], isStill: true),
            StackNode.Layer(node: color(0, 0.5, 0, 0.5), frames: 4..<8, opacity: [1], isStill: false),
        ], origin: nil)
        #expect(try near(pixel(stack, 1), SIMD4(0, 0, 0, 1)))
        #expect(try near(pixel(stack, 2), SIMD4(0.25, 0, 0, 1)))
        #expect(try near(pixel(stack, 5), SIMD4(0.5, 0.5, 0, 1)))
        #expect(try near(pixel(stack, 6), SIMD4(0, 0.5, 0, 1)))
        #expect(try near(pixel(stack, 8), SIMD4(0, 0, 0, 1)))
        // Keys change exactly where the picture does.
        #expect(stack.contentKey(0) == stack.contentKey(1) && stack.contentKey(6) == stack.contentKey(7))
        #expect(Set([1, 2, 3, 4, 5, 6].map { stack.contentKey($0) }).count == 6)
    }
}

@Suite struct SequenceTests {
    private func sequence(_ kind: SequenceNode.Cross.Kind, easing: Easing = .linear) -> SequenceNode {
        SequenceNode(shots: [(color(1, 0, 0), 0..<14), (color(0, 0, 1), 10..<30)], crosses: [.init(kind: kind, frames: 10..<14, easing: easing)])
    }
    @Test func aDissolveLastsItsFramesAndIsSymmetric() throws {
        let film = sequence(.dissolve)
        #expect(try near(pixel(film, 9), SIMD4(1, 0, 0, 1)) && near(pixel(film, 14), SIMD4(0, 0, 1, 1)))
        for (frame, share) in [(10, Float(0.125)), (11, 0.375), (12, 0.625), (13, 0.875)] {
            #expect(try near(pixel(film, frame), SIMD4(1 - share, 0, share, 1)))
        }
    }
    @Test func aFadeGoesThroughItsColour() throws {
        let film = sequence(.fade(SIMD4(0, 1, 0, 1)))
        #expect(try near(pixel(film, 10), SIMD4(0.75, 0.25, 0, 1)) && near(pixel(film, 13), SIMD4(0, 0.25, 0.75, 1)))
    }
    @Test func aWipeTravelsTheWayItIsTold() throws {
        let film = sequence(.wipe(1, 0))
        #expect(try pixel(film, 12, 1).z == 1 && pixel(film, 12, 15).x == 1)
    }
    @Test func easingHoldsTheMiddle() throws {
        let film = sequence(.dissolve, easing: .easeInOut)
        #expect(try pixel(film, 10).z < 0.125 && pixel(film, 13).z > 0.875)
        #expect(film.contentKey(11) != sequence(.dissolve).contentKey(11))
    }
}

@Suite struct CueTests {
    private func cues() -> CueNode {
        CueNode(cues: [.init(frames: 40..<60, node: color(0, 0, 1)), .init(frames: 5..<8, node: color(1, 0, 0)), .init(frames: 7..<12, node: color(0, 0.5, 0, 0.5))], width: 16, height: 8, origin: nil)
    }
    @Test func everyCueStandsInItsFramesOnly() throws {
        let node = cues()
        #expect(try pixel(node, 4) == .zero && pixel(node, 12) == .zero && pixel(node, 39) == .zero && pixel(node, 60) == .zero)
        #expect(try near(pixel(node, 5), SIMD4(1, 0, 0, 1)) && near(pixel(node, 11), SIMD4(0, 0.5, 0, 0.5)) && near(pixel(node, 59), SIMD4(0, 0, 1, 1)))
        // Two at once: the later one lies over the other.
        #expect(try near(pixel(node, 7), SIMD4(0.5, 0.5, 0, 1)))
    }
    @Test func aCueIsMadeWhenItIsDueAndOnce() throws {
        final class Count: Sendable { let made = AtomicCounter() }
        let count = Count()
        let node = CueNode(cues: (0..<50).map { n in
            CueNode.Cue(frames: (10 * n)..<(10 * n + 10), node: MadeNode(kind: "text", key: ContentKey("cue \(n)")) { _ = count.made.take(); return .filled(width: 16, height: 8, .zero) })
        }, width: 16, height: 8, origin: nil)
        let session = RenderSession(budget: .single)
        for frame in 100..<120 { _ = try session.picture(node, frame) }
        #expect(count.made.take() == 2)
    }
}

@Suite struct FootageTests {
    /// Grey levels that name the frame.
    private func film(rate: FrameRate, frames: Int) throws -> String {
        let path = TestFile.path("film.mp4")
        var video = VideoSettings(width: 32, height: 16, rate: rate)
        video.quality = 100
        let writer = try FilmWriter(path: path, video: video, audio: nil)
        for n in 0..<frames { try writer.write(.filled(width: 32, height: 16, SIMD4(Float(n) / 50, Float(n) / 50, Float(n) / 50, 1))) }
        try writer.finish()
        return path
    }
    private func number(_ frame: Frame) -> Int { Int((frame[16, 8].x * 50).rounded()) }

    @Test("a frame alone equals the frame in a run", arguments: [1, 4]) func alone(threads: Int) async throws {
        let path = try film(rate: FrameRate(25), frames: 50)
        func node() -> FootageNode { FootageNode(path: path, firstFrame: 10, start: Rational(1, 5), speed: Rational(1), rate: FrameRate(25), origin: nil) }
        var run: [Int: Frame] = [:]
        try await FrameScheduler(session: RenderSession(budget: .single, threads: threads), threads: threads).run(node(), frames: Array(10..<50)) { run[$0] = $1; return true }
        for frame in [10, 11, 33, 49] {
            let alone = try RenderSession(budget: .single).picture(node(), frame)
            #expect(run[frame].map { $0.meanSquaredDifference(to: alone) } == 0)
            #expect(number(alone) == frame - 10 + 5)
        }
    }
    @Test("pictures asked for out of order are the right ones", arguments: [[3, 2, 1, 0, 5, 4, 9, 6, 8, 7], [0, 2, 1, 4, 3, 20, 18, 19, 2, 49], [10, 12, 11, 9, 8, 13]])
    func outOfOrder(order: [Int]) throws {
        let node = FootageNode(path: try film(rate: FrameRate(25), frames: 50), firstFrame: 0, start: .zero, speed: Rational(1), rate: FrameRate(25), origin: nil)
        let session = RenderSession(budget: .single, threads: 4)
        #expect(try order.map { number(try session.picture(node, $0)) } == order)
    }
    @Test("other rates and speeds show the picture of the time", arguments: [(25, Rational(1), [0, 1, 2, 3, 4, 5]), (50, Rational(1), [0, 0, 1, 1, 2, 2]), (25, Rational(2), [0, 2, 4, 6, 8, 10]), (10, Rational(1), [0, 2, 5, 7, 10, 12])])
    func rates(rate: Int, speed: Rational, expected: [Int]) throws {
        let node = FootageNode(path: try film(rate: FrameRate(25), frames: 30), firstFrame: 0, start: .zero, speed: speed, rate: FrameRate(rate), origin: nil)
        let session = RenderSession(budget: .single)
        #expect(try (0..<6).map { number(try session.picture(node, $0)) } == expected)
    }
    @Test func theKeyKnowsTheFile() throws {
        let path = try film(rate: FrameRate(25), frames: 3)
        func key() -> ContentKey { FootageNode(path: path, firstFrame: 0, start: .zero, speed: Rational(1), rate: FrameRate(25), origin: nil).contentKey(1) }
        let before = key()
        #expect(before == key())
        try FileManager.default.copyItem(atPath: try film(rate: FrameRate(25), frames: 9), toPath: path + "2")
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + "2", toPath: path)
        #expect(before != key())
    }
}
