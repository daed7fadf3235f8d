// `studio new`.
import ArgumentParser
import StudioKit

struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "new", abstract: "Makes a project folder that lints clean and renders.",
        discussion: "Templates:\n" + ProjectTemplate.all.map { "  \($0.name): \($0.text)" }.joined(separator: "\n")
            + "\n\nExamples:\n  studio new welcome\n  studio new people --template batch")
    @Argument(help: "The folder to make; its name is the project's.") var name: String
    @Option(help: ArgumentHelp(ProjectTemplate.all.map(\.name).joined(separator: ", ") + ".")) var template = "intro"
    @Option(help: "A .persona file; default: the one beside the program.") var persona: String?

    func run() throws {
        let scene = try ProjectWork.make(name, template: template, persona: persona)
        print(scene)
        Terminal.say("Next: studio render \(scene)")
    }
}
