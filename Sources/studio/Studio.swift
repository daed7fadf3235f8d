// The program: arguments in, words and exit codes out.
import ArgumentParser
import Diagnostics
import Foundation
import StudioKit

@main
struct StudioCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "studio", abstract: "Renders scenes: who is on screen, what is said, how the head moves.", version: Studio.version,
        subcommands: [RenderCommand.self, StillCommand.self, SheetCommand.self, LintCommand.self, ExplainCommand.self, PlanCommand.self, GraphCommand.self,
                      ProbeCommand.self, StageCommand.self, TrainCommand.self, PersonaCommand.self])

    static func main() async {
        Studio.start()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? AsyncParsableCommand { try await asynchronous.run() } else { try command.run() }
        } catch let failure as StudioFailure {
            Terminal.report(failure)
            Foundation.exit(failure.exitCode)
        } catch {
            let code = exitCode(for: error).rawValue
            // ArgumentParser's own 64 means wrong use; ours is 2.
            let words = fullMessage(for: error)
            if !words.isEmpty { code == 0 ? print(words) : Terminal.say(words) }
            Foundation.exit(code == 64 ? 2 : code)
        }
    }
}

/// Talk goes to standard error.
enum Terminal {
    static var usesColor: Bool { isatty(2) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil }

    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func report(_ failure: StudioFailure) {
        if !failure.findings.isEmpty { FileHandle.standardError.write(Data(PrettyReporter(useColor: usesColor).report(failure.findings).utf8)) }
        say("studio: \(failure.message)")
        if failure.exitCode == 130 { say("The same command renders the scene again.") }
    }
}
