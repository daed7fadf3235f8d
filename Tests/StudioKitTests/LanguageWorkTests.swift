// Lint, mending and layout over real files, as the program does it.
import Diagnostics
import Foundation
import StudioKit
import Testing
import TestSupport

@Suite struct LanguageWorkTests {
    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("language-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    @Test func scenesOfTheProjectLintClean() throws {
        let scenes = SharedFolder.projectRoot + "/scenes"
        for name in try FileManager.default.contentsOfDirectory(atPath: scenes).sorted() where name.hasSuffix(".scene") {
            var options = LintOptions()
            // Some of their media are made by `make demo`.
            options.readsMedia = name == "intro.scene"
            let findings = LanguageWork.lint(try LanguageWork.read(scenes + "/" + name), options).filter { options.readsMedia || $0.id != "missing-file" }
            #expect(findings.isEmpty, "\(name)\n\(PrettyReporter(useColor: false).report(findings))")
        }
    }

    @Test func mendingWritesTheWholeFile() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.scene").path
        try "shot for 2s { background black { opacity 1 } ; titel \"x\" }\n".write(toFile: path, atomically: true, encoding: .utf8)
        let safe = LanguageWork.mend(try LanguageWork.read(path), LintOptions(), unsafe: false)
        #expect(safe.applied == ["no-effect: remove the clause"] && safe.findings.map(\.id) == ["unknown-clause"])
        let all = LanguageWork.mend(try LanguageWork.read(path), LintOptions(), unsafe: true)
        #expect(all.text == "shot for 2s { background black ; title \"x\" }\n" && all.findings.isEmpty)
        try LanguageWork.write(all.text, to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == all.text)
        #expect(LanguageWork.diff(try LanguageWork.read(path), all.text).isEmpty)
    }

    @Test func selectingAndIgnoringLeaveErrors() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.scene").path
        try "curve c { at 1s 1 ; at 0s 0 }\nshot for 2s { background black { } ; titel \"x\" }\n".write(toFile: path, atomically: true, encoding: .utf8)
        let file = try LanguageWork.read(path)
        var options = LintOptions()
        #expect(LanguageWork.lint(file, options).map(\.id) == ["keys-out-of-order", "empty-block", "unknown-clause"])
        options.ignored = try LanguageWork.ids(["empty-block,unknown-clause"], flag: "--ignore")
        #expect(LanguageWork.lint(file, options).map(\.id) == ["keys-out-of-order", "unknown-clause"])
        options = LintOptions()
        options.selected = ["empty-block"]
        #expect(LanguageWork.lint(file, options).map(\.id) == ["empty-block", "unknown-clause"])
        do {
            _ = try LanguageWork.ids(["empty-blok"], flag: "--select")
            Issue.record("an unknown id is refused")
        } catch let failure as StudioFailure { #expect(failure.exitCode == 2 && failure.advice == "did you mean empty-block?") }
    }

    @Test func formatsAreWellFormed() throws {
        let file = SourceFile(path: "a.scene", text: "shot for 2s { titel \"x\" }\n")
        let findings = LanguageWork.lint(file, LintOptions())
        for format in LanguageWork.Format.allCases {
            let text = try LanguageWork.report(findings, format, color: false)
            #expect(text.contains("unknown-clause"), "\(format)")
            if format == .json || format == .sarif { #expect((try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil, "\(format)") }
        }
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        for path in ["no-such.scene", FileManager.default.temporaryDirectory.path] {
            do {
                _ = try LanguageWork.read(path)
                Issue.record("\(path) is refused")
            } catch let failure as StudioFailure { #expect(failure.exitCode == 3 && failure.message.contains(path)) }
        }
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let large = folder.appendingPathComponent("large.scene").path
        try Data(repeating: 0x20, count: 6 << 20).write(to: URL(fileURLWithPath: large))
        #expect(LanguageWork.lint(try LanguageWork.read(large), LintOptions()).map(\.id).contains("file-too-large"))
        let notText = folder.appendingPathComponent("bytes.scene").path
        try Data([0xFF, 0xFE, 0x00, 0x73]).write(to: URL(fileURLWithPath: notText))
        #expect(LanguageWork.mend(try LanguageWork.read(notText), LintOptions(), unsafe: true).applied.isEmpty)
        #expect(LanguageWork.format(try LanguageWork.read(notText)).text == nil)
    }

    @Test func factsOfRealFilesReachTheRules() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        // A second of silence, and captions that come too late, as files.
        var wav = Data("RIFF".utf8)
        func add(_ value: UInt32, _ bytes: Int) { for index in 0..<bytes { wav.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * index))) } }
        add(36 + 16000, 4); wav.append(Data("WAVEfmt ".utf8)); add(16, 4); add(1, 2); add(1, 2); add(8000, 4); add(16000, 4); add(2, 2); add(16, 2)
        wav.append(Data("data".utf8)); add(16000, 4); wav.append(Data(count: 16000))
        try wav.write(to: folder.appendingPathComponent("voice.wav"))
        try "1\n00:00:09,000 --> 00:00:09,200\nNobody reads this in so short a time\n".write(to: folder.appendingPathComponent("subs.srt"), atomically: true, encoding: .utf8)
        let path = folder.appendingPathComponent("a.scene").path
        try """
        audio voice = "voice.wav" { channel 2 }
        captions subs = "subs.srt"
        shot for 2s { background black ; sound voice ; captions subs ; title "x" { font "No Such Family At All" } }
        """.write(toFile: path, atomically: true, encoding: .utf8)
        let found = Set(LanguageWork.lint(try LanguageWork.read(path), LintOptions()).map(\.id))
        #expect(found == ["silent-file", "no-such-channel", "captions-too-fast", "captions-beyond-shot", "unknown-font"])
        var options = LintOptions()
        options.readsMedia = false
        let without = Set(LanguageWork.lint(try LanguageWork.read(path), options).map(\.id))
        #expect(without.isDisjoint(with: ["silent-file", "captions-too-fast", "unknown-font"]))
    }
}
