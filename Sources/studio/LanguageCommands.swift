// Verbs on the scene language itself: lint, fmt and explain.
import ArgumentParser
import Diagnostics
import Foundation
import StudioKit

extension LanguageWork.Format: ExpressibleByArgument {}

struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "lint", abstract: "Finds what is wrong before a pixel is rendered, and mends it.",
        discussion: """
            Examples:
              studio lint scenes/intro.scene
              studio lint scenes/*.scene --deny warnings --format github
              studio lint scenes/intro.scene --fix --unsafe-fixes --diff
            """)
    @Argument(help: "Scene files; - is standard input.") var files: [String]
    @Flag(help: "Apply fixes that leave the film as it is.") var fix = false
    @Flag(help: "Apply guesses too: words that were meant, names to remove. Look at them with --diff first.") var unsafeFixes = false
    @Flag(help: "Show what fixes would change and write nothing; exit 1 where they would.") var diff = false
    @Option(help: "warnings: they count as errors.") var deny: Denied?
    @Option(help: "ID,…: only these findings, and errors.") var select: [String] = []
    @Option(help: "ID,…: not these findings. Errors stay.") var ignore: [String] = []
    @Flag(help: "Do not open media and personas.") var noMedia = false
    @Option(help: "pretty, short, json, sarif or github.") var format = LanguageWork.Format.pretty
    @OptionGroup var words: WordOptions
    @Flag(help: "Allow files outside the project folder.") var allowOutside = false

    enum Denied: String, ExpressibleByArgument { case warnings }

    func run() throws {
        var options = LintOptions()
        options.selected = try LanguageWork.ids(select, flag: "--select")
        options.ignored = try LanguageWork.ids(ignore, flag: "--ignore")
        options.readsMedia = !noMedia
        options.allowsOutside = allowOutside
        var findings: [Diagnostic] = []
        var hasDifference = false
        let mends = fix || unsafeFixes || diff
        for path in files {
            let file = try LanguageWork.read(path)
            guard mends else { findings += LanguageWork.lint(file, options); continue }
            let mended = LanguageWork.mend(file, options, unsafe: unsafeFixes)
            findings += mended.findings
            if diff {
                let text = LanguageWork.diff(file, mended.text)
                hasDifference = hasDifference || !text.isEmpty
                print(text, terminator: "")
            } else {
                if path == "-" { print(mended.text, terminator: "") } else if !mended.applied.isEmpty { try LanguageWork.write(mended.text, to: path) }
                for line in mended.applied { Terminal.say("\(file.path): mended \(line)") }
            }
        }
        // Standard output belongs to the text or the difference where there is one.
        let report = try LanguageWork.report(findings, format, color: Terminal.usesColor(1))
        if diff || (mends && files.contains("-")) { Terminal.write(report) } else { print(report, terminator: "") }
        if format == .pretty, let words = FindingCount.words(findings) {
            Terminal.say("\(files.count == 1 ? findings[0].primary.file.path : "\(files.count) files"): \(words); studio explain ID tells more")
        }
        let worst = deny == .warnings ? Severity.warning : .error
        if hasDifference || findings.contains(where: { $0.severity >= worst }) { throw ExitCode(1) }
    }
}

struct FormatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fmt", abstract: "Writes scene files in the one layout; comments stay, the meaning too.",
        discussion: """
            Examples:
              studio fmt scenes/intro.scene
              studio fmt --check scenes/*.scene
              studio fmt - < draft.scene
            """)
    @Argument(help: "Scene files; - is standard input.") var files: [String]
    @Flag(help: "Name the files that would change and write nothing; exit 1 where there are any.") var check = false
    @Flag(help: "Show what would change and write nothing; exit 1 where there is anything.") var diff = false
    @OptionGroup var words: WordOptions

    func run() throws {
        var hasErrors = false, hasDifference = false
        for path in files {
            let file = try LanguageWork.read(path)
            let result = LanguageWork.format(file)
            guard let text = result.text else {
                Terminal.write(try LanguageWork.report(result.findings, .pretty, color: Terminal.usesColor(2)))
                Terminal.say("\(file.path): left as it is, since it has syntax errors")
                hasErrors = true
                continue
            }
            let differs = Array(text.utf8) != file.bytes
            hasDifference = hasDifference || differs
            if diff { print(LanguageWork.diff(file, text), terminator: "") }
            if check, differs { diff ? Terminal.say(file.path) : print(file.path) }
            if check || diff { continue }
            if path == "-" { print(text, terminator: "") } else if differs { try LanguageWork.write(text, to: path) }
        }
        if hasErrors || (hasDifference && (check || diff)) { throw ExitCode(1) }
    }
}

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "explain", abstract: "What a finding means, with a wrong and a right example.",
        discussion: "Examples:\n  studio explain unknown-name\n  studio explain pose-beyond-recording")
    @Argument(help: "An id as lint prints it; without one: all of them, a line each.") var id: String?
    func run() throws { print(try id.map(LanguageWork.explanation) ?? LanguageWork.explanations, terminator: "") }
}
