// Who is seen in footage.
import ArgumentParser
import StudioKit

struct FacesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "faces", abstract: "Numbered faces of footage: sizes, angles, where they are lost.",
        discussion: "Examples:\n  studio faces interview.mp4 -o sheet.png\n  studio faces interview.mp4 --every 5 --json")
    @Argument(help: "A film, or a still picture.") var footage: String
    @Option(name: .shortAndLong, help: "Draw a sheet: the film with its faces marked, and every face over time; a .png or .jpg file.") var output: String?
    @Option(help: "Look at every so many-th picture.") var every = 1
    @Option(help: "A face_landmarker.task; default: the one in a models folder near the footage, the current folder or the program.") var model: String?
    @Flag(help: "Every look as JSON.") var json = false
    @Option(help: "Progress: auto, bar, plain, json or none.") var progress = "auto"

    func run() throws {
        guard (1...100_000).contains(every) else { throw StudioFailure(2, "--every \(every): expected 1…100000") }
        if let output { try PictureWork.check(output) }
        let bar = ProgressBar(try ProgressBar.Style(named: progress))
        Interrupt.watch()
        let found = try FaceWork.look(at: footage, model: model, step: every, progress: bar.show)
        let report = FaceWork.report(found, file: footage, model: FaceWork.modelPath(model, near: footage))
        if let output { try PictureWork.write(FaceSheet.draw(found, path: footage), to: output) }
        print(json ? try report.json() : report.text, terminator: "")
    }
}
