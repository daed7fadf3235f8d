// Pictures in, packets out: the encoder of a film or of one segment of it.
import Base
import CFFmpeg
import Foundation
import Imaging

/// How pictures are coded.
package struct VideoSettings: Sendable, Hashable {
    package var codec = "h264"
    package var profile: String?
    /// 0…100; the encoder's own measure is chosen from it.
    package var quality: Double = 68
    package var crf: Double?
    package var bitrate: Double?
    /// FFmpeg's name of a pixel format (`yuv422p10le`, or `yuv422p10` for this machine's byte order); nil takes the codec's usual one.
    package var pixelFormat: String?
    package var width: Int
    package var height: Int
    package var rate: FrameRate
    package init(width: Int, height: Int, rate: FrameRate) {
        self.width = width
        self.height = height
        self.rate = rate
    }
}

/// One encoder. Packets come out in coding order with the time base of a frame. One owner at a time.
final class VideoEncoder {
    private let path: String
    private let settings: VideoSettings
    let codec: NativeCodec
    private let packet: NativePacket
    private var scaler: Scaler?
    /// Pictures taken so far.
    private(set) var frames = 0

    typealias Receiver = (UnsafeMutablePointer<AVPacket>) throws(MediaError) -> Void

    /// `path` is named in refusals. `globalHeader`: the container wants the codec's set-up apart from the packets.
    init(path: String, settings: VideoSettings, globalHeader: Bool) throws(MediaError) {
        self.path = path
        self.settings = settings
        guard let row = CodecTable.video.first(where: { $0.word == settings.codec }),
              let encoder = row.encoders.lazy.compactMap({ avcodec_find_encoder_by_name($0) }).first
        else {
            let have = CodecTable.video.filter { $0.encoders.contains { avcodec_find_encoder_by_name($0) != nil } }.map(\.word)
            throw .noCodec(path: path, wanted: "video codec \(settings.codec)", available: have)
        }
        guard let codec = NativeCodec(encoder), let packet = NativePacket() else { throw .unwritable(path: path, reason: "no memory") }
        self.codec = codec
        self.packet = packet
        try open(encoder, row, globalHeader)
    }

    private func open(_ encoder: UnsafePointer<AVCodec>, _ row: VideoCodecRow, _ globalHeader: Bool) throws(MediaError) {
        let c = codec.pointer
        let rate = settings.rate.framesPerSecond
        c.pointee.width = Int32(settings.width)
        c.pointee.height = Int32(settings.height)
        c.pointee.time_base = AVRational(num: Int32(clamping: rate.denominator), den: Int32(clamping: rate.numerator))
        c.pointee.framerate = AVRational(num: Int32(clamping: rate.numerator), den: Int32(clamping: rate.denominator))
        c.pointee.pix_fmt = try pixelFormat(encoder, row)
        let isRGB = (av_pix_fmt_desc_get(c.pointee.pix_fmt)?.pointee.flags ?? 0) & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
        c.pointee.color_range = isRGB ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        c.pointee.colorspace = isRGB ? AVCOL_SPC_RGB : AVCOL_SPC_BT709
        c.pointee.color_primaries = AVCOL_PRI_BT709
        c.pointee.color_trc = AVCOL_TRC_BT709
        c.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
        c.pointee.thread_count = 2
        c.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        if globalHeader { c.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        let crf = settings.crf ?? row.crf.worst + (row.crf.best - row.crf.worst) * settings.quality / 100
        guard let profile = row.options.contains(where: { $0.1 == "%P" }) ? CodecTable.profile(settings.codec, settings.profile) : "" else {
            throw .unwritable(path: path, reason: "\(settings.codec) has no profile \(settings.profile ?? "")")
        }
        if let asked = settings.profile, profile.isEmpty, av_opt_set(c, "profile", asked, AV_OPT_SEARCH_CHILDREN) < 0 {
            throw .unwritable(path: path, reason: "\(settings.codec) has no profile \(asked)")
        }
        for (name, value) in row.options {
            if name == "crf", let bitrate = settings.bitrate { c.pointee.bit_rate = Int64(bitrate); continue }
            let text = value.replacingOccurrences(of: "%Q", with: String(format: "%.1f", crf))
                .replacingOccurrences(of: "%P", with: profile)
                .replacingOccurrences(of: "%A", with: Self.sameBytes)
            av_opt_set(c, name, text, AV_OPT_SEARCH_CHILDREN)
        }
        let code = avcodec_open2(c, encoder, nil)
        if code < 0 { throw .unwritable(path: path, reason: "the \(settings.codec) encoder refuses \(settings.width)x\(settings.height): \(MediaError.reason(code))") }
    }

    /// With AVX-512, x264 (build 164) gives the same pictures other bytes now and then, on one thread too (24 of 6,284 films of 50 frames): it is left out.
    private static let sameBytes = av_get_cpu_flags() & AV_CPU_FLAG_AVX512 == 0 ? "" : ":asm=MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,FMA3,BMI2,AVX2"

    /// The pixel format that was asked for or is usual; refused when the encoder lacks it.
    private func pixelFormat(_ encoder: UnsafePointer<AVCodec>, _ row: VideoCodecRow) throws(MediaError) -> AVPixelFormat {
        guard let asked = settings.pixelFormat else { return CodecTable.pixelFormat(row, profile: settings.profile) }
        let format = av_get_pix_fmt(asked)
        guard var list = encoder.pointee.pix_fmts else { return format }
        var names: [String] = []
        while list.pointee != AV_PIX_FMT_NONE {
            if list.pointee == format { return format }
            if let name = av_get_pix_fmt_name(list.pointee) { names.append(String(cString: name)) }
            list += 1
        }
        throw .noCodec(path: path, wanted: "pixel format \(asked) for \(settings.codec)", available: names)
    }

    /// Takes a picture; its alpha is laid over black.
    func write(_ frame: Frame, _ receive: Receiver) throws(MediaError) {
        guard frame.width == settings.width, frame.height == settings.height else {
            throw .unwritable(path: path, reason: "a picture of \(frame.width)x\(frame.height) in a film of \(settings.width)x\(settings.height)")
        }
        let format = codec.pointer.pointee.pix_fmt
        let target = try picture(format)
        let p = target.pointer
        if format == AV_PIX_FMT_YUV420P, let weights = ColorWeights.toPlanes(SWS_CS_ITU709), let a = p.pointee.data.0, let b = p.pointee.data.1, let c = p.pointee.data.2 {
            let strides = p.pointee.linesize
            frame.writePlanes(weights, to: PlanePointers(bases: [a, b, c], strides: [Int(strides.0), Int(strides.1), Int(strides.2)]))
        } else {
            let source = try picture(AV_PIX_FMT_RGB48LE)
            if let base = source.pointer.pointee.data.0 { frame.writeWords(to: base, stride: Int(source.pointer.pointee.linesize.0)) }
            if scaler == nil { scaler = try Scaler(path: path, from: source.pointer, to: format, matrix: SWS_CS_ITU709) }
            try scaler?.convert(source.pointer, p)
        }
        p.pointee.pts = Int64(frames)
        p.pointee.color_range = codec.pointer.pointee.color_range
        p.pointee.colorspace = codec.pointer.pointee.colorspace
        frames += 1
        try encode(p, receive)
    }

    /// Gives what the encoder still holds. Afterwards it takes no more pictures.
    func finish(_ receive: Receiver) throws(MediaError) { try encode(nil, receive) }

    private func picture(_ format: AVPixelFormat) throws(MediaError) -> NativeFrame {
        guard let frame = NativeFrame() else { throw .unwritable(path: path, reason: "no memory") }
        frame.pointer.pointee.width = Int32(settings.width)
        frame.pointer.pointee.height = Int32(settings.height)
        frame.pointer.pointee.format = format.rawValue
        if av_frame_get_buffer(frame.pointer, 0) < 0 { throw .unwritable(path: path, reason: "no memory") }
        return frame
    }

    private func encode(_ frame: UnsafeMutablePointer<AVFrame>?, _ receive: Receiver) throws(MediaError) {
        var code = avcodec_send_frame(codec.pointer, frame)
        if code < 0, code != sk_averror_eof() { throw .writing(path, code) }
        while true {
            code = avcodec_receive_packet(codec.pointer, packet.pointer)
            if code == sk_averror_again() || code == sk_averror_eof() { return }
            if code < 0 { throw .writing(path, code) }
            if packet.pointer.pointee.duration == 0 { packet.pointer.pointee.duration = 1 }
            try receive(packet.pointer)
        }
    }
}
