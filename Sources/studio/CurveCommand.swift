// `studio curve`.
import ArgumentParser
import Foundation
import StudioKit

struct CurveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "curve", abstract: "Draws paths, blinks, curves, and what an actor does: in the terminal, or as png, svg or csv.",
        discussion: "Examples:\n  studio curve scenes/intro.scene glance\n  studio curve scenes/intro.scene greeting.nova -o nova.svg")
    @Argument(help: "A .scene file.") var file: String
    @Argument(help: "A path, blink or curve of the file, or SHOT.PERSONA; without it: all of them.") var name: String?
    @Option(name: .shortAndLong, help: "A .png, .svg or .csv file.") var output: String?
    @Option(name: .customLong("set"), help: "NAME=VALUE: sets a param; may be repeated.") var set: [String] = []
    @Option(help: "Columns of the terminal plot; default: as wide as the terminal.") var width: Int?
    @Flag(help: "Allow files outside the scene's project folder.") var allowOutside = false
    @OptionGroup var words: WordOptions

    func run() throws {
        var options = RenderOptions()
        try options.set(set)
        options.allowsOutsideProject = allowOutside
        if let width, !(20...1000).contains(width) { throw StudioFailure(2, "--width \(width): expected 20…1000") }
        let ending = output.map { URL(fileURLWithPath: $0).pathExtension.lowercased() }
        if let output, let ending, !["png", "svg", "csv"].contains(ending) { throw StudioFailure(2, "\(output): expected a .png, .svg or .csv file") }
        let motions = try CurveWork.motions(file, name: name, options)
        guard let output, let ending else {
            print(motions.map { CurveDrawing.terminal($0, width: width ?? Terminal.columns) }.joined(separator: "\n"), terminator: "")
            return
        }
        if ending == "png" { try PictureWork.write(CurveDrawing.picture(motions), to: output) } else {
            try TextFile.write(ending == "svg" ? CurveDrawing.svg(motions) : CurveDrawing.csv(motions), to: output)
        }
        print(output)
    }
}

extension Terminal {
    /// Columns of the terminal that results go to; 80 where there is none.
    static var columns: Int {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 80 }
        return Int(size.ws_col)
    }
}
