// Verbs on the scene language itself: lint and explain.
import ArgumentParser
import Diagnostics
import Foundation
import StudioKit

struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "lint", abstract: "Finds what is wrong before a pixel is rendered.",
        discussion: "Examples:\n  studio lint scenes/intro.scene\n  studio lint scenes/*.scene --format json --deny warnings")
    @Argument(help: "Scene files; - is standard input.") var files: [String]
    @Option(help: "pretty, short or json.") var format = "pretty"
    @Option(help: "warnings: they count as errors.") var deny: String?
    @Flag(help: "Do not open media and personas.") var noMedia = false
    @Flag(help: "Allow files outside the project folder.") var allowOutside = false

    func run() throws {
        var findings: [Diagnostic] = []
        for file in files {
            let data: Data?
            if file == "-" { data = FileHandle.standardInput.readDataToEndOfFile() } else { data = FileManager.default.contents(atPath: file) }
            guard let data else { throw StudioFailure(3, "\(file): there is no such scene") }
            findings += LanguageWork.lint(path: file == "-" ? "<stdin>" : file, bytes: Array(data), parameters: [:], readsMedia: !noMedia, allowsOutside: allowOutside)
        }
        switch format {
        case "pretty": print(PrettyReporter(useColor: isatty(1) == 1).report(findings), terminator: "")
        case "short": print(ShortReporter().report(findings), terminator: "")
        case "json": print(try JSONReporter().report(findings), terminator: "")
        default: throw StudioFailure(2, "--format \(format): expected pretty, short or json")
        }
        let worst = deny == "warnings" ? Severity.warning : .error
        if findings.contains(where: { $0.severity >= worst }) { throw ExitCode(1) }
    }
}

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "explain", abstract: "What a diagnostic means, with a wrong and a right example.",
        discussion: "Examples:\n  studio explain unknown-name\n  studio explain engine-not-built")
    @Argument(help: "An id as lint prints it.") var id: String
    func run() throws {
        guard let text = LanguageWork.explanation(id) else { throw StudioFailure(2, "there is no diagnostic “\(id)”") }
        print(text)
    }
}
