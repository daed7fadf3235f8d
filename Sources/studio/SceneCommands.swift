// Verbs on scene files.
import ArgumentParser
import Base
import Diagnostics
import Foundation
import StudioKit

/// Flags that several verbs share.
struct SceneOptions: ParsableArguments {
    @Argument(help: "A .scene file.") var file: String
    @Option(name: .customLong("set"), help: "NAME=VALUE: sets a param; may be repeated.") var set: [String] = []
    @Option(help: "Threads; default: all cores.") var threads: Int = ProcessInfo.processInfo.activeProcessorCount
    @Flag(help: "Allow files outside the scene's project folder.") var allowOutside = false

    func options() throws -> RenderOptions {
        var options = RenderOptions()
        for pair in set {
            guard let equals = pair.firstIndex(of: "=") else { throw StudioFailure(2, "--set \(pair): expected NAME=VALUE") }
            options.parameters[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        guard (1...256).contains(threads) else { throw StudioFailure(2, "--threads \(threads): expected 1…256") }
        options.threads = threads
        options.allowsOutsideProject = allowOutside
        return options
    }
}

/// A point in time on the command line: `1.5s`, `1:02.5`, `250ms`, or plain seconds.
func seconds(_ text: String) throws -> Rational {
    var rest = text
    var scale = 1.0
    if rest.hasSuffix("ms") { rest.removeLast(2); scale = 0.001 } else if rest.hasSuffix("s") { rest.removeLast() }
    var total = 0.0
    for part in rest.split(separator: ":", omittingEmptySubsequences: false) {
        guard let value = Double(part), value >= 0, value < 1e7, total < 1e7 else { throw StudioFailure(2, "“\(text)” is no time: 2.5s, 250ms or 1:02.5") }
        total = total * 60 + value
    }
    return Rational(approximating: total * scale)
}

struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "render", abstract: "Renders a scene's outputs.",
        discussion: "Examples:\n  studio render scenes/intro.scene\n  studio render batch.scene --set name=Ada -o hello-ada.mp4")
    @OptionGroup var scene: SceneOptions
    @Option(name: .shortAndLong, help: "Write this file instead of the scene's first output.") var output: String?
    @Option(help: "Only these frames: 100-200, or 1s..4s.") var frames: String?
    @Option(help: "always, or never: refuse to replace a file.") var overwrite = "always"
    @Option(help: "Replaces the scene's seed.") var seed: Int?
    @Option(help: "auto, bar, plain, json or none.") var progress = "auto"
    @Flag(help: "Check and compile only.") var dryRun = false
    @Flag(name: .shortAndLong, help: "No talk.") var quiet = false

    func run() async throws {
        var options = try scene.options()
        options.output = output
        options.seed = seed
        guard ["always", "never"].contains(overwrite) else { throw StudioFailure(2, "--overwrite \(overwrite): expected always or never") }
        options.overwrites = overwrite == "always"
        let style = try ProgressBar.Style(named: quiet ? "none" : progress)
        if dryRun || frames != nil {
            let compiled = try SceneWork.compile(scene.file, options)
            if let frames { options.frames = try range(frames, compiled.timeline.rate) }
            if dryRun {
                print("\(compiled.timeline.frameCount) frames, \(compiled.timeline.outputs.map(\.request.path).joined(separator: ", "))")
                return
            }
        }
        Interrupt.watch()
        let bar = ProgressBar(style)
        for path in try await SceneWork.render(scene.file, options, progress: bar.show) { print(path) }
    }

    private func range(_ text: String, _ rate: FrameRate) throws -> Range<Int> {
        if let dots = text.range(of: "..") {
            let first = rate.nearestFrame(to: try seconds(String(text[..<dots.lowerBound]))), end = rate.nearestFrame(to: try seconds(String(text[dots.upperBound...])))
            guard first < end else { throw StudioFailure(2, "--frames \(text): the end is not behind the start") }
            return first..<end
        }
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 2, parts[0] >= 0, parts[0] <= parts[1], parts[1] < Int(Int32.max) else { throw StudioFailure(2, "--frames \(text): expected 100-200 or 1s..4s") }
        return parts[0]..<(parts[1] + 1)
    }
}

struct StillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "still", abstract: "Renders one frame to a picture.",
        discussion: "Examples:\n  studio still scenes/intro.scene --at 2s -o frame.png\n  studio still scenes/intro.scene --at 1:02.5 -o frame.jpg")
    @OptionGroup var scene: SceneOptions
    @Option(help: "The time.") var at: String
    @Option(name: .shortAndLong, help: "A .png or .jpg file.") var output: String

    func run() throws {
        let compiled = try SceneWork.compile(scene.file, scene.options())
        let time = try seconds(at)
        guard time < compiled.timeline.duration else { throw StudioFailure(2, "--at \(at): the scene ends at \(String(format: "%.3f", compiled.timeline.duration.doubleValue)) s") }
        try PictureWork.write(SceneWork.still(compiled, at: time, threads: scene.threads), to: output)
    }
}

struct SheetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sheet", abstract: "Renders a contact sheet with times.",
        discussion: "Examples:\n  studio sheet scenes/intro.scene -o sheet.png\n  studio sheet scenes/intro.scene --columns 6 --rows 2 -o sheet.png")
    @OptionGroup var scene: SceneOptions
    @Option(name: .shortAndLong, help: "A .png or .jpg file.") var output: String
    @Option(help: "Pictures in a row.") var columns = 4
    @Option(help: "Rows.") var rows = 3

    func run() throws {
        guard (1...12).contains(columns), (1...40).contains(rows) else { throw StudioFailure(2, "a sheet has 1…12 columns and 1…40 rows") }
        let compiled = try SceneWork.compile(scene.file, scene.options())
        try PictureWork.write(SceneWork.sheet(compiled, columns: columns, rows: rows, threads: scene.threads), to: output)
    }
}

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "plan", abstract: "Dry run: shots, layers, sounds and outputs with exact times.",
        discussion: "Examples:\n  studio plan scenes/intro.scene\n  studio plan batch.scene --set name=Ada")
    @OptionGroup var scene: SceneOptions
    func run() throws { print(PlanText.describe(try SceneWork.load(scene.file, scene.options()).1), terminator: "") }
}

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "graph", abstract: "Prints the render graph.",
        discussion: "Examples:\n  studio graph scenes/intro.scene\n  studio graph scenes/intro.scene --format dot | dot -Tsvg > graph.svg")
    @OptionGroup var scene: SceneOptions
    @Option(help: "text or dot.") var format = "text"
    func run() throws {
        guard ["text", "dot"].contains(format) else { throw StudioFailure(2, "--format \(format): expected text or dot") }
        print(PlanText.graph(try SceneWork.compile(scene.file, scene.options()), dot: format == "dot"), terminator: "")
    }
}

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe", abstract: "What a media file holds, as JSON.",
        discussion: "Examples:\n  studio probe film.mp4\n  studio probe voice.wav")
    @Argument(help: "A media file.") var file: String
    func run() throws { print(try PictureWork.probe(file)) }
}
