// What is kept of stopped work.
import ArgumentParser
import Base
import Foundation
import StudioKit

struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "cache", abstract: "What stopped renders and trainings keep to go on with.", subcommands: [List.self, Clear.self, Verify.self, Why.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "ls", abstract: "Lists what is kept in and below folders.",
            discussion: "Examples:\n  studio cache ls\n  studio cache ls renders personas --json")
        @Argument(help: "Folders.") var folders = ["."]
        @Flag(help: "As JSON.") var json = false

        func run() throws {
            let kept = try CacheWork.list(folders)
            if json { print(try JSONText.of(kept)) } else { Self.show(kept) }
        }

        /// A line each, and the sum.
        static func show(_ kept: [KeptWork]) {
            for work in kept {
                print(String(format: "%8.1f MiB  %5d piece%@  %@  %@", Double(work.bytes) / 1_048_576, work.pieces, work.pieces == 1 ? " " : "s", age(work.age), work.path))
            }
            print(String(format: "%8.1f MiB in %d folder%@", Double(kept.reduce(0) { $0 + $1.bytes }) / 1_048_576, kept.count, kept.count == 1 ? "" : "s"))
        }

        private static func age(_ seconds: Double) -> String {
            let text = seconds < 120 ? String(format: "%.0f s", seconds) : seconds < 7200 ? String(format: "%.0f min", seconds / 60) : seconds < 172_800 ? String(format: "%.0f h", seconds / 3600) : String(format: "%.0f days", seconds / 86_400)
            return text.padding(toLength: max(8, text.count), withPad: " ", startingAt: 0)
        }
    }

    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "gc", abstract: "Takes away what is kept: renders and trainings begin anew.",
            discussion: "Examples:\n  studio cache gc renders\n  studio cache gc --older 7d")
        @Argument(help: "Folders.") var folders = ["."]
        @Option(help: "Only what nobody touched for so long: 90s, 2h or 7d.") var older = "0s"

        func run() throws {
            List.show(try CacheWork.clear(folders, olderThan: CommandWait.seconds(older, flag: "--older")))
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "verify", abstract: "Reads every kept stretch of film through; exit code 5 where one is damaged.",
            discussion: "Examples:\n  studio cache verify\n  studio cache verify renders")
        @Argument(help: "Folders.") var folders = ["."]

        func run() throws {
            let (whole, damaged) = try CacheWork.verify(folders)
            print("\(whole) whole, \(damaged.count) damaged")
            guard let first = damaged.first else { return }
            for path in damaged { print(path) }
            throw StudioFailure(5, "\(first): is damaged", advice: "the next render makes it again; `studio cache gc` takes it away")
        }
    }

    struct Why: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "why", abstract: "Which frames of a scene are kept, which are not, and why not.",
            discussion: "Examples:\n  studio cache why scenes/intro.scene\n  studio cache why batch.scene --set name=Ada")
        @OptionGroup var scene: SceneOptions
        @Option(help: "Kept pieces are in this folder instead of beside the output.") var work: String?

        func run() throws {
            var options = try scene.options()
            options.work = work
            for line in try CacheWork.why(scene.file, options) { print(line) }
        }
    }
}
