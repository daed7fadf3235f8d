// Assets of the example scenes, all made here: a spoken line, a piece of music, a room.
import Base
import Engines
import Foundation
import Media
import Sound
import Speech

/// Writes the small files that the example scenes use. The same bytes every time.
package enum SceneProps {
    static let helloText = "Hello, I'm Nova, your presenter. Everything you see and hear was made by one program, from the ground up."

    /// Writes `audio/hello.wav`, `audio/music.wav` and `backgrounds/loft.png` into a folder.
    package static func write(to folder: String, budget: ComputeBudget) throws(EngineError) {
        for name in ["audio", "backgrounds"] {
            do { try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true) } catch {
                throw .unreadable(path: folder + "/" + name, reason: error.localizedDescription)
            }
        }
        let hello = try hello()
        do {
            try AudioFile.write(hello, to: folder + "/audio/hello.wav")
            try AudioFile.write(MusicLoop(seed: 11).render(), to: folder + "/audio/music.wav")
            try ImageFile.write(LoftPicture(width: 1280, height: 720).draw(budget: budget), to: folder + "/backgrounds/loft.png")
        } catch { throw .unreadable(path: folder, reason: "\(error)") }
    }

    /// The greeting, by flite's slt: the one recorded woman's voice of the five at hand (median pitch 168 Hz on this line; the
    /// others 87 to 122 Hz), and so the one that suits the presenter. rms is brighter (4 to 8 kHz 10 dB higher against the whole).
    static func hello() throws(EngineError) -> AudioBuffer {
        let line = try SpeechSynthesizer.speak(helloText, voice: .flite("slt"))
        let samples = StageScript.leveled(line.sound.mono(at: 48_000))
        let pause = [Float](repeating: 0, count: 48_000 / 4)
        return AudioBuffer(channels: [pause + samples + pause], sampleRate: 48_000)
    }
}
