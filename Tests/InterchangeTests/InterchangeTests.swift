// Captions: the three formats, real content, and files that are not what they say.
import Base
import Foundation
import Testing
import TestSupport
@testable import Interchange

/// Files of these tests, in one folder that goes away when the tests end.
enum TestFile {
    private static let folder: String = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("interchange-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: TestFile.folder) }
        return path
    }()
    /// Writes a file with an own name that ends as `name` does.
    static func write(_ name: String, _ text: String) throws -> String {
        let path = folder + "/" + UUID().uuidString + "-" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}

private func seconds(_ value: Int, _ scale: Int = 1000) -> Rational { Rational(Int64(value), Int64(scale)) }

@Suite struct CaptionTests {
    @Test("SubRip and WebVTT give the same cues", arguments: [
        ("a.srt", "\u{FEFF}1\r\n00:00:01,250 --> 00:00:03,000\r\n<i>Hello</i> there,\r\nsecond line\r\n\r\n2\r\n01:02:03,004 --> 01:02:04,500\r\nEnd &amp; out\r\n"),
        ("a.vtt", "WEBVTT\n\nNOTE not a cue\n\nintro\n00:01.250 --> 00:03.000 position:10% align:start\n<v Nova>Hello</v> there,\nsecond line\n\n01:02:03.004 --> 01:02:04.500\nEnd &amp; out\n"),
    ])
    func plainFormats(name: String, text: String) throws {
        let cues = try CaptionFile.read(TestFile.write(name, text))
        #expect(cues.count == 2)
        #expect(cues[0].range == TimeRange(start: seconds(1250), end: seconds(3000)))
        #expect(cues[0].text == "Hello there,\nsecond line")
        #expect(cues[1].range.start == seconds(3_723_004) && cues[1].text == "End & out")
    }
    @Test func timedTextMarkup() throws {
        let text = """
        <?xml version="1.0" encoding="UTF-8"?>
        <tt xmlns="http://www.w3.org/ns/ttml"><body><div>
          <p begin="00:00:01.250" end="00:00:03.000">Hello<br/>second <span>line</span></p>
          <p begin="4.5s" dur="500ms">Short</p>
        </div></body></tt>
        """
        let cues = try CaptionFile.read(TestFile.write("a.ttml", text))
        #expect(cues.map(\.text) == ["Hello\nsecondline", "Short"] || cues.map(\.text) == ["Hello\nsecond line", "Short"])
        #expect(cues[0].range == TimeRange(start: seconds(1250), end: seconds(3000)))
        #expect(cues[1].range == TimeRange(start: seconds(4500), end: seconds(5000)))
    }
    @Test("what cannot be read is one error with its line", arguments: [
        ("a.srt", "1\n00:00:05,000 --> 00:00:03,000\nx\n", 2), ("b.srt", "1\n00:00:aa,000 --> 00:00:03,000\nx\n", 2), ("c.srt", "no captions here\n", 1),
        ("d.ttml", "<tt><body><p end=\"3s\">x</p></body></tt>", 1), ("e.ttml", "<tt><body>", 1),
        ("f.xml", "<!DOCTYPE tt [<!ENTITY a \"aaaa\">]><tt><p begin=\"0s\" end=\"1s\">&a;</p></tt>", 1),
    ])
    func broken(name: String, text: String, line: Int) throws {
        let path = try TestFile.write(name, text)
        do {
            _ = try CaptionFile.read(path)
            Issue.record("it was read")
        } catch {
            guard case .malformed(let named, let number, let reason) = error else { Issue.record("\(error)"); return }
            #expect(named == path && number == line && !reason.isEmpty)
        }
    }
    @Test func missingFileIsNamed() {
        #expect(throws: InterchangeError.unreadable(path: "/nowhere/a.srt", reason: "there is no such file")) { try CaptionFile.read("/nowhere/a.srt") }
    }
    @Test func theExampleSceneHasGoodCaptions() throws {
        let cues = try CaptionFile.read(SharedFolder.projectRoot + "/scenes/footage/presenter.srt")
        #expect(cues.count == 4 && zip(cues, cues.dropFirst()).allSatisfy { $0.range.end <= $1.range.start })
    }
}
