// What `studio bench` says, in lines and as JSON.
import Base
import Foundation

/// Speeds of this machine.
package struct BenchReport: Sendable, Encodable {
    package struct Machine: Sendable, Encodable {
        package var processor: String
        package var cores: Int
        package var threads: Int
        /// Of one core, a second, with registers of so many bits.
        package var multiplyAdds: Double
        package var registerBits: Int
        /// That one core reads from memory, a second.
        package var memoryBytes: Double
    }
    package struct Language: Sendable, Encodable {
        package var lines: Int
        package var rules: Int
        /// Processor time in seconds: from the text to the findings, and from a key press to the completion (median).
        package var lint: Double
        package var keyPress: Double
    }
    package var version = 1
    package var studio = Studio.version
    package var isOptimised = Studio.isOptimised
    package var machine: Machine
    package var persona: PersonaSpeed
    package var film: FilmSpeed
    package var language: Language

    package func json() throws -> String { try JSONText.of(self) + "\n" }

    package func text() -> String {
        let threads = machine.threads == 1 ? "1 thread" : "\(machine.threads) threads"
        var lines = [String(format: "machine    %@, %@; one core: %.1f G multiply-adds/s with registers of %d bits, %.1f GB/s from memory", machine.processor, threads,
                            machine.multiplyAdds / 1e9, machine.registerBits, machine.memoryBytes / 1e9)]
        lines.append("persona    \(persona.name): \(persona.engine), \(persona.width)x\(persona.height), \(persona.torso ? "head and torso" : "head")")
        for entry in persona.qualities {
            let share = entry.shareOfPeak.map { String(format: ", %.0f %% of the peak", 100 * $0) } ?? ""
            lines.append(row(entry.quality, entry.frames, share + String(format: "; first frame after %.1f s", entry.opening)))
        }
        if let reason = persona.withoutFast { lines.append("  fast       not measured: \(reason)") }
        lines.append("film       \(film.width)x\(film.height)")
        lines.append(row("composite", film.composite, ""))
        lines.append(row("encode", film.encode, ", \(film.codec)"))
        lines.append(row("decode", film.decode, ", \(film.codec)"))
        lines.append(String(format: "language   %d lines, %d rules: lint %.1f ms, key press to completion %.1f ms of processor time", language.lines, language.rules, 1000 * language.lint, 1000 * language.keyPress))
        lines += notes
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ name: String, _ work: Throughput, _ more: String) -> String {
        "  " + name.padding(toLength: 9, withPad: " ", startingAt: 0) + String(format: "%7.1f frames/s  %7.1f ms of processor time a frame", work.perSecond, 1000 * work.cost) + more
    }

    /// What makes these figures smaller than the machine's own.
    private var notes: [String] {
        var notes: [String] = []
        // Frames of a persona are drawn without a pause on all threads: what they did not get, others did.
        let drawn = persona.qualities.map(\.frames)
        let had = drawn.reduce(0) { $0 + $1.processorSeconds }, could = drawn.reduce(0) { $0 + $1.seconds } * Double(min(machine.threads, machine.cores))
        if could > 0, had < 0.85 * could {
            notes.append(String(format: "note: other programs had %.0f %% of the processor meanwhile; alone, frames/s are higher", 100 * (1 - had / could)))
        }
        if !isOptimised { notes.append("note: this is a debug build; a release build is faster") }
        return notes
    }
}
