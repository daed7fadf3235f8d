// How alike two files are.
import ArgumentParser
import StudioKit

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "compare", abstract: "How alike two films, pictures or sounds are.",
        discussion: "Examples:\n  studio compare before.mp4 after.mp4\n  studio compare a.png b.png --json")
    @Argument(help: "The first film, picture or sound.") var first: String
    @Argument(help: "The second.") var second: String
    @Flag(help: "Every frame's figures as JSON.") var json = false
    @Option(help: "Progress: auto, bar, plain, json or none.") var progress = "auto"

    func run() throws {
        let bar = ProgressBar(try ProgressBar.Style(named: progress))
        Interrupt.watch()
        let report = try ComparisonWork.compare(first, second, progress: bar.show)
        print(json ? try report.json() : report.text, terminator: "")
    }
}
