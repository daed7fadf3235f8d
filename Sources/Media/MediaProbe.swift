// What a media file holds.
import Base
import CFFmpeg
import Foundation

/// Facts of a file, as `studio probe` prints them.
package struct MediaInfo: Codable, Sendable {
    package struct Video: Codable, Sendable {
        package var codec: String
        package var width: Int
        package var height: Int
        /// Frames a second as a fraction, `24000/1001`.
        package var rate: String
        package var isVariableRate: Bool
        /// Clockwise quarter turns that a player applies.
        package var quarterTurns: Int
        package var pixelFormat: String
        package var bitDepth: Int
        package var colorMatrix: String
        package var colorRange: String
        package var frames: Int?
        package var start: Double
        package var timecode: String?
    }
    package struct Audio: Codable, Sendable {
        package var codec: String
        package var sampleRate: Int
        package var channels: Int
        package var start: Double
        package var language: String?
    }
    package var path: String
    package var container: String
    /// Seconds.
    package var duration: Double?
    package var video: [Video]
    package var audio: [Audio]
    package var otherStreams: Int
    package var chapters: Int
    package var metadata: [String: String]
}

package enum MediaProbe {
    package static func probe(_ path: String) throws(MediaError) -> MediaInfo {
        let input = try NativeInput(path: path)
        let f = input.pointer.pointee
        var info = MediaInfo(path: path, container: f.iformat.map { String(cString: $0.pointee.name) } ?? "", duration: nil, video: [], audio: [], otherStreams: 0,
                             chapters: Int(f.nb_chapters), metadata: dictionary(f.metadata))
        if f.duration > 0, f.duration != sk_no_pts() { info.duration = Double(f.duration) / Double(AV_TIME_BASE) }
        for stream in input.streams {
            guard let p = stream.pointee.codecpar else { continue }
            let codec = String(cString: avcodec_get_name(p.pointee.codec_id))
            let base = stream.pointee.time_base
            let start = stream.pointee.start_time == sk_no_pts() ? 0 : Double(stream.pointee.start_time) * Double(base.num) / Double(max(base.den, 1))
            switch p.pointee.codec_type {
            case AVMEDIA_TYPE_VIDEO: info.video.append(video(stream, p, codec, start))
            case AVMEDIA_TYPE_AUDIO:
                info.audio.append(.init(codec: codec, sampleRate: Int(p.pointee.sample_rate), channels: Int(p.pointee.ch_layout.nb_channels), start: start,
                                        language: dictionary(stream.pointee.metadata)["language"]))
            default: info.otherStreams += 1
            }
        }
        guard !info.video.isEmpty || !info.audio.isEmpty else { throw .empty(path: path, what: "picture or sound") }
        return info
    }

    /// Frame rate of a file's first picture stream.
    package static func frameRate(_ path: String) throws(MediaError) -> FrameRate {
        let input = try NativeInput(path: path)
        guard let stream = input.best(AVMEDIA_TYPE_VIDEO) else { throw .noVideo(path: path) }
        return FrameRate(rate(stream))
    }

    /// Coded pictures of the first picture stream, counted by reading the file through.
    static func packets(_ path: String) throws(MediaError) -> Int {
        let input = try NativeInput(path: path)
        guard let stream = input.best(AVMEDIA_TYPE_VIDEO) else { throw .noVideo(path: path) }
        guard let packet = NativePacket() else { throw .unreadable(path: path, reason: "no memory") }
        for other in input.streams where other != stream { other.pointee.discard = AVDISCARD_ALL }
        var count = 0
        while av_read_frame(input.pointer, packet.pointer) >= 0 {
            if packet.pointer.pointee.stream_index == stream.pointee.index { count += 1 }
            av_packet_unref(packet.pointer)
        }
        return count
    }

    private static func rate(_ stream: UnsafeMutablePointer<AVStream>) -> Rational {
        let average = stream.pointee.avg_frame_rate, nominal = stream.pointee.r_frame_rate
        let chosen = average.num > 0 && average.den > 0 ? average : nominal
        return chosen.num > 0 && chosen.den > 0 ? Rational(Int64(chosen.num), Int64(chosen.den)) : Rational(25)
    }

    private static func video(_ stream: UnsafeMutablePointer<AVStream>, _ p: UnsafeMutablePointer<AVCodecParameters>, _ codec: String, _ start: Double) -> MediaInfo.Video {
        let format = AVPixelFormat(rawValue: p.pointee.format)
        let description = av_pix_fmt_desc_get(format)
        let average = stream.pointee.avg_frame_rate, nominal = stream.pointee.r_frame_rate
        let variable = average.num > 0 && nominal.num > 0
            && abs(Double(average.num) / Double(max(average.den, 1)) - Double(nominal.num) / Double(max(nominal.den, 1))) > 0.01
        func name(_ text: UnsafePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "unknown" }
        return .init(codec: codec, width: Int(p.pointee.width), height: Int(p.pointee.height), rate: rate(stream).description, isVariableRate: variable,
                     quarterTurns: quarterTurns(stream), pixelFormat: name(av_get_pix_fmt_name(format)), bitDepth: Int(description?.pointee.comp.0.depth ?? 8),
                     colorMatrix: name(av_color_space_name(p.pointee.color_space)), colorRange: name(av_color_range_name(p.pointee.color_range)),
                     frames: stream.pointee.nb_frames > 0 ? Int(stream.pointee.nb_frames) : nil, start: start, timecode: dictionary(stream.pointee.metadata)["timecode"])
    }

    /// Clockwise quarter turns of the display matrix.
    static func quarterTurns(_ stream: UnsafeMutablePointer<AVStream>) -> Int {
        guard let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, nil) else { return 0 }
        let angle = UnsafeRawPointer(data).withMemoryRebound(to: Int32.self, capacity: 9) { av_display_rotation_get($0) }
        guard angle.isFinite else { return 0 }
        return ((Int((-angle / 90).rounded()) % 4) + 4) % 4
    }

    private static func dictionary(_ d: OpaquePointer?) -> [String: String] {
        var result: [String: String] = [:]
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while let found = av_dict_get(d, "", entry, AV_DICT_IGNORE_SUFFIX) {
            result[String(cString: found.pointee.key)] = String(cString: found.pointee.value)
            entry = found
        }
        return result
    }
}
