// Festival's diphone voices: recorded people of several countries, joined from pieces of their speech.
import Engines
import Foundation
import Sound

/// A voice of festival: a recorded person. All but the American read our lines as their own language is read.
package enum FestivalVoice: String, Sendable, Hashable, CaseIterable {
    case ked = "ked_diphone", lp = "lp_diphone", pc = "pc_diphone"
    case dita = "czech_dita", krb = "czech_krb", machac = "czech_machac", ph = "czech_ph"
    case lj = "suo_fi_lj_diphone", mv = "hy_fi_mv_diphone"

    /// The Debian package that holds the voice.
    package var package: String {
        switch self {
        case .ked: "festvox-kdlpc16k"
        case .lp: "festvox-italp16k"
        case .pc: "festvox-itapc16k"
        case .dita, .krb, .machac, .ph: "festvox-" + rawValue.replacingOccurrences(of: "_", with: "-")
        case .lj: "festvox-suopuhe-lj"
        case .mv: "festvox-suopuhe-mv"
        }
    }

    /// The line as the voice's language spells its sounds, in the voice's character set.
    func spelled(_ text: String) -> [UInt8] {
        guard self != .ked else { return Array(text.utf8.filter { $0 < 128 }) }
        var line = text.lowercased()
        for (english, own) in Self.common + spelling { line = line.replacingOccurrences(of: english, with: own) }
        // Latin 2, which the Czech voices read; the others get plain letters only.
        return line.unicodeScalars.compactMap { ["š": 0xB9, "č": 0xE8, "ž": 0xBE][$0] ?? ($0.isASCII ? UInt8($0.value) : nil) }
    }

    private static let common = [("'", ""), ("th", "t"), ("wh", "w"), ("gh", ""), ("ph", "f"), ("ck", "k"), ("qu", "kv"), ("x", "ks"), ("ee", "i"), ("ea", "i"), ("oo", "u")]
    private var spelling: [(String, String)] {
        switch self {
        case .ked: []
        case .lp, .pc: [("sh", "sci"), ("ch", "ci"), ("j", "gi"), ("y", "i"), ("w", "u"), ("k", "c")]
        case .dita, .krb, .machac, .ph: [("sh", "š"), ("ch", "č"), ("j", "dž"), ("y", "i"), ("w", "v"), ("c", "k")]
        case .lj, .mv: [("sh", "s"), ("ch", "ts"), ("j", "ts"), ("y", "j"), ("w", "v"), ("c", "k"), ("z", "s")]
        }
    }

    func phoneme(_ name: String) -> Phoneme { self == .ked ? Phoneme(arpabet: name) : Phoneme(european: name) }
}

/// Runs the program festival; many lines at a time, since it takes longer to load a voice than to speak a line.
enum FestivalSynthesizer {
    struct Line {
        var text: String
        var voice: FestivalVoice
        /// Scales the durations.
        var stretch: Float
    }
    static let rate = 16_000

    static func speak(_ lines: [Line]) throws(EngineError) -> [SpokenLine] {
        guard !lines.isEmpty else { return [] }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("studio-festival-" + UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try script(lines).write(to: URL(fileURLWithPath: folder + "/lines.scm"))
        } catch { throw .writing(folder, error) }
        try run(in: folder)
        var spoken: [SpokenLine] = []
        for (index, line) in lines.enumerated() { try spoken.append(read(folder + "/\(index)", line)) }
        return spoken
    }

    /// Voices change as seldom as possible.
    private static func script(_ lines: [Line]) -> Data {
        var script = Data()
        var loaded: FestivalVoice?
        for (index, line) in lines.enumerated().sorted(by: { ($0.element.voice.rawValue, $0.offset) < ($1.element.voice.rawValue, $1.offset) }) {
            if line.voice != loaded { script += Data("(voice_\(line.voice.rawValue))\n".utf8) }
            loaded = line.voice
            script += Data("(Parameter.set 'Duration_Stretch \(line.stretch))\n(set! line (utt.synth (Utterance Text \"".utf8)
            script += Data(line.voice.spelled(line.text).filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
            script += Data("\")))\n(utt.wave.resample line \(rate))\n(utt.save.wave line \"\(index).raw\" 'raw)\n(utt.save.segs line \"\(index).seg\")\n".utf8)
        }
        return script
    }

    private static func run(in folder: String) throws(EngineError) {
        let process = Process(), errors = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["festival", "-b", "lines.scm"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        do { try process.run() } catch { throw missing("\(error)") }
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw missing(said.split(separator: "\n").first.map(String.init) ?? "it ended with code \(process.terminationStatus)") }
    }

    private static func missing(_ reason: String) -> EngineError {
        .badInput("festival could not speak (\(reason)); its packages: festival " + FestivalVoice.allCases.map(\.package).joined(separator: " "))
    }

    private static func read(_ path: String, _ line: Line) throws(EngineError) -> SpokenLine {
        guard let bytes = FileManager.default.contents(atPath: path + ".raw"), bytes.count > 1, let segments = FileManager.default.contents(atPath: path + ".seg") else {
            throw missing("voice \(line.voice.rawValue) made no sound of “\(line.text)”")
        }
        // Samples in the machine's own order.
        let samples = bytes.withUnsafeBytes { raw in (0..<raw.count / 2).map { Float(raw.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) / 32768 } }
        let sound = AudioBuffer(channels: [samples], sampleRate: rate)
        return SpokenLine(sound: sound, phonemes: phonemes(String(decoding: segments, as: UTF8.self), line.voice, end: sound.seconds))
    }

    /// Lines of "end, colour, name" behind a header that ends with "#".
    private static func phonemes(_ text: String, _ voice: FestivalVoice, end last: Double) -> [TimedPhoneme] {
        var start = 0.0
        return text.split(separator: "\n").compactMap { row in
            let words = row.split(separator: " ")
            guard words.count == 3, let time = Double(words[0]) else { return nil }
            let end = max(min(time, last), start)
            defer { start = end }
            return TimedPhoneme(phoneme: voice.phoneme(String(words[2])), start: start, end: end)
        }
    }
}
