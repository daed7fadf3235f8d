// `studio persona export`.
import ArgumentParser
import StudioKit

struct PersonaExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "export", abstract: "Writes a persona's weights as an original ER-NeRF checkpoint (.pth).",
        discussion: "Examples:\n  studio persona export personas/nova.persona -o nova.pth\n  studio persona export other.persona -o checkpoints/other.pth")
    @Argument(help: "A persona folder.") var persona: String
    @Option(name: .shortAndLong, help: "A .pth file.") var output: String

    func run() throws {
        try PersonaWork.exportCheckpoint(persona, output: output)
        print(output)
    }
}
