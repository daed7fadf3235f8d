// Errors of every room become one message with an exit code and a next step; names of picture sequences.
import Engines
import Foundation
import Media
import StudioKit
import Tensors
import Testing

@Suite struct FailureTests {
    @Test func everyKindOfErrorHasItsExitCode() {
        let cases: [(any Error, Int32)] = [
            (MediaError.missing(path: "a"), 3), (MediaError.unreadable(path: "a", reason: "r"), 3), (MediaError.noVideo(path: "a"), 3), (MediaError.noAudio(path: "a"), 3),
            (MediaError.empty(path: "a", what: "sound"), 3), (MediaError.unwritable(path: "a", reason: "r"), 4), (MediaError.noSpace(path: "a"), 6),
            (MediaError.noCodec(path: "a", wanted: "w", available: []), 4), (MediaError.failedCheck(path: "a", reason: "r"), 5),
            (EngineError.badPackage(path: "a", entry: "e", reason: "r"), 3), (EngineError.unreadable(path: "a", reason: "r"), 3), (EngineError.noSpace(path: "a"), 6),
            (EngineError.unwritable(path: "a", reason: "r"), 4), (EngineError.interrupted, 130), (EngineError.notFinite("x"), 4), (EngineError.badInput("x"), 4),
            (CheckpointError.forbidden(path: "a", name: "n"), 3), (CheckpointError.noSpace(path: "a"), 6), (CheckpointError.missing(path: "a", key: "k"), 3),
            (CancellationError(), 130), (StudioFailure(2, "x"), 2),
        ]
        for (error, code) in cases {
            let failure = StudioFailure.of(error)
            #expect(failure.exitCode == code, "\(error)")
            #expect(!failure.message.isEmpty)
        }
    }

    @Test func theSystemsReasonsAreFoundBelowFoundations() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plain-\(UUID().uuidString)")
        try Data([1]).write(to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        let failure = #expect(throws: StudioFailure.self) { try OutputFolder.make(for: folder.path + "/below/x.mp4") }
        #expect(failure?.exitCode == 4)
        #expect(failure?.message.contains("NSCocoa") == false && failure?.message.contains(folder.path) == true, "\(failure?.message ?? "")")
        #expect(failure?.advice?.contains("-o") == true)
    }

    @Test(arguments: [("a-%04d.png", "a-0007.png"), ("%d.png", "7.png"), ("100%done/%03d.jpg", "100%done/007.jpg"), ("é%2d.png", "é07.png")])
    func aNumberedNameCounts(pattern: String, seventh: String) throws {
        #expect(try #require(NumberedName(pattern)).name(7) == seventh)
    }

    /// A stranger's name is never a format for C.
    @Test(arguments: ["100%.mp4", "%s.png", "%04d-%04d.png", "%n.png", "%99999d.png", "plain.png", "%", "%04", "%03d/y.jpg"])
    func anyOtherPercentIsAPlainName(name: String) { #expect(NumberedName(name) == nil) }
}
