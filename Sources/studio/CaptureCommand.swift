// Footage of a person becomes a data set.
import ArgumentParser
import StudioKit

struct CaptureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "capture", abstract: "Portrait footage to a training data set: frames, poses, landmarks, blinks, parsing, background, torso, sound.",
        discussion: "Examples:\n  studio capture portrait.mp4 -o data/ada\n  studio capture interview.mp4 -o data/ada --from 12.4 --to 96 --face 2\n  studio capture portrait.mp4 -o data/ada --blinks openface.csv")
    @Argument(help: "A film of one person before a camera that stands still.") var film: String
    @Option(name: .shortAndLong, help: "Data set folder; an interrupted capture goes on where it stopped.") var output: String
    @Option(help: "Width and height of the frames in pixels, a multiple of 8.") var size = 512
    @Option(help: "Seconds of the film at which to begin.") var from = 0.0
    @Option(help: "Seconds of the film at which to end; default: its end.") var to: Double?
    @Option(help: "Number of the face where several are seen; `studio faces` shows them.") var face: Int?
    @Option(help: "A file with the film's speech, in place of its own sound.") var sound: String?
    @Option(help: "A table of OpenFace of the same film: its AU45_r tells the closure of the eyes instead of the mesh.") var blinks: String?
    @Option(help: "A persona whose speech encoder hears for the new one, or `levels`: none; default: the persona beside the program.") var hearing: String?
    @Option(help: "A face_landmarker.task; default: the one in a models folder near the film, the current folder or the program.") var model: String?
    @OptionGroup var work: WorkOptions

    func run() throws {
        let (threads, progress) = try work.start()
        var request = CaptureWork.Request(film: film, output: output)
        (request.capture.size, request.capture.from, request.capture.to, request.capture.face, request.capture.sound) = (size, from, to, face, sound)
        (request.model, request.hearing, request.capture.blinks) = (model, hearing, blinks)
        let (text, warnings) = try CaptureWork.run(request, threads: threads, progress: progress)
        for warning in warnings { Terminal.say("studio: note: \(warning)") }
        print(text)
    }
}
