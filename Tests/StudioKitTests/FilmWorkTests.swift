// Films as a user gets them: stopped and gone on with, at other rates, in parts, once a row of a table.
import Base
import Foundation
import Imaging
import Media
import Sound
import Synchronization
import Testing
@testable import StudioKit

/// A folder with a small scene of real film and sound; goes away with its owner.
private final class FilmRoom {
    let folder: String
    var scene: String { folder + "/x.scene" }
    init(_ outputs: String = "output \"film.mp4\"") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("film-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let writer = try FilmWriter(path: folder + "/talk.mp4", video: VideoSettings(width: 64, height: 48, rate: FrameRate(25)), audio: AudioSettings())
        for n in 0..<120 {
            try writer.write(.filled(width: 64, height: 48, SIMD4(Float(n) / 120, 0.5, 1 - Float(n) / 120, 1)))
            try writer.write(AudioBuffer(channels: [[Float]](repeating: (0..<1920).map { Float(sin(Double(n * 1920 + $0) * 0.05)) * 0.2 }, count: 2), sampleRate: 48_000))
        }
        try writer.finish()
        let text = """
        param word: text = "Hello"
        scene "Small" { size 64x48 ; rate 25fps ; loudness -20LUFS }
        video talk = "talk.mp4"
        shot one { footage talk ; title "\\(word)" { size 12px ; from 0.5s to 2s ; fade 0.2s } }
        transition dissolve 10f
        shot two for 1s { background #205080 }
        \(outputs)
        """
        try Data(text.utf8).write(to: URL(fileURLWithPath: scene))
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }
    func bytes(_ name: String) -> Data? { FileManager.default.contents(atPath: folder + "/" + name) }
    var entries: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0 != "x.scene" && $0 != "talk.mp4" }.sorted() }
    func render(_ change: (inout RenderOptions) -> Void = { _ in }, stopAt: Int = .max) async throws -> [String] {
        var options = RenderOptions()
        change(&options)
        return try await SceneWork.render(scene, options) { $0.phase != "render" || $0.done < stopAt }
    }
}

@Suite struct FilmWorkTests {
    @Test("a film that was stopped has the bytes of one that was not", arguments: [1, 60, 100, 134]) func resume(stopAt: Int) async throws {
        let whole = try FilmRoom(), stopped = try FilmRoom()
        _ = try await whole.render()
        do {
            _ = try await stopped.render(stopAt: stopAt)
            Issue.record("it was not stopped")
        } catch let failure as StudioFailure {
            #expect(failure.exitCode == 130 && failure.message.contains("\(stopAt / 50 * 50) of 135 frames are kept"))
        }
        #expect(stopped.entries == (stopAt < 50 ? [] : [".film.mp4.work"]))
        let rendered = Mutex<[Int]>([])
        _ = try await SceneWork.render(stopped.scene, RenderOptions()) { report in
            if report.phase == "render" { rendered.withLock { $0.append(report.done) } }
            return true
        }
        #expect(rendered.withLock { $0.first } == max(stopAt / 50 * 50, 1))
        #expect(stopped.bytes("film.mp4") == whole.bytes("film.mp4") && stopped.entries == ["film.mp4"])
    }
    @Test func freshForgetsAndAChangedSceneKeepsWhatIsTheSame() async throws {
        let room = try FilmRoom()
        _ = try? await room.render(stopAt: 120)
        #expect(try FileManager.default.contentsOfDirectory(atPath: room.folder + "/.film.mp4.work").count { $0.hasSuffix(".segment") } == 2)
        // Another word: the title stands in the first segment only.
        _ = try? await room.render({ $0.parameters["word"] = "Other" }, stopAt: 101)
        #expect(try FileManager.default.contentsOfDirectory(atPath: room.folder + "/.film.mp4.work").count { $0.hasSuffix(".segment") } == 2)
        let first = Mutex<Int?>(nil)
        var options = RenderOptions()
        options.isFresh = true
        _ = try await SceneWork.render(room.scene, options) { report in
            first.withLock { $0 = $0 ?? report.done }
            return true
        }
        #expect(first.withLock { $0 } == 1 && room.entries == ["film.mp4"])
    }
    @Test func threadsDoNotChangeTheBytes() async throws {
        let room = try FilmRoom()
        for threads in [1, 4] { _ = try await room.render { $0.threads = threads; $0.output = room.folder + "/\(threads).mp4" } }
        #expect(room.bytes("1.mp4") == room.bytes("4.mp4") && room.bytes("1.mp4") != nil)
        // The scene asks for −20 LUFS.
        let loudness = try AudioFile.read(room.folder + "/1.mp4").integratedLoudness
        #expect(abs((loudness ?? 0) + 20) < 0.5)
    }
    @Test func outputsOfOtherRatesSizesAndSounds() async throws {
        let room = try FilmRoom("output \"slow.mp4\" { rate 10fps ; size 32x32 ; from 1s to 3s }\noutput \"keep.mkv\" { keep audio ; language fra }\noutput \"still/%03d.png\" { from 4s to 4.2s }")
        _ = try await room.render()
        let slow = try MediaProbe.probe(room.folder + "/slow.mp4")
        #expect(slow.video.first?.rate == "10" && slow.video.first?.frames == 20 && slow.video.first?.width == 32 && abs((slow.duration ?? 0) - 2) < 0.05)
        let picture = try VideoReader(path: room.folder + "/slow.mp4").picture(at: Rational(1)).frame
        // Frame 10 of the output is second 2 of the scene; what has another shape stands over black.
        #expect(abs(picture[16, 16].x - 50.0 / 120) < 0.03 && picture[16, 1].y < 0.06)
        let kept = try MediaProbe.probe(room.folder + "/keep.mkv")
        #expect(kept.audio.count == 2 && kept.audio.first?.language == "fra")
        #expect(try FileManager.default.contentsOfDirectory(atPath: room.folder + "/still").sorted() == ["101.png", "102.png", "103.png", "104.png", "105.png"])
    }
    @Test func partsOfAFilm() async throws {
        let room = try FilmRoom()
        for (selection, count) in [(FrameSelection.numbers(10, 19), 10), (.times(CommandTime(seconds: Rational(1)), CommandTime(seconds: Rational(2))), 25), (.shot("two"), 25), (.shot("one"), 120)] {
            _ = try await room.render { $0.frames = selection }
            #expect(try MediaProbe.probe(room.folder + "/film.mp4").video.first?.frames == count)
        }
        await #expect(throws: StudioFailure.self) { try await room.render { $0.frames = .shot("three") } }
        await #expect(throws: StudioFailure.self) { try await room.render { $0.mayReplace = { _ in false } } }
    }
    @Test func aTableMakesAFilmARowAndNamesTheCellOfAMistake() async throws {
        let room = try FilmRoom("output \"film-\\(word).mp4\" { to 1s }")
        func table(_ text: String) throws -> String {
            try Data(text.utf8).write(to: URL(fileURLWithPath: room.folder + "/t.csv"))
            return room.folder + "/t.csv"
        }
        let result = try await BatchWork.render(room.scene, table: table("word\nAda\n\"Bob, jr\"\n"), RenderOptions(), goesOn: false, progress: { _ in true }) { _ in }
        #expect(result.written.map { URL(fileURLWithPath: $0).lastPathComponent } == ["film-Ada.mp4", "film-Bob, jr.mp4"])
        for (text, words) in [("word\nAda\nAda\n", "t.csv:3"), ("word,age\nAda,7\n", "column age “7”"), ("word\n", "no row")] {
            do {
                _ = try await BatchWork.render(room.scene, table: table(text), RenderOptions(), goesOn: false, progress: { _ in true }) { _ in }
                Issue.record("it was rendered")
            } catch let failure as StudioFailure { #expect(failure.message.contains(words), "\(failure.message)") }
        }
        let mixed = try await BatchWork.render(room.scene, table: table("word\nEve\nEve\nFay\n"), RenderOptions(), goesOn: true, progress: { _ in true }) { _ in }
        #expect(mixed.written.count == 2 && mixed.failures.count == 1)
    }
}

@Suite struct RenderLimitTests {
    @Test func aDraftHasHalfTheFramesOfTheSameMoments() async throws {
        let room = try FilmRoom()
        _ = try await room.render { $0.quality = .draft }
        let draft = try MediaProbe.probe(room.folder + "/film.mp4")
        #expect(draft.video.first?.rate == "25/2" && draft.video.first?.frames == 68 && abs((draft.duration ?? 0) - 5.4) < 0.1)
        let picture = try VideoReader(path: room.folder + "/film.mp4").picture(at: Rational(2)).frame
        #expect(abs(picture[5, 40].x - 50.0 / 120) < 0.03)
        // Numbers count the frames of the film, not of the draft.
        _ = try await room.render { $0.quality = .draft; $0.frames = .numbers(20, 39) }
        #expect(try MediaProbe.probe(room.folder + "/film.mp4").video.first?.frames == 10)
    }

    @Test func withoutACacheNothingIsTakenAndNothingStays() async throws {
        let room = try FilmRoom()
        _ = try? await room.render(stopAt: 120)
        let kept = room.entries
        #expect(kept == [".film.mp4.work"])
        do {
            _ = try await room.render({ $0.keepsNothing = true }, stopAt: 110)
            Issue.record("it was not stopped")
        } catch let failure as StudioFailure { #expect(failure.exitCode == 130 && failure.message.contains("0 of 135 frames are kept")) }
        #expect(room.entries == kept)
        let first = Mutex<Int?>(nil)
        var options = RenderOptions()
        options.keepsNothing = true
        _ = try await SceneWork.render(room.scene, options) { report in
            first.withLock { $0 = $0 ?? report.done }
            return true
        }
        #expect(first.withLock { $0 } == 1 && room.entries == kept + ["film.mp4"])
    }

    @Test func aLimitOfMemoryTakesThreadsAwayAndThenRefuses() throws {
        let picture = 16 << 20, now = 100 << 20, roomy = 256 << 20
        func share(_ most: Int) throws -> MemoryLimit.Share { try MemoryLimit(most: most).share(threads: 8, roomyCache: roomy, picture: picture, now: now) }
        #expect(try share(4 << 30) == MemoryLimit.Share(threads: 8, cacheBytes: roomy))
        var last = 8
        for most in stride(from: 2 << 30, to: 600 << 20, by: -(100 << 20)) {
            let now = try share(most)
            #expect(now.threads <= last && now.threads >= 1 && now.cacheBytes >= 3 * picture && now.cacheBytes <= roomy)
            last = now.threads
        }
        #expect(last < 8)
        do {
            _ = try share(300 << 20)
            Issue.record("it fits nowhere")
        } catch let failure as StudioFailure { #expect(failure.exitCode == 6 && failure.message.contains("needs about")) }
    }

    @Test func aProcessThatGrowsBeyondItsMemoryStopsAndSaysWhatIsKept() async throws {
        let room = try FilmRoom()
        do {
            // Less than the test holds already.
            _ = try await room.render { $0.memoryLimit = 8 << 20 }
            Issue.record("it went on")
        } catch let failure as StudioFailure { #expect(failure.exitCode == 6 && failure.message.contains("--max-memory")) }
        #expect(room.entries.isEmpty)
        let whole = try FilmRoom()
        _ = try await whole.render()
        _ = try await room.render { $0.memoryLimit = 64 << 30 }
        #expect(room.bytes("film.mp4") == whole.bytes("film.mp4"))
    }

    @Test(arguments: [("8G", 8 << 30), ("500M", 500 << 20), ("1.5GiB", 3 << 29), ("2048", 2048), ("64kb", 65_536)]) func sizesAreRead(text: String, bytes: Int) { #expect(ByteCount.read(text) == bytes) }
    @Test(arguments: ["", "G", "-1G", "8X", "0", "1e3G", "9999999999T"]) func otherWordsAreNoSizes(text: String) { #expect(ByteCount.read(text) == nil) }
}

@Suite struct CacheWorkTests {
    @Test func keptPiecesAreListedExplainedCheckedAndTakenAway() async throws {
        let room = try FilmRoom()
        _ = try? await room.render(stopAt: 120)
        let kept = try #require(CacheWork.list([room.folder]).first)
        #expect(kept.kind == .film && kept.pieces == 2 && kept.bytes > 500 && kept.age < 3600 && kept.output == room.folder + "/film.mp4")
        #expect(try CacheWork.verify([room.folder]).whole == 2)
        var lines = try CacheWork.why(room.scene, RenderOptions())
        #expect(lines.count == 4 && lines[1].hasSuffix("frames 0-49  kept") && lines[2].hasSuffix("frames 50-99  kept") && lines[3].contains("100-134  not kept: it was not rendered"))
        // Another word stands in the first stretch only.
        var other = RenderOptions()
        other.parameters["word"] = "Other"
        lines = try CacheWork.why(room.scene, other)
        #expect(lines[1].contains("changed since") && lines[2].hasSuffix("kept"))
        // A byte in the middle of a piece.
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: kept.path).first { $0.hasPrefix("50-") })
        var bytes = try #require(FileManager.default.contents(atPath: kept.path + "/" + name))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: kept.path + "/" + name))
        #expect(try CacheWork.verify([room.folder]).damaged == [kept.path + "/" + name] && CacheWork.why(room.scene, RenderOptions())[2].contains("damaged"))
        #expect(try CacheWork.clear([room.folder], olderThan: 3600).isEmpty && CacheWork.clear([room.folder], olderThan: 0).count == 1 && room.entries.isEmpty)
        #expect(throws: StudioFailure.self) { try CacheWork.list([room.folder + "/none"]) }
    }
}
