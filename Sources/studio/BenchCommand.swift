// `studio bench`.
import ArgumentParser
import StudioKit

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench", abstract: "How fast this machine is: frames of a persona, films, and the language.",
        discussion: "Examples:\n  studio bench\n  studio bench --persona personas/nova.persona --seconds 10 --bake --json")
    @Option(help: "A .persona folder; default: the one beside the program.") var persona: String?
    @Option(help: "Seconds for each kind of work.") var seconds = 2.0
    @Flag(help: "Bake what fast frames are drawn from where it is not there yet: a minute or more, once.") var bake = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var work: WorkOptions

    func run() throws {
        let (threads, progress) = try work.start()
        let report = try BenchWork.run(persona: persona, bakes: bake, seconds: seconds, threads: threads, progress: progress)
        print(json ? try report.json() : report.text(), terminator: "")
    }
}
