// Checks for developers, and the small media of the example scenes.
import ArgumentParser
import Base
import Capture
import Foundation

struct DeveloperCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "studio-dev", abstract: "Checks for developers; run it in the project's folder.",
                                                    subcommands: [Layers.self, Sizes.self, Props.self, Check.self])

    /// The folder that it runs in.
    fileprivate static var root: URL { URL(fileURLWithPath: FileManager.default.currentDirectoryPath) }
}

struct Layers: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Compares the imports of the sources with the floors of Package.swift.")
    func run() throws {
        let found = try LayerCheck(root: DeveloperCommand.root).violations()
        found.forEach { print($0) }
        if !found.isEmpty { throw ExitCode(1) }
    }
}

struct Sizes: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the source files above a number of lines.")
    @Option(help: "Lines.") var limit = 400
    func run() throws { try SizeReport(root: DeveloperCommand.root, limit: limit).lines().forEach { print($0) } }
}

struct Props: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes the pictures, sounds and clips of the example scenes again.")
    @Option(name: .shortAndLong, help: "Folder of the scenes.") var output = "scenes"
    func run() throws {
        let budget = ComputeBudget(threads: ProcessInfo.processInfo.activeProcessorCount)
        try SceneProps.write(to: output, budget: budget)
        try PresenterClip.write(to: output + "/footage/presenter.mp4", budget: budget)
    }
}

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The floors, and then all that CI runs, in its order; stops at the first failure.")
    func run() throws {
        try Layers().run()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["bash", ".ci/run"]
        process.currentDirectoryURL = DeveloperCommand.root
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw ExitCode(process.terminationStatus) }
    }
}

DeveloperCommand.main()
