// `studio speech`: what a persona hears.
import ArgumentParser
import StudioKit

struct SpeechCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "speech", abstract: "Audio features: what a persona hears, as arrays.", subcommands: [Features.self, Import.self])

    struct Features: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "features", abstract: "Writes the audio features of a sound as an array: 25 rows a second, as data sets hold them.",
            discussion: "Examples:\n  studio speech features voice.wav -o voice.npy\n  studio speech features voice.wav -o heard.npy --persona personas/nova.persona")
        @Argument(help: "A sound, or a film with sound.") var file: String
        @Option(name: .shortAndLong, help: "NAME.npy: [rows, steps, channels], 32-bit floats.") var output: String
        @Option(help: "log-mel-32, or heard-mouth-7 with --persona; default: what the persona hears, else log-mel-32.") var kind: String?
        @Option(help: "A persona, whose own encoder hears.") var persona: String?
        func run() throws {
            Terminal.say("studio: \(try SpeechWork.features(file, kind: kind, persona: persona, output: output))")
            print(output)
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "import", abstract: "Takes features that a published network wrote into a data set: DeepSpeech, wav2vec2, HuBERT, AVE.",
            discussion: "Examples:\n  studio speech import aud_ds.npy --kind deepspeech -o data/may\n  studio speech import logits.npy --kind wav2vec -o windows.npy")
        @Argument(help: "A .npy array: rows as the original's scripts write them, or plain outputs [steps, channels], 50 a second.") var file: String
        @Option(help: "deepspeech (29 channels), wav2vec-eo (44), wav2vec (32), hubert (1024) or ave (512).") var kind: String
        @Option(name: .shortAndLong, help: "A data set folder, or NAME.npy.") var output: String
        func run() throws { print(try SpeechWork.take(file, kind: kind, output: output)) }
    }
}
