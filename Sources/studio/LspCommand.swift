// `studio lsp`.
import ArgumentParser
import Foundation
import StudioKit

struct LspCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "lsp", abstract: "The language server: an editor speaks with it over standard input and output.",
        discussion: "Examples:\n  studio lsp\n  studio lsp --measure scenes/intro.scene")
    @Flag(help: "Do not open media and personas.") var noMedia = false
    @Flag(help: "Allow files outside a scene's project folder.") var allowOutside = false
    @Option(help: "Type into this file as an editor would, and print how long the answers take.") var measure: String?
    @Option(help: "With --measure: letters to type.") var presses = 100
    @Flag(help: "Speak over standard input and output; that is what it does anyway, but editors like to say so.") var stdio = false

    func run() throws {
        if let measure {
            guard (1...100_000).contains(presses) else { throw StudioFailure(2, "--presses \(presses): expected 1…100000") }
            print(try LanguageServing.measure(measure, count: presses, readsMedia: !noMedia))
            return
        }
        let code = LanguageServing.serve(allowsOutside: allowOutside, readsMedia: !noMedia)
        if code != 0 { throw ExitCode(code) }
    }
}
