// The footage of the example scenes: the presenter speaks a line in the loft, shot as a film with sound.
import Base
import Engines
import Foundation
import Imaging
import Media
import Motion
import Presenter
import Sound
import Speech

/// Shoots a short film of the presenter. The same bytes every time.
package enum PresenterClip {
    static let text = "This shot was made on our own stage, a drawn face in a drawn room. The title, the captions and the music came later, from a scene file."
    static let (width, height) = (960, 540)
    private static let rate = FrameRate(StagePlan.framesPerSecond)

    /// Writes an H.264 film with sound of one channel's content on both sides.
    package static func write(to path: String, budget: ComputeBudget) throws(EngineError) {
        let line = try SpeechSynthesizer.speak(text, voice: .flite("slt"))
        let lead = 0.3
        let samples = StageScript.leveled(line.sound.mono(at: 48_000))
        let silence = [Float](repeating: 0, count: Int(lead * 48_000))
        let count = Int(((Double(samples.count) / 48_000 + 2 * lead) * Double(StagePlan.framesPerSecond)).rounded(.up))
        let whole = (silence + samples + [Float](repeating: 0, count: count * 1920)).prefix(count * 1920)
        let phonemes = line.phonemes.map { TimedPhoneme(phoneme: $0.phoneme, start: $0.start + lead, end: $0.end + lead) }
        do {
            var video = VideoSettings(width: width, height: height, rate: rate)
            video.quality = 58
            var audio = AudioSettings()
            audio.bitrate = 96_000
            audio.language = "eng"
            try FileManager.default.createDirectory(at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
            let writer = try FilmWriter(path: path, video: video, audio: audio, metadata: ["title": "The presenter in the loft", "comment": "Drawn and spoken by studio; no person was recorded"])
            try shoot(rigs(MouthTrack.mouths(phonemes, frameCount: count, framesPerSecond: Double(StagePlan.framesPerSecond))), Array(whole), writer, budget)
            try writer.finish()
        } catch let error as EngineError { throw error } catch { throw .unreadable(path: path, reason: "\(error)") }
    }

    private static func rigs(_ mouths: [MouthTarget]) -> [PresenterRig] {
        let motion = PosePath.wander(amplitudes: [.yaw: 0.16, .pitch: 0.07, .roll: 0.06, .x: 0.7, .y: 0.3, .z: 0.6], period: Rational(4), seed: 23)
        let blinks = BlinkCurve.every(interval: Rational(16, 5), tolerance: Rational(1), duration: Rational(6, 25), seed: 23)
        return mouths.enumerated().map { frame, mouth in
            var rig = PresenterRig()
            rig.pose = motion.pose(at: rate.time(ofFrame: frame))
            rig.blink = blinks.closure(at: rate.time(ofFrame: frame))
            (rig.jaw, rig.wide, rig.pucker, rig.upper) = (mouth.jaw, mouth.wide, mouth.pucker, mouth.upper)
            (rig.press, rig.tuck, rig.tongue) = (mouth.press, mouth.tuck, mouth.tongue)
            return rig
        }
    }

    private static func shoot(_ rigs: [PresenterRig], _ sound: [Float], _ writer: FilmWriter, _ budget: ComputeBudget) throws {
        let size = 520
        let stage = PresenterRenderer(size: size, budget: budget)
        let room = frame(LoftPicture(width: width, height: height).draw(budget: budget)).blurred(radius: 8)
        // She stands a little left of the middle and is cut by the picture's lower edge.
        let stand = PixelRect(x: 190, y: Double(height - size), width: Double(size), height: Double(size))
        for (index, rig) in rigs.enumerated() {
            let person = cutOut(stage.render(rig, budget: budget), stage.background)
            try writer.write(person.drawn(into: stand, canvasWidth: width, canvasHeight: height).over(room))
            let block = Array(sound[(1920 * index)..<(1920 * (index + 1))])
            try writer.write(AudioBuffer(channels: [block, block], sampleRate: 48_000))
        }
    }

    private static func frame(_ image: RawImage) -> Frame {
        let builder = FrameBuilder(width: image.width, height: image.height)
        for i in 0..<(image.width * image.height) {
            for c in 0..<3 { builder.pixels[4 * i + c] = Float(image.bytes[image.channels * i + c]) / 255 }
            builder.pixels[4 * i + 3] = 1
        }
        return builder.freeze()
    }

    /// The person without the plate: what the plate adds to a pixel is taken out by the coverage that the stage knows.
    private static func cutOut(_ picture: PresenterPicture, _ plate: [UInt8]) -> Frame {
        let builder = FrameBuilder(width: picture.size, height: picture.size)
        for i in 0..<(picture.size * picture.size) {
            let head = Float(picture.headAlpha[i]) / 255, body = Float(picture.torso[4 * i + 3]) / 255
            let cover = head + (1 - head) * body
            for c in 0..<3 {
                let light = (Float(picture.rgb[3 * i + c]) - Float(plate[3 * i + c]) * (1 - cover)) / 255
                builder.pixels[4 * i + c] = min(max(light, 0), cover)
            }
            builder.pixels[4 * i + 3] = cover
        }
        return builder.freeze()
    }
}
