// `studio bench`: how fast this machine is at what the program does.
import Base
import Foundation
import LanguageServer
import Tensors

package enum BenchWork {
    /// Measures everything, each kind of work for so many seconds.
    ///
    /// - Parameters:
    ///   - persona: a persona folder; nil takes the one beside the program, or above the current folder.
    ///   - bakes: make the baked form that fast frames need where it is not there.
    package static func run(persona: String?, bakes: Bool, seconds: Double, threads: Int, progress: ProgressHandler) throws -> BenchReport {
        guard seconds > 0, seconds <= 3600 else { throw StudioFailure(2, "--seconds \(seconds): expected more than 0, and 3600 at most") }
        let path = try ProjectWork.found(.persona, persona)
        var done = 0
        func begins(_ what: String) throws {
            guard progress(ProgressReport(phase: "bench", done: done, total: 7, detail: what)) else { throw CancellationError() }
            done += 1
        }
        do {
            try begins("machine")
            let speed = MachineSpeed.measure()
            let drawn = try PersonaSpeed.measure(path, seconds: seconds, threads: threads, peak: speed.multiplyAdds, bakes: bakes, begins: begins)
            let film = try FilmSpeed.measure(seconds, threads: threads, begins: begins)
            try begins("language")
            let language = LanguageMeasure.run(runs: 5, rounds: 1, presses: 20)
            guard progress(ProgressReport(phase: "bench", done: 7, total: 7)) else { throw CancellationError() }
            let facts = MachineWork.processorFacts
            return BenchReport(machine: .init(processor: facts.name, cores: facts.cores, threads: threads, multiplyAdds: speed.multiplyAdds,
                                               registerBits: speed.registerBits, memoryBytes: speed.memoryBytes),
                               persona: drawn, film: film, language: .init(lines: language.lineCount, rules: language.ruleCount, lint: language.lint, keyPress: language.answer.median))
        } catch { throw StudioFailure.of(error) }
    }
}
