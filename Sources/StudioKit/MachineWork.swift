// `studio doctor` and `studio version`: what this machine has, and what to do where it lacks something.
import Base
import Foundation
import Media
import Speech
import Typography

/// One look at the machine.
package struct MachineFinding: Codable, Sendable, Hashable {
    package enum State: String, Codable, Sendable {
        case fine, warning, trouble
    }
    package var name: String
    package var state: State
    package var words: String
    /// What to do; nil where nothing is wrong.
    package var advice: String?
}

/// Facts of the program and of what it stands on.
package enum MachineWork {
    /// Name and version: the program first, then its libraries.
    package static var versions: [(name: String, version: String)] {
        [("studio", Studio.version)] + MediaLibraries.versions + FontReport.versions
    }

    /// Every check, in the order of the report.
    package static func examine(folder: String) -> [MachineFinding] {
        [processor, memory, disk(folder), libraries, codecs, fonts, FaceModelFile.finding] + voices
    }

    /// What the processor is called, how many of its cores this process may use, and what it can do.
    static var processorFacts: (name: String, cores: Int, flags: Set<String>) {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        func value(_ key: String) -> String? {
            text.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
        }
        return (value("model name") ?? "unknown processor", ProcessInfo.processInfo.activeProcessorCount, Set((value("flags") ?? "").split(separator: " ").map(String.init)))
    }

    private static var processor: MachineFinding {
        let (name, cores, flags) = processorFacts
        let missing = ["avx2", "fma", "f16c"].filter { !flags.contains($0) }
        let words = "\(name), \(cores) core\(cores == 1 ? "" : "s")"
        guard flags.isEmpty || missing.isEmpty else {
            return MachineFinding(name: "processor", state: .warning, words: words + ", without \(missing.joined(separator: ", "))",
                                  advice: "build with STUDIO_BASELINE=1; rendering will be slower")
        }
        return MachineFinding(name: "processor", state: .fine, words: words)
    }

    private static var memory: MachineFinding {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let free = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 / 1_048_576 }
        guard let free else { return MachineFinding(name: "memory", state: .warning, words: "free memory is unknown", advice: "2 GiB are enough for 1280x720") }
        let words = String(format: "%.1f GiB free", free)
        guard free >= 2 else { return MachineFinding(name: "memory", state: .warning, words: words, advice: "close other programs, or render with --threads 1; training wants 4 GiB") }
        return MachineFinding(name: "memory", state: .fine, words: words)
    }

    private static func disk(_ folder: String) -> MachineFinding {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else {
            return MachineFinding(name: "disk", state: .trouble, words: "\(folder): \(String(cString: strerror(errno)))", advice: "name a folder that exists")
        }
        let free = Double(facts.f_bavail) * Double(facts.f_frsize) / 1_073_741_824
        let words = String(format: "%@: %.1f GiB free", folder, free)
        guard access(folder, W_OK) == 0 else { return MachineFinding(name: "disk", state: .trouble, words: "\(folder): cannot be written", advice: "work in a folder of your own") }
        guard free >= 1 else { return MachineFinding(name: "disk", state: .warning, words: words, advice: "make room: a stage data set of 100 s takes 2 GiB") }
        return MachineFinding(name: "disk", state: .fine, words: words)
    }

    private static var libraries: MachineFinding {
        MachineFinding(name: "libraries", state: .fine, words: (MediaLibraries.versions + FontReport.versions).map { "\($0.name) \($0.version)" }.joined(separator: ", "))
    }

    private static var codecs: MachineFinding {
        let all = MediaLibraries.codecs
        let missing = all.filter { $0.encoder == nil }.map(\.word)
        let words = all.filter { $0.encoder != nil }.map(\.word).joined(separator: ", ")
        if missing.isEmpty { return MachineFinding(name: "codecs", state: .fine, words: words) }
        // Without these two no `output` clause works as it stands.
        let vital = missing.contains("h264") || missing.contains("aac")
        return MachineFinding(name: "codecs", state: vital ? .trouble : .warning, words: "\(words); not there: \(missing.joined(separator: ", "))",
                              advice: "apt-get install libavcodec-extra, or name another codec in the output clause")
    }

    private static var fonts: MachineFinding {
        guard let house = FontReport.file(family: "Inter") else {
            return MachineFinding(name: "fonts", state: .trouble, words: "there is no font at all", advice: "apt-get install fonts-inter fonts-dejavu-core")
        }
        guard house.lowercased().contains("inter") else {
            return MachineFinding(name: "fonts", state: .warning, words: "titles are set in \(house)", advice: "apt-get install fonts-inter")
        }
        return MachineFinding(name: "fonts", state: .fine, words: house)
    }

    /// The voices of the stage speak a word.
    private static var voices: [MachineFinding] {
        let asked: [(name: String, voice: SyntheticVoice, package: String)] = [("flite", .flite("slt"), "flite1-dev"), ("espeak-ng", .espeak("en-us", pitch: 50), "espeak-ng-data")]
        return asked.map { name, voice, package in
            do {
                let line = try SpeechSynthesizer.speak("hello", voice: voice)
                return MachineFinding(name: name, state: .fine, words: String(format: "speaks (%.2f s at %d Hz)", line.sound.seconds, line.sound.sampleRate))
            } catch {
                return MachineFinding(name: name, state: .warning, words: "\(error)", advice: "apt-get install \(package): `studio stage` wants it, rendering does not")
            }
        }
    }
}
