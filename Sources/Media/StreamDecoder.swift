// Packets in, decoded frames out, for one stream of a file.
import CFFmpeg
import Foundation

/// Decodes one stream in order. One owner at a time.
final class StreamDecoder {
    let input: NativeInput
    let stream: UnsafeMutablePointer<AVStream>
    private let decoder: NativeCodec
    private let packet: NativePacket
    let frame: NativeFrame
    private var drained = false
    /// Packets that the decoder refused; more than a few mean a broken file.
    private(set) var damaged = 0
    /// When the last decoded frame ends, seconds of the stream's clock.
    private(set) var reached = 0.0

    init(path: String, kind: AVMediaType, threads: Int32 = 1) throws(MediaError) {
        input = try NativeInput(path: path)
        guard let found = input.best(kind) else {
            throw kind == AVMEDIA_TYPE_VIDEO ? .noVideo(path: path) : .noAudio(path: path)
        }
        stream = found
        decoder = try input.decoder(found, threads: threads)
        guard let packet = NativePacket(), let frame = NativeFrame() else { throw .unreadable(path: path, reason: "no memory") }
        self.packet = packet
        self.frame = frame
        for other in input.streams where other != found { other.pointee.discard = AVDISCARD_ALL }
    }

    /// Decodes the next frame into `frame`; false at the end of the stream.
    func next() throws(MediaError) -> Bool {
        while true {
            let received = avcodec_receive_frame(decoder.pointer, frame.pointer)
            if received >= 0 {
                note()
                return true
            }
            if received == sk_averror_eof() { return false }
            guard received == sk_averror_again() else { throw failure(received) }
            if drained { return false }
            try feed()
        }
    }

    private func feed() throws(MediaError) {
        while true {
            let read = av_read_frame(input.pointer, packet.pointer)
            if read == sk_averror_eof() {
                drained = true
                avcodec_send_packet(decoder.pointer, nil)
                return
            }
            if read < 0 { throw failure(read) }
            defer { av_packet_unref(packet.pointer) }
            guard packet.pointer.pointee.stream_index == stream.pointee.index else { continue }
            let sent = avcodec_send_packet(decoder.pointer, packet.pointer)
            if sent >= 0 { return }
            damaged += 1
            if damaged > 64 { throw failure(sent) }
        }
    }

    /// Where the stream ends in seconds, as the file itself says; nil where it says nothing or only guesses.
    private var declaredEnd: Double? {
        guard input.pointer.pointee.duration_estimation_method != AVFMT_DURATION_FROM_BITRATE else { return nil }
        let s = stream.pointee
        guard s.duration != sk_no_pts(), s.duration > 0, s.time_base.num > 0, s.time_base.den > 0 else { return nil }
        let start = s.start_time == sk_no_pts() ? 0 : Double(s.start_time)
        return (start + Double(s.duration)) * Double(s.time_base.num) / Double(s.time_base.den)
    }

    private func note() {
        let f = frame.pointer.pointee, base = stream.pointee.time_base
        guard f.best_effort_timestamp != sk_no_pts(), base.den > 0 else { return }
        let tick = Double(base.num) / Double(base.den)
        let length = f.sample_rate > 0 ? Double(f.nb_samples) / Double(f.sample_rate) : Double(max(f.pkt_duration, 0)) * tick
        reached = Double(f.best_effort_timestamp) * tick + length
    }

    /// Asked at the end of the stream: refuses a file that stops long before the end that it declares.
    func checkWhole() throws(MediaError) {
        guard let declared = declaredEnd, declared - reached > 0.25 else { return }
        throw .unreadable(path: input.path, reason: String(format: "it is cut off: it says that it lasts to %.2f s, and stops at %.2f s", declared, reached))
    }

    /// Goes to the key frame at or before a time stamp of the stream.
    func seek(to timestamp: Int64) throws(MediaError) {
        let code = av_seek_frame(input.pointer, stream.pointee.index, timestamp, AVSEEK_FLAG_BACKWARD)
        if code < 0 { throw failure(code) }
        avcodec_flush_buffers(decoder.pointer)
        drained = false
    }

    private func failure(_ code: Int32) -> MediaError { .unreadable(path: input.path, reason: MediaError.reason(code)) }
}
