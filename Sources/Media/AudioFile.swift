// Sound files: read whole at a wanted rate, and written as WAV.
import Base
import CFFmpeg
import Foundation
import Sound

/// Reads any sound that FFmpeg decodes; writes WAV.
package enum AudioFile {
    /// Longest sound that is read whole: three hours of two channels are 8 GiB at 48 kHz; longer ones are refused.
    private static let mostSamples = 48_000 * 3 * 3600

    /// All samples, at `sampleRate` where one is given. A stream that starts late begins with silence.
    package static func read(_ path: String, sampleRate: Int? = nil) throws(MediaError) -> AudioBuffer {
        let decoder = try StreamDecoder(path: path, kind: AVMEDIA_TYPE_AUDIO)
        var resampler: Resampler?
        var channels: [[Float]] = []
        while try decoder.next() {
            let frame = decoder.frame.pointer
            if resampler == nil {
                let made = try Resampler(path: path, like: frame, sampleRate: sampleRate ?? Int(frame.pointee.sample_rate))
                channels = [[Float]](repeating: [Float](repeating: 0, count: lead(decoder, frame, made.sampleRate)), count: made.channelCount)
                resampler = made
            }
            try resampler?.append(frame, to: &channels)
            if let count = channels.first?.count, count > mostSamples { throw .unreadable(path: path, reason: "it is longer than three hours") }
        }
        guard let resampler else { throw .empty(path: path, what: "sound") }
        try resampler.append(nil, to: &channels)
        guard let first = channels.first, !first.isEmpty else { throw .empty(path: path, what: "sound") }
        try decoder.checkWhole()
        return AudioBuffer(channels: channels, sampleRate: resampler.sampleRate)
    }

    /// Samples of silence before a stream that starts late, from its first frame.
    static func lead(_ decoder: StreamDecoder, _ frame: UnsafeMutablePointer<AVFrame>, _ rate: Int) -> Int {
        let stamp = frame.pointee.best_effort_timestamp
        guard stamp != sk_no_pts(), stamp > 0 else { return 0 }
        let base = decoder.stream.pointee.time_base
        let start = decoder.input.pointer.pointee.start_time
        let origin = start == sk_no_pts() ? 0 : max(0, Double(start) / Double(AV_TIME_BASE))
        let seconds = Double(stamp) * Double(base.num) / Double(max(base.den, 1)) - min(origin, 0)
        guard seconds > 0.001, seconds < 3600 else { return 0 }
        return Int((seconds * Double(rate)).rounded())
    }

    /// The mean of channels of one length.
    static func mean(_ channels: [[Float]]) -> [Float] { AudioBuffer(channels: channels, sampleRate: 48_000).mono }

    /// Number of samples and their rate, without keeping them: the container's figure may be rounded.
    package static func length(_ path: String) throws(MediaError) -> (samples: Int, sampleRate: Int) {
        let decoder = try StreamDecoder(path: path, kind: AVMEDIA_TYPE_AUDIO)
        var count = 0, rate = 0
        while try decoder.next() {
            let frame = decoder.frame.pointer
            if rate == 0 {
                rate = Int(frame.pointee.sample_rate)
                guard rate >= 1000 else { throw .unreadable(path: path, reason: "it declares no channels or no rate") }
                count = lead(decoder, frame, rate)
            }
            count += Int(frame.pointee.nb_samples)
        }
        guard rate > 0, count > 0 else { throw .empty(path: path, what: "sound") }
        try decoder.checkWhole()
        return (count, rate)
    }

    /// Writes WAV.
    package static func write(_ sound: AudioBuffer, to path: String, format: WavFormat = .pcm16) throws(MediaError) {
        let frames = sound.frameCount, count = sound.channels.count
        let width = format.bytes
        let size = frames * count * width
        guard size < Int(UInt32.max) - 64 else { throw .unwritable(path: path, reason: "a WAV file holds at most 4 GiB") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(44 + size)
        func put(_ text: String) { bytes += Array(text.utf8) }
        func put(_ value: Int, bytes count: Int) { for k in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * k))) } }
        put("RIFF"); put(36 + size, bytes: 4); put("WAVEfmt "); put(16, bytes: 4)
        put(format == .float32 ? 3 : 1, bytes: 2); put(count, bytes: 2)
        put(sound.sampleRate, bytes: 4); put(sound.sampleRate * count * width, bytes: 4); put(count * width, bytes: 2); put(8 * width, bytes: 2)
        put("data"); put(size, bytes: 4)
        for i in 0..<frames {
            for channel in sound.channels {
                let x = channel[i].isFinite ? channel[i] : 0
                switch format {
                case .pcm16: put(Int((min(max(x, -1), 1) * 32767).rounded()), bytes: 2)
                case .pcm24: put(Int((Double(min(max(x, -1), 1)) * 8_388_607).rounded()), bytes: 3)
                case .float32: put(Int(x.bitPattern), bytes: 4)
                }
            }
        }
        try AtomicFile.write(bytes, to: path)
    }
}

/// How a WAV file stores a sample.
package enum WavFormat: Sendable, Hashable {
    case pcm16, pcm24, float32
    var bytes: Int { switch self { case .pcm16: 2; case .pcm24: 3; case .float32: 4 } }
}

/// Converts decoded sound to planar float at a rate; keeps the channels.
final class Resampler {
    private let context: OpaquePointer
    private let path: String
    let sampleRate: Int
    let channelCount: Int

    init(path: String, like frame: UnsafeMutablePointer<AVFrame>, sampleRate: Int, channels: Int? = nil) throws(MediaError) {
        self.path = path
        self.sampleRate = sampleRate
        let own = Int(frame.pointee.ch_layout.nb_channels)
        guard own >= 1, own <= 64, frame.pointee.sample_rate >= 1000 else { throw .unreadable(path: path, reason: "it declares no channels or no rate") }
        channelCount = channels ?? own
        var from = frame.pointee.ch_layout
        var to = AVChannelLayout()
        av_channel_layout_default(&to, Int32(channelCount))
        if from.order == AV_CHANNEL_ORDER_UNSPEC { av_channel_layout_default(&from, Int32(own)) }
        if channelCount == own { to = from }
        var made: OpaquePointer?
        let code = swr_alloc_set_opts2(&made, &to, AV_SAMPLE_FMT_FLTP, Int32(sampleRate), &from,
                                       AVSampleFormat(rawValue: frame.pointee.format), frame.pointee.sample_rate, 0, nil)
        guard code >= 0, let made, swr_init(made) >= 0 else { throw .unreadable(path: path, reason: "its sound cannot be converted") }
        context = made
    }
    deinit {
        var p: OpaquePointer? = context
        swr_free(&p)
    }

    /// Converts a frame and appends it; nil flushes what is still inside.
    func append(_ frame: UnsafeMutablePointer<AVFrame>?, to channels: inout [[Float]]) throws(MediaError) {
        let count = frame.map { Int($0.pointee.nb_samples) } ?? 0
        let room = Int(swr_get_out_samples(context, Int32(count))) + 64
        let buffer = Buffer<Float>(count: room * channelCount)
        var out: [UnsafeMutablePointer<UInt8>?] = (0..<channelCount).map {
            UnsafeMutableRawPointer(buffer.pointer + $0 * room).assumingMemoryBound(to: UInt8.self)
        }
        var planes: [UnsafePointer<UInt8>?] = []
        if let frame, let data = frame.pointee.extended_data {
            let planar = av_sample_fmt_is_planar(AVSampleFormat(rawValue: frame.pointee.format)) != 0
            planes = (0..<(planar ? Int(frame.pointee.ch_layout.nb_channels) : 1)).map { data[$0].map { UnsafePointer($0) } }
        }
        let made = frame == nil ? swr_convert(context, &out, Int32(room), nil, 0) : swr_convert(context, &out, Int32(room), &planes, Int32(count))
        if made < 0 { throw .unreadable(path: path, reason: MediaError.reason(made)) }
        for c in 0..<channelCount { channels[c] += UnsafeBufferPointer(start: buffer.pointer + c * room, count: Int(made)) }
    }
}
