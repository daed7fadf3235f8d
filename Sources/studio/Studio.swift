// The program: arguments in, words and exit codes out.
import ArgumentParser
import Diagnostics
import Foundation
import StudioKit
import Synchronization

@main
struct StudioCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "studio", abstract: "Renders scenes: who is on screen, what is said, how the head moves.", version: Studio.version,
        subcommands: [RenderCommand.self, StillCommand.self, SheetCommand.self, LintCommand.self, FormatCommand.self, ExplainCommand.self, PlanCommand.self, GraphCommand.self, CurveCommand.self, NewCommand.self, LspCommand.self,
                      ProbeCommand.self, FacesCommand.self, CaptureCommand.self, CompareCommand.self, CacheCommand.self, StageCommand.self, TrainCommand.self, PersonaCommand.self, SpeechCommand.self, DoctorCommand.self, BenchCommand.self, VersionCommand.self])

    static func main() async {
        // A limit on the size of files is answered by an error code of the write, not by sudden death.
        signal(SIGXFSZ, SIG_IGN)
        Studio.start()
        do {
            try UnknownVerb.check(CommandLine.arguments.dropFirst().first)
            var command = try parseAsRoot()
            if var asynchronous = command as? AsyncParsableCommand { try await asynchronous.run() } else { try command.run() }
            // Results go to standard output: where it refuses them, nothing was done.
            if fflush(nil) != 0 { throw StudioFailure(errno == ENOSPC ? 6 : 4, "standard output cannot be written: \(String(cString: strerror(errno)))", advice: "free the disk that it goes to") }
        } catch {
            Foundation.exit(Terminal.report(error))
        }
    }

    /// The parser's own answers (help, wrong use) or an exit code that a verb chose.
    fileprivate static func parserAnswer(_ error: any Error) -> (code: Int32, words: String)? {
        if let code = error as? ExitCode { return (code.rawValue, "") }
        let code = exitCode(for: error).rawValue
        // The parser's 64 means wrong use; ours is 2.
        guard code == 0 || code == 64 else { return nil }
        return (code == 0 ? 0 : 2, fullMessage(for: error))
    }
}

/// Talk goes to standard error.
enum Terminal {
    /// What `--color` says.
    static let colorChoice = Atomic<Int>(ColorChoice.auto.number)

    /// Whether what goes to a descriptor has colour.
    static func usesColor(_ descriptor: Int32) -> Bool {
        switch colorChoice.load(ordering: .relaxed) {
        case ColorChoice.always.number: true
        case ColorChoice.never.number: false
        default: isatty(descriptor) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        }
    }

    static func say(_ text: String) { write(text + "\n") }

    /// Where even the talk cannot be written, the exit code still speaks.
    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(2, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Says why the program stops; gives the exit code.
    static func report(_ error: any Error) -> Int32 {
        if let answer = StudioCommand.parserAnswer(error) {
            if !answer.words.isEmpty { answer.code == 0 ? print(answer.words) : say(answer.words) }
            return answer.code
        }
        let failure = StudioFailure.of(error)
        if !failure.findings.isEmpty { write(PrettyReporter(useColor: usesColor(2)).report(failure.findings)) }
        say("studio: \(failure.message)")
        if let advice = failure.advice ?? standing(failure) { say("   = help: \(advice)") }
        return failure.exitCode
    }

    /// What helps in every case of a kind.
    private static func standing(_ failure: StudioFailure) -> String? {
        if let first = failure.findings.first { return "`studio explain \(first.id)` tells more" }
        switch failure.exitCode {
        case 2: return "`studio VERB --help` shows the verb's flags and examples"
        case 3: return "check the path; it counts from the current folder"
        case 130: return "the same command starts again"
        default: return nil
        }
    }
}
