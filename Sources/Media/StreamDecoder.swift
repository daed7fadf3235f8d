// Packets in, decoded frames out, for one stream of a file.
import CFFmpeg

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
            if received >= 0 { return true }
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

    /// Goes to the key frame at or before a time stamp of the stream.
    func seek(to timestamp: Int64) throws(MediaError) {
        let code = av_seek_frame(input.pointer, stream.pointee.index, timestamp, AVSEEK_FLAG_BACKWARD)
        if code < 0 { throw failure(code) }
        avcodec_flush_buffers(decoder.pointer)
        drained = false
    }

    private func failure(_ code: Int32) -> MediaError { .unreadable(path: input.path, reason: MediaError.reason(code)) }
}
