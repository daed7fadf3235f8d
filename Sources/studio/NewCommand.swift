// `studio new`.
import ArgumentParser
import StudioKit

struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "new", abstract: "Makes a project folder: a scene that lints clean, and all it needs.",
        discussion: "Templates:\n" + ProjectTemplate.all.map { "  \($0.name): \($0.text)" }.joined(separator: "\n")
            + "\n\nExamples:\n  studio new welcome\n  studio new people --template batch")
    @Argument(help: "The folder to make; its name is the project's.") var name: String
    @Option(help: ArgumentHelp(ProjectTemplate.all.map(\.name).joined(separator: ", ") + ".")) var template = "intro"
    @Option(help: "A .persona file; default: the one beside the program.") var persona: String?
    @Option(help: "For the template dub, a film whose speaker says another line; default: the one beside the program.") var footage: String?

    func run() throws {
        let made = try ProjectWork.make(name, template: template, persona: persona, footage: footage)
        print(made.scene)
        if let notice = made.notice { Terminal.say("Note: \(notice)") }
        Terminal.say("Next: studio \(made.notice == nil ? "render" : "lint") \(made.scene)")
    }
}
