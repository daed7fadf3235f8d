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
    @OptionGroup var words: WordOptions

    func options() throws -> RenderOptions {
        var options = RenderOptions()
        try options.set(set)
        guard (1...256).contains(threads) else { throw StudioFailure(2, "--threads \(threads): expected 1…256") }
        options.threads = threads
        options.allowsOutsideProject = allowOutside
        return options
    }
}

struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "render", abstract: "Renders a scene's outputs.",
        discussion: "Examples:\n  studio render scenes/intro.scene\n  studio render batch.scene --each people.csv\n  studio render scenes/footage.scene --frames shot:card -o card.mp4")
    @OptionGroup var scene: SceneOptions
    @Option(name: .shortAndLong, help: "Write this file instead of the scene's first output; - is standard output.") var output: String?
    @Option(help: "Only these frames: 100-200, 1s..4s (or 25f..100f), or shot:NAME.") var frames: String?
    @Option(help: "A CSV table: its header names params, the scene is rendered once a row.") var each: String?
    @Flag(help: "With --each: a row that fails does not stop the others.") var keepGoing = false
    @Option(help: "When a file is there already: always, ask, or never replace it.") var overwrite = "always"
    @Option(help: "Replaces the scene's seed.") var seed: Int?
    @Option(help: "Keep finished pieces in this folder instead of beside the output.") var work: String?
    @Flag(help: "Start again: forget what an interrupted render kept.") var fresh = false
    @Flag(help: "Neither take nor leave finished pieces.") var noCache = false
    @Option(help: "draft: every second frame, coarsely coded; final: as engines usually draw; fast: fields are baked first; exact: every sample.") var quality = "final"
    @Option(help: "Where engines compute; this version has cpu.") var device = "cpu"
    @Option(help: "Stay below so much memory (8G, 500M): fewer threads, or a stop with what is finished kept.") var maxMemory: String?
    @Option(help: "Stop after this time (90s, 10:00, 2h); what is finished is kept.") var timeout: String?
    @Option(help: "auto, bar, plain, json or none.") var progress = "auto"
    @Flag(help: "Check, compile, and say what would be written.") var dryRun = false
    @Flag(name: .shortAndLong, help: "No talk.") var quiet = false
    @Flag(name: .shortAndLong, help: "More talk: threads, what is kept, speed and memory.") var verbose = false

    /// The flags as options of the render.
    private func options() throws -> RenderOptions {
        var options = try scene.options()
        options.output = output
        options.seed = seed
        options.work = work
        options.isFresh = fresh
        options.frames = try frames.map { try FrameSelection($0) }
        options.mayReplace = try Self.replacing(overwrite)
        options.keepsNothing = noCache
        options.quality = try Self.quality(quality)
        if output == "-", isatty(1) == 1 { throw StudioFailure(2, "-o -: standard output is a terminal", advice: "send it to a file or to another program: … -o - > film.mp4") }
        guard device == "cpu" else { throw StudioFailure(2, "--device \(device): this version computes on the cpu only", advice: "leave --device out, or say --device cpu") }
        if let maxMemory {
            guard let bytes = ByteCount.read(maxMemory) else { throw StudioFailure(2, "--max-memory \(maxMemory): expected a size as 8G or 500M") }
            options.memoryLimit = bytes
        }
        if verbose { options.talk = { Terminal.say("studio: \($0)") } }
        if !quiet { options.notice = { Terminal.say("studio: \($0)") } }
        if let timeout {
            let wait = try CommandWait.seconds(timeout, flag: "--timeout")
            guard wait > 0 else { throw StudioFailure(2, "--timeout \(timeout): expected more than 0") }
            options.deadline = Date(timeIntervalSinceNow: wait)
        }
        return options
    }

    func run() async throws {
        let options = try self.options()
        guard !(quiet && verbose) else { throw StudioFailure(2, "-q and -v exclude each other") }
        let style = try ProgressBar.Style(named: quiet ? "none" : progress)
        if keepGoing, each == nil { throw StudioFailure(2, "--keep-going goes with --each") }
        if dryRun, each == nil {
            for line in try SceneWork.dryRun(scene.file, options) { print(line) }
            return
        }
        Interrupt.watch()
        let bar = ProgressBar(style)
        guard let each else {
            for path in try await SceneWork.render(scene.file, options, progress: bar.show) where path != "-" { print(path) }
            return
        }
        if dryRun {
            for line in try BatchWork.dryRun(scene.file, table: each, options) { print(line) }
            return
        }
        let result = try await BatchWork.render(scene.file, table: each, options, goesOn: keepGoing, progress: bar.show) { path in if path != "-" { print(path) } }
        for failure in result.failures { _ = Terminal.report(failure) }
        if let first = result.failures.first { throw ExitCode(first.exitCode) }
    }

    /// A word of `--quality`.
    private static func quality(_ word: String) throws -> RenderQuality {
        guard let quality = RenderQuality(rawValue: word) else { throw StudioFailure(2, "--quality \(word): expected draft, final, fast or exact") }
        return quality
    }

    private static func replacing(_ word: String) throws -> @Sendable (String) throws -> Bool {
        switch word {
        case "always": return { _ in true }
        case "never": return { _ in false }
        case "ask": return { path in
            guard isatty(0) == 1, isatty(2) == 1 else { return false }
            Terminal.write("\(path) is there already. Replace it? [y/N] ")
            return ["y", "yes"].contains((readLine() ?? "").trimmingCharacters(in: .whitespaces).lowercased())
        }
        default: throw StudioFailure(2, "--overwrite \(word): expected always, ask or never")
        }
    }
}

struct StillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "still", abstract: "Renders one frame to a picture.",
        discussion: "Examples:\n  studio still scenes/intro.scene --at 2s -o frame.png\n  studio still scenes/intro.scene --at 1:02.5 -o frame.jpg")
    @OptionGroup var scene: SceneOptions
    @Option(help: "The time: 2s, 250ms, 12f, 1:02.5 or 00:00:02:12.") var at: String
    @Option(name: .shortAndLong, help: "A .png or .jpg file.") var output: String

    func run() throws {
        try PictureWork.check(output)
        let moment = try CommandTime(at, flag: "--at"), compiled = try SceneWork.compile(scene.file, scene.options())
        let time = moment.seconds(compiled.timeline.rate)
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
        try PictureWork.check(output)
        let compiled = try SceneWork.compile(scene.file, scene.options())
        try PictureWork.write(SceneWork.sheet(compiled, columns: columns, rows: rows, threads: scene.threads), to: output)
    }
}

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe", abstract: "What a media file holds: rate, turns, colour, time code, tracks.",
        discussion: "Examples:\n  studio probe film.mp4\n  studio probe voice.wav --json")
    @Argument(help: "A media file.") var file: String
    @Flag(help: "All facts as JSON.") var json = false
    func run() throws {
        let report = try ProbeReport(file)
        print(json ? try report.json : report.text)
    }
}
