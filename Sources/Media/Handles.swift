// FFmpeg's objects, each with one owner that frees it.
import CFFmpeg

/// A frame of FFmpeg.
final class NativeFrame {
    let pointer: UnsafeMutablePointer<AVFrame>
    init?() {
        guard let frame = av_frame_alloc() else { return nil }
        pointer = frame
    }
    deinit {
        var p: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&p)
    }
}

/// A packet of FFmpeg.
final class NativePacket {
    let pointer: UnsafeMutablePointer<AVPacket>
    init?() {
        guard let packet = av_packet_alloc() else { return nil }
        pointer = packet
    }
    deinit {
        var p: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&p)
    }
}

/// A decoder or an encoder.
final class NativeCodec {
    let pointer: UnsafeMutablePointer<AVCodecContext>
    init?(_ codec: UnsafePointer<AVCodec>) {
        guard let context = avcodec_alloc_context3(codec) else { return nil }
        pointer = context
    }
    deinit {
        var p: UnsafeMutablePointer<AVCodecContext>? = pointer
        avcodec_free_context(&p)
    }
}

/// An open input file.
final class NativeInput {
    let pointer: UnsafeMutablePointer<AVFormatContext>
    let path: String

    init(path: String) throws(MediaError) {
        var context: UnsafeMutablePointer<AVFormatContext>?
        let code = avformat_open_input(&context, "file:" + path, nil, nil)
        guard code >= 0, let context else {
            throw code == sk_averror(2) ? .missing(path: path) : .unreadable(path: path, reason: MediaError.reason(code))
        }
        pointer = context
        self.path = path
        let found = avformat_find_stream_info(context, nil)
        if found < 0 { throw .unreadable(path: path, reason: MediaError.reason(found)) }
    }
    deinit {
        var p: UnsafeMutablePointer<AVFormatContext>? = pointer
        avformat_close_input(&p)
    }

    var streams: [UnsafeMutablePointer<AVStream>] {
        (0..<Int(pointer.pointee.nb_streams)).compactMap { pointer.pointee.streams[$0] }
    }

    /// The stream that FFmpeg would choose of a kind.
    func best(_ kind: AVMediaType) -> UnsafeMutablePointer<AVStream>? {
        let index = av_find_best_stream(pointer, kind, -1, -1, nil, 0)
        return index >= 0 ? pointer.pointee.streams[Int(index)] : nil
    }

    /// An opened decoder for a stream.
    func decoder(_ stream: UnsafeMutablePointer<AVStream>, threads: Int32) throws(MediaError) -> NativeCodec {
        guard let parameters = stream.pointee.codecpar, let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
            throw .unreadable(path: path, reason: "no decoder for its codec")
        }
        guard let context = NativeCodec(codec) else { throw .unreadable(path: path, reason: "no memory") }
        avcodec_parameters_to_context(context.pointer, parameters)
        context.pointer.pointee.thread_count = threads
        context.pointer.pointee.pkt_timebase = stream.pointee.time_base
        let code = avcodec_open2(context.pointer, codec, nil)
        if code < 0 { throw .unreadable(path: path, reason: MediaError.reason(code)) }
        return context
    }
}
