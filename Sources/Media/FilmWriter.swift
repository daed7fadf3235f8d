// Writes a film: pictures and sound into a container that appears under its name only when it is whole and checked.
import Base
import CFFmpeg
import Foundation
import Imaging
import Sound

/// How sound is coded.
package struct AudioSettings: Sendable, Hashable {
    package var codec = "aac"
    package var bitrate: Double?
    package var sampleRate = 48_000
    package var channels = 2
    /// 24 bits a sample where the codec has them (pcm, flac).
    package var is24Bit = false
    /// Language of the sound, three letters of ISO 639-2.
    package var language: String?
    package init() {}
}

/// One film in the making. One owner at a time.
package final class FilmWriter {
    private let path: String
    private let temporary: String
    private let video: VideoSettings
    private let audio: AudioSettings?
    private let format: UnsafeMutablePointer<AVFormatContext>
    private let encoder: VideoEncoder
    private let videoStream: UnsafeMutablePointer<AVStream>
    private var audioCodec: NativeCodec?
    private var audioStream: UnsafeMutablePointer<AVStream>?
    private var kept: [TrackCopy] = []
    private let packet: NativePacket
    /// Pictures so far, encoded here or copied.
    private var frames = 0
    private var samples = 0
    private var pending: [[Float]]
    private var isOpen = true
    private var language: String?

    /// Opens the encoders and the temporary neighbour of `path`. `keeping`: sound tracks that are copied behind the film's own.
    package init(path: String, video: VideoSettings, audio: AudioSettings?, metadata: [String: String] = [:], keeping: [KeptSound] = []) throws(MediaError) {
        self.path = path
        self.video = video
        self.audio = audio
        let url = URL(fileURLWithPath: path)
        temporary = url.deletingLastPathComponent().appendingPathComponent(".part-" + url.lastPathComponent).path
        pending = [[Float]](repeating: [], count: audio?.channels ?? 0)
        if let problem = FilmContainer.problem(path, video: video.codec, audio: audio?.codec) { throw .unwritable(path: path, reason: problem) }
        var context: UnsafeMutablePointer<AVFormatContext>?
        // The name in the context is the temporary one: `faststart` opens the file again by that name.
        avformat_alloc_output_context2(&context, nil, nil, "file:" + temporary)
        guard let context else { throw .unwritable(path: path, reason: "its container is not part of this FFmpeg") }
        format = context
        do throws(MediaError) {
            encoder = try VideoEncoder(path: path, settings: video, globalHeader: context.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0)
        } catch {
            avformat_free_context(context)
            throw error
        }
        guard let packet = NativePacket(), let stream = avformat_new_stream(context, nil) else {
            avformat_free_context(context)
            throw .unwritable(path: path, reason: "no memory")
        }
        self.packet = packet
        videoStream = stream
        context.pointee.flags |= AVFMT_FLAG_BITEXACT
        // Matroska adds the priming of Opus to its time stamps itself; a second shift would part picture and sound.
        if ["matroska", "webm"].contains(String(cString: context.pointee.oformat.pointee.name)) { context.pointee.avoid_negative_ts = 0 }
        language = metadata["language"]
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != "language" { av_dict_set(&context.pointee.metadata, key, value, 0) }
        avcodec_parameters_from_context(stream.pointee.codecpar, encoder.codec.pointer)
        stream.pointee.time_base = encoder.codec.pointer.pointee.time_base
        stream.pointee.avg_frame_rate = encoder.codec.pointer.pointee.framerate
        if let audio { try openAudio(audio) }
        for track in keeping { kept += try TrackCopy.open(track, into: context, path: path) }
        try openFile()
    }

    deinit {
        if isOpen { discard() }
        avformat_free_context(format)
    }

    private var needsGlobalHeader: Bool { format.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 }

    private func openAudio(_ settings: AudioSettings) throws(MediaError) {
        let row = CodecTable.audio.first { $0.word == settings.codec }
        let deep = settings.codec == "pcm" && settings.is24Bit ? "pcm_s24le" : row?.encoder
        guard let deep, let encoder = avcodec_find_encoder_by_name(deep) else {
            let have = CodecTable.audio.filter { avcodec_find_encoder_by_name($0.encoder) != nil }.map(\.word)
            throw .noCodec(path: path, wanted: "audio codec \(settings.codec)", available: have)
        }
        guard let codec = NativeCodec(encoder), let stream = avformat_new_stream(format, nil) else { throw .unwritable(path: path, reason: "no memory") }
        let c = codec.pointer
        c.pointee.sample_rate = Int32(settings.sampleRate)
        av_channel_layout_default(&c.pointee.ch_layout, Int32(settings.channels))
        c.pointee.sample_fmt = encoder.pointee.sample_fmts?.pointee ?? AV_SAMPLE_FMT_FLTP
        if settings.is24Bit, settings.codec == "flac" {
            c.pointee.sample_fmt = AV_SAMPLE_FMT_S32
            c.pointee.bits_per_raw_sample = 24
        }
        c.pointee.time_base = AVRational(num: 1, den: Int32(settings.sampleRate))
        c.pointee.bit_rate = Int64(settings.bitrate ?? 192_000)
        c.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        if needsGlobalHeader { c.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        let code = avcodec_open2(c, encoder, nil)
        if code < 0 { throw .unwritable(path: path, reason: "the \(settings.codec) encoder: \(MediaError.reason(code))") }
        avcodec_parameters_from_context(stream.pointee.codecpar, c)
        stream.pointee.time_base = c.pointee.time_base
        if let language = settings.language ?? language { av_dict_set(&stream.pointee.metadata, "language", language, 0) }
        audioCodec = codec
        audioStream = stream
    }

    private func openFile() throws(MediaError) {
        var code = avio_open(&format.pointee.pb, "file:" + temporary, AVIO_FLAG_WRITE)
        if code < 0 { throw .writing(path, code) }
        var options: OpaquePointer?
        av_dict_set(&options, "movflags", "+faststart+use_metadata_tags", 0)
        code = avformat_write_header(format, &options)
        av_dict_free(&options)
        if code < 0 { throw .writing(path, code) }
    }

    // MARK: pictures

    /// Appends a picture; its alpha is laid over black.
    package func write(_ frame: Frame) throws(MediaError) {
        try encoder.write(frame) { packet throws(MediaError) in try self.mux(packet, offset: 0) }
        frames += 1
        try copyKept()
    }

    /// Appends the pictures of a finished segment that was encoded with this film's settings. `delay`: the largest of all segments.
    package func append(_ segment: SegmentReader, delay: Int) throws(MediaError) {
        precondition(encoder.frames == 0 && delay >= segment.delay, "a film is encoded here or put together from segments, with one delay")
        let offset = Int64(frames)
        try segment.packets(delay: delay) { packet throws(MediaError) in try self.mux(packet, offset: offset) }
        frames += segment.frameCount
        try copyKept()
    }

    private func mux(_ packet: UnsafeMutablePointer<AVPacket>, offset: Int64) throws(MediaError) {
        packet.pointee.pts += offset
        packet.pointee.dts += offset
        av_packet_rescale_ts(packet, encoder.codec.pointer.pointee.time_base, videoStream.pointee.time_base)
        packet.pointee.stream_index = videoStream.pointee.index
        let code = av_interleaved_write_frame(format, packet)
        if code < 0 { throw .writing(path, code) }
    }

    private func copyKept() throws(MediaError) {
        let end = video.rate.time(ofFrame: frames)
        for track in kept { try track.copy(until: end, into: format, path: path) }
    }

    // MARK: sound

    /// Appends sound of the settings' rate and channels.
    package func write(_ sound: AudioBuffer) throws(MediaError) {
        guard let codec = audioCodec, let audio else { return }
        precondition(sound.sampleRate == audio.sampleRate && sound.channels.count == audio.channels, "sound of another shape than the film's")
        for c in pending.indices { pending[c] += sound.channels[c] }
        let size = codec.pointer.pointee.frame_size > 0 ? Int(codec.pointer.pointee.frame_size) : 1024
        while (pending.first?.count ?? 0) >= size { try encodeSound(size) }
    }

    private func encodeSound(_ count: Int) throws(MediaError) {
        guard let codec = audioCodec, let stream = audioStream, let frame = NativeFrame() else { return }
        let f = frame.pointer
        f.pointee.nb_samples = Int32(count)
        f.pointee.format = codec.pointer.pointee.sample_fmt.rawValue
        f.pointee.sample_rate = codec.pointer.pointee.sample_rate
        av_channel_layout_copy(&f.pointee.ch_layout, &codec.pointer.pointee.ch_layout)
        if av_frame_get_buffer(f, 0) < 0 { throw .unwritable(path: path, reason: "no memory") }
        SampleLayout.fill(f, codec.pointer.pointee.sample_fmt, pending, count)
        for c in pending.indices { pending[c].removeFirst(count) }
        f.pointee.pts = Int64(samples)
        samples += count
        try encodeSound(codec, stream, f)
    }

    private func encodeSound(_ codec: NativeCodec, _ stream: UnsafeMutablePointer<AVStream>, _ frame: UnsafeMutablePointer<AVFrame>?) throws(MediaError) {
        var code = avcodec_send_frame(codec.pointer, frame)
        if code < 0, code != sk_averror_eof() { throw .writing(path, code) }
        while true {
            code = avcodec_receive_packet(codec.pointer, packet.pointer)
            if code == sk_averror_again() || code == sk_averror_eof() { return }
            if code < 0 { throw .writing(path, code) }
            av_packet_rescale_ts(packet.pointer, codec.pointer.pointee.time_base, stream.pointee.time_base)
            packet.pointer.pointee.stream_index = stream.pointee.index
            code = av_interleaved_write_frame(format, packet.pointer)
            if code < 0 { throw .writing(path, code) }
        }
    }

    // MARK: the end

    /// Ends the film, checks it and gives it its name.
    package func finish() throws(MediaError) {
        if let codec = audioCodec, let stream = audioStream {
            let rest = pending.first?.count ?? 0
            if rest > 0 { try encodeSound(rest) }
            try encodeSound(codec, stream, nil)
        }
        if encoder.frames > 0 { try encoder.finish { packet throws(MediaError) in try self.mux(packet, offset: 0) } }
        var code = av_write_trailer(format)
        if code < 0 { throw .writing(path, code) }
        code = avio_closep(&format.pointee.pb)
        if code < 0 { throw .writing(path, code) }
        try check()
        if rename(temporary, path) != 0 {
            let refusal = AtomicFile.refusal(path)
            discard()
            throw refusal
        }
        isOpen = false
    }

    /// Reads the file back: streams, number of pictures, length.
    private func check() throws(MediaError) {
        let info = try MediaProbe.probe(temporary)
        guard !info.video.isEmpty else { throw .failedCheck(path: path, reason: "no picture stream came out") }
        let count = try MediaProbe.packets(temporary)
        if count != frames { throw .failedCheck(path: path, reason: "\(count) pictures came out of \(frames)") }
        if audio != nil, info.audio.isEmpty { throw .failedCheck(path: path, reason: "no sound stream came out") }
        let expected = video.rate.time(ofFrame: frames).doubleValue
        if let duration = info.duration, abs(duration - expected) > 0.12 + video.rate.frameDuration.doubleValue {
            throw .failedCheck(path: path, reason: String(format: "it lasts %.3f s instead of %.3f s", duration, expected))
        }
    }

    /// Throws the unfinished film away.
    package func cancel() { discard() }

    private func discard() {
        if format.pointee.pb != nil { avio_closep(&format.pointee.pb) }
        unlink(temporary)
        isOpen = false
    }
}

/// Planar floats into a frame of an encoder's sample format.
enum SampleLayout {
    static func fill(_ f: UnsafeMutablePointer<AVFrame>, _ format: AVSampleFormat, _ channels: [[Float]], _ count: Int) {
        guard let data = f.pointee.extended_data else { return }
        func level(_ x: Float) -> Float { min(max(x, -1), 1) }
        for (c, samples) in channels.enumerated() {
            let planar = av_sample_fmt_is_planar(format) != 0
            guard let plane = UnsafeMutableRawPointer(data[planar ? c : 0]) else { return }
            let step = planar ? 1 : channels.count, first = planar ? 0 : c
            for i in 0..<count {
                let at = first + i * step
                switch format {
                case AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_FLT: plane.storeBytes(of: samples[i], toByteOffset: 4 * at, as: Float.self)
                case AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P: plane.storeBytes(of: Int16((level(samples[i]) * 32767).rounded()), toByteOffset: 2 * at, as: Int16.self)
                default: plane.storeBytes(of: Int32(Double(level(samples[i])) * 2_147_483_647), toByteOffset: 4 * at, as: Int32.self)
                }
            }
        }
    }
}
