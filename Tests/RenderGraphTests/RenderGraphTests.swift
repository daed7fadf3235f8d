// The scheduler keeps the order and the bound, the session its cache, and failures their origin.
import Base
import Diagnostics
import Foundation
import Imaging
import Synchronization
import Testing
@testable import RenderGraph

/// A node that draws its frame number and notes who asked.
private final class NumberNode: PictureNode {
    let kind = "number"
    let origin: Origin?
    let evaluated = Mutex<[Int]>([])
    let open = Mutex<(now: Int, most: Int)>((0, 0))
    private let failsAt: Int?
    private let label: String
    private let isStill: Bool
    init(_ label: String = "a", failsAt: Int? = nil, isStill: Bool = false, origin: Origin? = nil) {
        self.label = label
        self.isStill = isStill
        self.failsAt = failsAt
        self.origin = origin
    }
    func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(label)
        if !isStill { key.mix(frame) }
        return key
    }
    struct Broken: Error, CustomStringConvertible { var description: String { "the lamp went out" } }
    func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame {
        evaluated.withLock { $0.append(frame) }
        open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        defer { open.withLock { $0.now -= 1 } }
        // Later frames of a group are ready first.
        usleep(UInt32((7 - frame % 7) * 300))
        if frame == failsAt { throw Broken() }
        return .filled(width: 2, height: 2, SIMD4(Float(frame), 0, 0, 1))
    }
}

@Suite struct SchedulerTests {
    @Test("pictures come in order with any number of threads", arguments: [1, 2, 4, 9]) func order(threads: Int) async throws {
        let node = NumberNode()
        let frames = Array(10..<60) + [3, 100]
        var seen: [Int] = []
        try await FrameScheduler(session: RenderSession(budget: .single), threads: threads).run(node, frames: frames) { frame, picture in
            #expect(picture[0, 0].x == Float(frame))
            seen.append(frame)
            return true
        }
        #expect(seen == frames && node.evaluated.withLock { $0.count } == frames.count)
        #expect(node.open.withLock { $0.most } <= threads)
    }
    @Test func noFrameRunsFarAhead() async throws {
        let node = NumberNode()
        try await FrameScheduler(session: RenderSession(budget: .single), threads: 3).run(node, frames: Array(0..<40)) { frame, _ in
            let furthest = node.evaluated.withLock { $0.max() ?? 0 }
            #expect(furthest < frame + 3 + 2 + 1)
            usleep(2000)
            return true
        }
    }
    @Test func stoppingEndsAfterTheFrame() async {
        let node = NumberNode()
        var seen: [Int] = []
        await #expect(throws: CancellationError.self) {
            try await FrameScheduler(session: RenderSession(budget: .single), threads: 2).run(node, frames: Array(0..<1000)) { frame, _ in
                seen.append(frame)
                return frame < 5
            }
        }
        #expect(seen == Array(0...5) && node.evaluated.withLock { $0.count } < 20)
    }
    @Test func nothingToDoIsDone() async throws {
        try await FrameScheduler(session: RenderSession(budget: .single), threads: 2).run(NumberNode(), frames: []) { _, _ in false }
    }
}

@Suite struct SessionTests {
    @Test func keptPicturesAreMadeOnce() throws {
        let node = NumberNode(), session = RenderSession(budget: .single)
        for _ in 0..<3 { for frame in 0..<4 { #expect(try session.picture(node, frame, keeps: true)[1, 1].x == Float(frame)) } }
        #expect(node.evaluated.withLock { $0 } == [0, 1, 2, 3])
        _ = try session.picture(node, 2)
        #expect(node.evaluated.withLock { $0.count } == 5)
    }
    @Test func theCacheStaysBelowItsLimitAndDropsTheOldest() throws {
        // Each picture takes 64 bytes; three fit.
        let node = NumberNode(), session = RenderSession(budget: .single, cacheBytes: 200)
        for frame in [0, 1, 2, 0, 3] { _ = try session.picture(node, frame, keeps: true) }
        // Frame 1 was the one that nobody had asked for the longest.
        for frame in [0, 2, 3] { _ = try session.picture(node, frame, keeps: true) }
        #expect(node.evaluated.withLock { $0 } == [0, 1, 2, 3])
        _ = try session.picture(node, 1, keeps: true)
        #expect(node.evaluated.withLock { $0 } == [0, 1, 2, 3, 1])
    }
    @Test func picturesThatAreOverAreGivenUp() throws {
        // A new title every 20 frames for a long film, and a ground that stays.
        let title = NumberNode("title"), ground = NumberNode("ground", isStill: true), session = RenderSession(budget: .single)
        var most = 0
        for frame in stride(from: 0, to: 2000, by: 20) {
            _ = try session.picture(title, frame, keeps: true)
            _ = try session.picture(ground, frame, keeps: true)
            most = max(most, session.heldBytes)
        }
        #expect(most <= 6 * 64 && ground.evaluated.withLock { $0 } == [0])
    }
    @Test func aFailureNamesNodeFrameLineAndReason() throws {
        let file = SourceFile(path: "x.scene", text: "shot a {\n  actor nova\n}\n")
        let node = NumberNode(failsAt: 4, origin: Origin(Label(file, TextRange(11, 16), "")))
        do {
            _ = try RenderSession(budget: .single).picture(node, 4)
            Issue.record("it was drawn")
        } catch let failure as RenderFailure {
            #expect(failure.description == "x.scene:2:3: number, frame 4: the lamp went out")
            #expect(failure.underlying is NumberNode.Broken)
        }
    }
}

/// A node with inputs, for the walk over a graph.
private struct JoinNode: PictureNode {
    let kind = "join"
    let origin: Origin? = nil
    let inputs: [any PictureNode]
    var summary: String { "\(inputs.count) inputs" }
    func contentKey(_ frame: Int) -> ContentKey { ContentKey(kind) }
    func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame { try session.picture(inputs[0], frame) }
}

@Suite struct GraphTextTests {
    @Test func treesAreIndentedAndDotHasEveryEdge() {
        let root = JoinNode(inputs: [JoinNode(inputs: [NumberNode()]), NumberNode()])
        #expect(GraphText.text(root) == "join  2 inputs\n  join  1 inputs\n    number\n  number\n")
        let dot = GraphText.dot(root)
        #expect(dot.hasPrefix("digraph") && dot.components(separatedBy: "->").count == 4)
    }
}
