// Sound tracks that go from footage into a film without being decoded.
import Base
import CFFmpeg

/// A stretch of a file whose sound tracks a film keeps.
package struct KeptSound: Sendable, Hashable {
    package var path: String
    /// Seconds of the file.
    package var fileStart: Rational
    package var fileEnd: Rational
    /// Seconds of the film at which the stretch begins.
    package var filmStart: Rational
    package init(path: String, fileStart: Rational, fileEnd: Rational, filmStart: Rational) {
        (self.path, self.fileStart, self.fileEnd, self.filmStart) = (path, fileStart, fileEnd, filmStart)
    }
}

/// Copies the packets of one file's sound tracks, as far as the film has come.
final class TrackCopy {
    private let kept: KeptSound
    private let input: NativeInput
    private let packet: NativePacket
    /// Stream of the file to stream of the film.
    private var streams: [Int32: UnsafeMutablePointer<AVStream>] = [:]
    private var waiting = false
    private var ended = false

    private init(_ kept: KeptSound, _ input: NativeInput, _ packet: NativePacket) {
        self.kept = kept
        self.input = input
        self.packet = packet
    }

    /// Adds a stream to `film` for each sound track of the file; none where it has none.
    static func open(_ kept: KeptSound, into film: UnsafeMutablePointer<AVFormatContext>, path: String) throws(MediaError) -> [TrackCopy] {
        let input = try NativeInput(path: kept.path)
        guard let packet = NativePacket() else { throw .unwritable(path: path, reason: "no memory") }
        let copy = TrackCopy(kept, input, packet)
        for stream in input.streams {
            guard let parameters = stream.pointee.codecpar, parameters.pointee.codec_type == AVMEDIA_TYPE_AUDIO else {
                stream.pointee.discard = AVDISCARD_ALL
                continue
            }
            let name = String(cString: avcodec_get_name(parameters.pointee.codec_id))
            guard avformat_query_codec(film.pointee.oformat, parameters.pointee.codec_id, FF_COMPLIANCE_NORMAL) != 0, let made = avformat_new_stream(film, nil) else {
                throw .unwritable(path: path, reason: "this container does not hold the \(name) track of \(kept.path); a .mov or .mkv file may")
            }
            avcodec_parameters_copy(made.pointee.codecpar, parameters)
            made.pointee.codecpar.pointee.codec_tag = 0
            made.pointee.time_base = stream.pointee.time_base
            if let language = av_dict_get(stream.pointee.metadata, "language", nil, 0) { av_dict_set(&made.pointee.metadata, "language", language.pointee.value, 0) }
            copy.streams[stream.pointee.index] = made
        }
        return copy.streams.isEmpty ? [] : [copy]
    }

    /// Copies what begins before `end` seconds of the film.
    func copy(until end: Rational, into film: UnsafeMutablePointer<AVFormatContext>, path: String) throws(MediaError) {
        while !ended {
            if !waiting {
                let code = av_read_frame(input.pointer, packet.pointer)
                if code == sk_averror_eof() { ended = true; return }
                if code < 0 { throw .unreadable(path: kept.path, reason: MediaError.reason(code)) }
                waiting = true
            }
            guard let target = streams[packet.pointer.pointee.stream_index], packet.pointer.pointee.pts != sk_no_pts() else { drop(); continue }
            let base = input.streams[Int(packet.pointer.pointee.stream_index)].pointee.time_base
            let time = Rational(packet.pointer.pointee.pts, 1) * Rational(Int64(base.num), Int64(max(base.den, 1)))
            // What a codec needs before the first sample stands before the file's zero.
            if time < kept.fileStart, !(kept.fileStart == .zero && time > Rational(-1)) { drop(); continue }
            if time >= kept.fileEnd { ended = true; drop(); return }
            let shift = kept.filmStart - kept.fileStart
            if time + shift >= end { return }
            let ticks = (shift * Rational(Int64(base.den), Int64(max(base.num, 1)))).rounded
            packet.pointer.pointee.pts += Int64(ticks)
            if packet.pointer.pointee.dts != sk_no_pts() { packet.pointer.pointee.dts += Int64(ticks) }
            av_packet_rescale_ts(packet.pointer, base, target.pointee.time_base)
            packet.pointer.pointee.stream_index = target.pointee.index
            packet.pointer.pointee.pos = -1
            let code = av_interleaved_write_frame(film, packet.pointer)
            waiting = false
            if code < 0 { throw .writing(path, code) }
        }
    }

    private func drop() {
        av_packet_unref(packet.pointer)
        waiting = false
    }
}
