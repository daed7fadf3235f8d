// Speech from text, with the times of its phonemes: the voice of the stage.
import CEspeak
import CFlite
import Engines
import Foundation
import Sound
import Synchronization

/// One phoneme and when it is spoken.
package struct TimedPhoneme: Sendable, Hashable {
    package var phoneme: Phoneme
    /// Seconds from the start of the sound.
    package var start: Double
    package var end: Double
    package init(phoneme: Phoneme, start: Double, end: Double) {
        self.phoneme = phoneme
        self.start = start
        self.end = end
    }
}

/// Spoken text.
package struct SpokenLine: Sendable {
    package var sound: AudioBuffer
    package var phonemes: [TimedPhoneme]
}

/// A synthetic voice from a Debian package.
package enum SyntheticVoice: Sendable, Hashable, CustomStringConvertible {
    /// flite's voices: `slt`, `rms`, `awb`, `kal16`; recorded people, cut and joined.
    /// `pitch` is the mean in hertz (0: the voice's own; some voices keep theirs), `stretch` scales the durations.
    case flite(String, pitch: Float = 0, stretch: Float = 1)
    /// espeak-ng's formant voices: language and variant, `en-us` and `f3`.
    case espeak(String, pitch: Int)
    /// festival's diphone voices; `stretch` scales the durations.
    case festival(FestivalVoice, stretch: Float = 1)

    package var description: String {
        switch self {
        case .flite(let name, let pitch, let stretch): "flite-\(name)" + (pitch > 0 ? "-\(pitch)" : "") + (stretch == 1 ? "" : "x\(stretch)")
        case .espeak(let name, let pitch): "espeak-\(name)-\(pitch)"
        case .festival(let voice, let stretch): "festival-\(voice.rawValue)" + (stretch == 1 ? "" : "x\(stretch)")
        }
    }
}

/// Speaks text. The C libraries keep global state, so one call runs at a time.
package enum SpeechSynthesizer {
    private static let lock = Mutex<Void>(())

    package static func speak(_ text: String, voice: SyntheticVoice) throws(EngineError) -> SpokenLine {
        let result: Result<SpokenLine, EngineError> = lock.withLock { _ in
            // Both libraries take their breath noise from the C library's generator: a line sounds the same whatever was said before.
            srand(1)
            do throws(EngineError) {
                switch voice {
                case .flite(let name, let pitch, let stretch): return .success(try FliteVoice.speak(text, voice: name, pitch: pitch, stretch: stretch))
                case .espeak(let name, let pitch): return .success(try EspeakVoice.speak(text, voice: name, pitch: pitch))
                case .festival(let voice, let stretch): return .success(try FestivalSynthesizer.speak([.init(text: text, voice: voice, stretch: stretch)])[0])
                }
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Many lines, each in its voice; sooner done than one by one.
    package static func speak(_ lines: [(text: String, voice: SyntheticVoice)]) throws(EngineError) -> [SpokenLine] {
        var spoken = [SpokenLine?](repeating: nil, count: lines.count)
        var (places, recorded) = ([Int](), [FestivalSynthesizer.Line]())
        for (index, line) in lines.enumerated() {
            guard case .festival(let voice, let stretch) = line.voice else { spoken[index] = try speak(line.text, voice: line.voice); continue }
            places.append(index)
            recorded.append(.init(text: line.text, voice: voice, stretch: stretch))
        }
        for (index, line) in zip(places, try FestivalSynthesizer.speak(recorded)) { spoken[index] = line }
        return spoken.compactMap { $0 }
    }
}

/// flite: unit selection and clustergen voices.
enum FliteVoice {
    nonisolated(unsafe) private static var voices: [String: UnsafeMutablePointer<cst_voice>] = [:]  // only under the synthesiser's lock

    static func speak(_ text: String, voice name: String, pitch: Float = 0, stretch: Float = 1) throws(EngineError) -> SpokenLine {
        let voice = try load(name)
        adjust(voice, pitch, stretch)
        guard let utterance = flite_synth_text(text, voice) else { throw .badInput("flite could not speak “\(text)”") }
        defer { delete_utterance(utterance) }
        guard let wave = utt_wave(utterance), wave.pointee.num_samples > 0, wave.pointee.sample_rate > 0, let samples = wave.pointee.samples else {
            throw .badInput("flite made no sound of “\(text)”")
        }
        let stride = max(Int(wave.pointee.num_channels), 1)
        let values = (0..<Int(wave.pointee.num_samples)).map { Float(samples[$0 * stride]) / 32768 }
        let sound = AudioBuffer(channels: [values], sampleRate: Int(wave.pointee.sample_rate))
        return SpokenLine(sound: sound, phonemes: segments(utterance, end: sound.seconds))
    }

    /// The voice's own settings are kept, so that the next line begins with them again.
    private static func adjust(_ voice: UnsafeMutablePointer<cst_voice>, _ pitch: Float, _ stretch: Float) {
        guard let features = voice.pointee.features else { return }
        let own = settings[voice] ?? (get_param_float(features, "int_f0_target_mean", 0), get_param_float(features, "duration_stretch", 1))
        settings[voice] = own
        if pitch > 0 { feat_set_float(features, "int_f0_target_mean", pitch) } else if own.pitch > 0 { feat_set_float(features, "int_f0_target_mean", own.pitch) } else { _ = feat_remove(features, "int_f0_target_mean") }
        feat_set_float(features, "duration_stretch", own.stretch * stretch)
    }
    nonisolated(unsafe) private static var settings: [UnsafeMutablePointer<cst_voice>: (pitch: Float, stretch: Float)] = [:]  // only under the synthesiser's lock

    private static func segments(_ utterance: UnsafeMutablePointer<cst_utterance>, end last: Double) -> [TimedPhoneme] {
        var result: [TimedPhoneme] = []
        guard let relation = utt_relation(utterance, "Segment") else { return [] }
        var item = relation_head(relation)
        var start = 0.0
        while let current = item {
            // Diphone voices end a little before their last pause does.
            let end = min(Double(item_feat_float(current, "end")), last)
            let name = item_feat_string(current, "name").map { String(cString: $0) } ?? "pau"
            result.append(TimedPhoneme(phoneme: Phoneme(arpabet: name), start: start, end: max(end, start)))
            start = max(end, start)
            item = item_next(current)
        }
        return result
    }

    private static func load(_ name: String) throws(EngineError) -> UnsafeMutablePointer<cst_voice> {
        if let voice = voices[name] { return voice }
        if voices.isEmpty { flite_init() }
        let made: UnsafeMutablePointer<cst_voice>? = switch name {
        case "slt": register_cmu_us_slt(nil)
        case "rms": register_cmu_us_rms(nil)
        case "awb": register_cmu_us_awb(nil)
        case "kal16": register_cmu_us_kal16(nil)
        default: nil
        }
        guard let made else { throw .badInput("flite has no voice \(name)") }
        voices[name] = made
        return made
    }
}

/// espeak-ng: formant synthesis; gives phoneme events in the phonetic alphabet.
enum EspeakVoice {
    /// What the callback collects; only under the synthesiser's lock.
    fileprivate final class Collector {
        var samples: [Int16] = []
        var events: [(milliseconds: Int, name: String)] = []
    }
    nonisolated(unsafe) fileprivate static var collector = Collector()  // only under the synthesiser's lock
    nonisolated(unsafe) private static var rate: Int32 = 0  // only under the synthesiser's lock

    static func speak(_ text: String, voice: String, pitch: Int) throws(EngineError) -> SpokenLine {
        try start()
        collector = Collector()
        guard espeak_SetVoiceByName(voice) == EE_OK else { throw .badInput("espeak-ng has no voice \(voice)") }
        espeak_SetParameter(espeakPITCH, Int32(pitch), 0)
        espeak_SetParameter(espeakRATE, 165, 0)
        let code = text.withCString { espeak_Synth($0, strlen($0) + 1, 0, POS_CHARACTER, 0, UInt32(espeakCHARS_UTF8), nil, nil) }
        guard code == EE_OK, espeak_Synchronize() == EE_OK, !collector.samples.isEmpty else {
            throw .badInput("espeak-ng could not speak “\(text)”")
        }
        let sound = AudioBuffer(channels: [collector.samples.map { Float($0) / 32768 }], sampleRate: Int(rate))
        return SpokenLine(sound: sound, phonemes: timed(collector.events, end: sound.seconds))
    }

    /// espeak-ng marks a phoneme this much after it sounds (correlation of loudness and jaw, against flite's voices).
    private static let eventDelay = 0.035

    private static func timed(_ events: [(milliseconds: Int, name: String)], end: Double) -> [TimedPhoneme] {
        events.enumerated().map { index, event in
            let start = max(0, Double(event.milliseconds) / 1000 - eventDelay)
            let next = index + 1 < events.count ? Double(events[index + 1].milliseconds) / 1000 - eventDelay : end
            return TimedPhoneme(phoneme: Phoneme(ipa: event.name), start: start, end: max(start, next))
        }
    }

    private static func start() throws(EngineError) {
        guard rate == 0 else { return }
        let options = espeakINITIALIZE_PHONEME_EVENTS | espeakINITIALIZE_PHONEME_IPA | espeakINITIALIZE_DONT_EXIT
        let made = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, nil, Int32(options))
        guard made > 0 else { throw .badInput("espeak-ng could not start: its data files are missing (package espeak-ng-data)") }
        rate = made
        espeak_SetSynthCallback(receiveSpeech)
    }
}

/// Collects sound and phoneme events while espeak-ng speaks.
private func receiveSpeech(_ samples: UnsafeMutablePointer<Int16>?, _ count: Int32, _ events: UnsafeMutablePointer<espeak_EVENT>?) -> Int32 {
    if let samples, count > 0 { EspeakVoice.collector.samples += UnsafeBufferPointer(start: samples, count: Int(count)) }
    var event = events
    while let current = event, current.pointee.type != espeakEVENT_LIST_TERMINATED {
        if current.pointee.type == espeakEVENT_PHONEME {
            let name = withUnsafeBytes(of: current.pointee.id.string) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            EspeakVoice.collector.events.append((Int(current.pointee.audio_position), name))
        }
        event = current + 1
    }
    return 0
}
