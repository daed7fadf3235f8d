// Verbs that make and look at personas.
import ArgumentParser
import Base
import Foundation
import StudioKit

/// Flags of long work.
struct WorkOptions: ParsableArguments {
    @Option(help: "Threads; default: all cores.") var threads: Int = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "auto, bar, plain, json or none.") var progress = "auto"

    /// Checks the flags, and listens for interrupts from here on.
    func start() throws -> (threads: Int, progress: ProgressHandler) {
        guard (1...256).contains(threads) else { throw StudioFailure(2, "--threads \(threads): expected 1…256") }
        let bar = ProgressBar(try ProgressBar.Style(named: progress))
        Interrupt.watch()
        return (threads, bar.show)
    }
}

struct StageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stage", abstract: "Shoots footage of the built-in presenter with exact ground truth.",
        discussion: "Examples:\n  studio stage -o nova-stage --seconds 100 --seed 7\n  studio stage -o unseen --seconds 8 --seed 23 --held-out")
    @Option(name: .shortAndLong, help: "Data set folder; an interrupted shoot goes on where it stopped.") var output: String
    @Option(help: "Seconds of the training part.") var seconds = 100
    @Option(help: "Width and height in pixels, a multiple of 8.") var size = 512
    @Option(help: "Seed of motion and text.") var seed: UInt64 = 7
    @Flag(help: "Lines and voices that no training set has.") var heldOut = false
    @Option(help: "Minutes of speech without pictures, for the speech encoder and the audio net.") var lessons = 200
    @OptionGroup var work: WorkOptions
    func run() throws {
        let (threads, progress) = try work.start()
        let frames = try PersonaWork.stage(output, seconds: seconds, size: size, seed: seed, heldOut: heldOut, lessonMinutes: lessons, threads: threads, progress: progress)
        print("\(frames) frames in \(output)")
    }
}

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "train", abstract: "Trains a persona on a data set; interrupted, the same command goes on where it stopped.",
        discussion: "Examples:\n  studio train nova-stage -o personas/nova.persona\n  studio train nova-stage -o personas/nova.persona --recipe training/nova.json\n  studio train nova-stage -o quick.persona --minutes 5 --size 256 --preview\n  studio train nova-stage -o quick.persona --recipe training/nova-quick.json --hearing personas/nova.persona\n  studio train small-stage -o small.persona --engine ad-nerf")
    @Argument(help: "A data set folder.") var dataset: String
    @Option(name: .shortAndLong, help: "NAME.persona") var output: String
    @Option(help: "A recipe: steps, rays, rates and seed as JSON.") var recipe: String?
    @Option(help: "er-nerf, or ad-nerf: the older network, slow, for small pictures.") var engine = "er-nerf"
    @Option(help: "LPIPS weights for the lips stage (scripts/fetch-lpips); without the file it uses drawn filters.") var lpips = "models/lpips_alexnet.safetensors"
    @Option(help: "A persona whose speech encoder hears for the new one: nothing is taught to hear, which saves a third of a short training.") var hearing: String?
    @Option(help: "Fit the recipe's steps to so many minutes on this machine; which steps those are is said.") var minutes: Double?
    @Option(help: "Train on pictures of this width, 256 or 512 as a rule; default: the data set's own.") var size: Int?
    @Flag(help: "Write NAME.preview.png now and then: a held-out frame, and the persona's own.") var preview = false
    @Flag(help: "Go on with a kept training, or fail; without the flag a kept one is used where there is one.") var resume = false
    @Flag(help: "Forget a kept training.") var fresh = false
    @OptionGroup var work: WorkOptions
    func run() throws {
        guard !(resume && fresh) else { throw StudioFailure(2, "--resume and --fresh exclude each other") }
        let (threads, progress) = try work.start()
        var request = PersonaWork.Training(dataset: dataset, output: output, recipe: recipe, lpips: lpips)
        (request.mustResume, request.fresh, request.engine, request.preview) = (resume, fresh, engine, preview)
        (request.minutes, request.size, request.hearing) = (minutes, size, hearing)
        request.talk = { Terminal.say("studio: \($0)") }
        let note = try PersonaWork.train(request, threads: threads, progress: progress)
        Terminal.say(note)
        print(output)
    }
}

struct PersonaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "persona", abstract: "What a persona is, and how good.", subcommands: [Info.self, Check.self, Import.self, PersonaExportCommand.self])

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "info", abstract: "Prints a persona's manifest facts.",
            discussion: "Examples:\n  studio persona info personas/nova.persona\n  studio persona info other.persona")
        @Argument(help: "A persona folder.") var persona: String
        func run() throws { print(try PersonaWork.info(persona)) }
    }
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "check", abstract: "Held-out quality: PSNR of head and picture, mouth against the truth, blink, turned head.",
            discussion: "Examples:\n  studio persona check personas/nova.persona unseen\n  studio persona check personas/nova.persona unseen -o check.png")
        @Argument(help: "A persona folder.") var persona: String
        @Argument(help: "A data set folder; its validation part is used.") var dataset: String
        @Option(name: .shortAndLong, help: "A sheet: truth above, ours below.") var output: String?
        @Option(help: "Every so many frames.") var every = 1
        @Option(help: "LPIPS weights for the mouth's patch (scripts/fetch-lpips); without the file that figure is left out.") var lpips = "models/lpips_alexnet.safetensors"
        @Option(help: "A face model that measures mouth and eyes of real people; default: the one in a models folder. The built-in presenter is measured by colours.") var model: String?
        @Option(help: "auto, bar, plain, json or none.") var progress = "auto"
        func run() throws {
            guard every >= 1 else { throw StudioFailure(2, "--every \(every): expected 1 or more") }
            let bar = ProgressBar(try ProgressBar.Style(named: progress))
            Interrupt.watch()
            print(try PersonaWork.check(persona, dataset: dataset, sheet: output, every: every, lpips: lpips, model: model, progress: bar.show))
        }
    }
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "import", abstract: "Takes in a checkpoint of the original projects with its data set folder: ER-NeRF and RAD-NeRF (.pth), AD-NeRF (_head.tar).",
            discussion: "Examples:\n  studio persona import ngp.pth --dataset data/may -o personas/may.persona\n  studio persona import head.tar --body body.tar --dataset set -o a.persona")
        @Argument(help: "A .pth file, or AD-NeRF's _head.tar.") var checkpoint: String
        @Option(help: "AD-NeRF's _body.tar, for the torso.") var body: String?
        @Option(help: "The data set folder that it was trained on: camera, plate and recorded motion.") var dataset: String
        @Option(name: .shortAndLong, help: "NAME.persona") var output: String
        @Option(help: "The original's --att: 2 (default), 1 or 0.") var att: Int?
        @Flag(inversion: .prefixedNo, help: "The original's --smooth_lips; RAD-NeRF has it on.") var smoothLips: Bool?
        @Flag(inversion: .prefixedNo, help: "The original's --smooth_path; RAD-NeRF has it on.") var smoothPath: Bool?
        @Option(help: "The original's --fix_eye: eyes always this far closed, 0 to 1.") var fixEye: Float?
        @Option(help: "Threads; default: all cores.") var threads: Int = ProcessInfo.processInfo.activeProcessorCount
        func run() throws {
            guard (1...256).contains(threads) else { throw StudioFailure(2, "--threads \(threads): expected 1…256") }
            var request = PersonaWork.Import(checkpoint: checkpoint, dataset: dataset, output: output)
            (request.body, request.attention, request.smoothLips, request.smoothPath, request.fixedEye) = (body, att, smoothLips, smoothPath, fixEye)
            try PersonaWork.importCheckpoint(request, threads: threads)
            print(output)
        }
    }
}
