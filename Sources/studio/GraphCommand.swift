// `studio graph`.
import ArgumentParser
import Foundation
import StudioKit

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "graph", abstract: "Shows the render graph.",
        discussion: "Examples:\n  studio graph scenes/intro.scene --cost\n  studio graph scenes/intro.scene --format svg -o graph.svg")
    @OptionGroup var scene: SceneOptions
    @Option(help: "text, dot, json or svg.") var format: String?
    @Option(name: .shortAndLong, help: "Write this file instead of standard output.") var output: String?
    @Flag(help: "Draw one frame of every node and say how long it takes.") var cost = false

    func run() throws {
        let wanted = format ?? output.map { URL(fileURLWithPath: $0).pathExtension.lowercased() } ?? "text"
        let form = wanted == "txt" ? "text" : wanted
        guard ["text", "dot", "json", "svg"].contains(form) else { throw StudioFailure(2, "--format \(wanted): expected text, dot, json or svg") }
        let compiled = try SceneWork.compile(scene.file, scene.options())
        let entries = try GraphWork.entries(compiled, cost: cost, threads: scene.threads)
        let text = switch form {
        case "dot": GraphWork.dot(entries)
        case "json": try GraphWork.json(entries)
        case "svg": GraphDrawing.svg(entries, title: compiled.timeline.title)
        default: GraphWork.text(entries)
        }
        guard let output else {
            print(text, terminator: "")
            return
        }
        try TextFile.write(text, to: output)
        print(output)
    }
}
