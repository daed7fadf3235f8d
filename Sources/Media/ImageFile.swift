// Still pictures: PNG and JPEG, read and written.
import CFFmpeg
import Imaging

/// 8-bit pixels of a still picture.
package struct RawImage: Sendable {
    package var width: Int
    package var height: Int
    /// 1 grey, 3 RGB, 4 RGBA with straight alpha; rows without gaps.
    package var channels: Int
    package var bytes: [UInt8]
    package init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
        precondition(bytes.count == width * height * channels, "the bytes fill the picture")
        self.width = width
        self.height = height
        self.channels = channels
        self.bytes = bytes
    }
}

/// Reads and writes still pictures through libavcodec.
package enum ImageFile {
    /// Reads a picture as 1, 3 or 4 channels of 8 bits.
    package static func readRaw(_ path: String, channels: Int = 4) throws(MediaError) -> RawImage {
        let decoder = try StreamDecoder(path: path, kind: AVMEDIA_TYPE_VIDEO)
        guard try decoder.next() else { throw .empty(path: path, what: "picture") }
        let f = decoder.frame.pointer
        let (width, height) = (Int(f.pointee.width), Int(f.pointee.height))
        let format = channels == 1 ? AV_PIX_FMT_GRAY8 : channels == 3 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_RGBA
        let bytes = try Scaler(path: path, from: f, to: format).packed(f, bytesPerPixel: channels)
        return RawImage(width: width, height: height, channels: channels, bytes: bytes)
    }

    /// Reads a picture as a frame with premultiplied alpha.
    package static func read(_ path: String) throws(MediaError) -> Frame {
        let raw = try readRaw(path)
        let builder = FrameBuilder(width: raw.width, height: raw.height)
        let p = builder.pixels
        for i in 0..<(raw.width * raw.height) {
            let a = Float(raw.bytes[4 * i + 3]) / 255
            for c in 0..<3 { p[4 * i + c] = Float(raw.bytes[4 * i + c]) / 255 * a }
            p[4 * i + 3] = a
        }
        return builder.freeze()
    }

    /// Whether pictures can be written under a name: PNG and JPEG, told by its ending.
    package static func canWrite(_ path: String) -> Bool { isJPEG(path) || path.lowercased().hasSuffix(".png") }

    private static func isJPEG(_ path: String) -> Bool { path.lowercased().hasSuffix(".jpg") || path.lowercased().hasSuffix(".jpeg") }

    /// Writes PNG or JPEG by the name's ending; JPEG without colour subsampling, quality 1 (best) … 31.
    package static func write(_ image: RawImage, to path: String, jpegQuality: Int32 = 2) throws(MediaError) {
        guard canWrite(path) else { throw .unwritable(path: path, reason: "a still picture is a .png or a .jpg") }
        try AtomicFile.write(encode(image, jpeg: isJPEG(path), quality: jpegQuality, path: path), to: path)
    }

    /// Writes a frame; alpha is kept in PNG.
    package static func write(_ frame: Frame, to path: String) throws(MediaError) {
        try write(eightBit(frame, channels: isJPEG(path) ? 3 : 4), to: path)
    }

    /// Straight 8-bit pixels of a frame, rounded to nearest.
    package static func eightBit(_ frame: Frame, channels: Int) -> RawImage {
        var bytes = [UInt8](repeating: 0, count: frame.width * frame.height * channels)
        frame.withPixels { p in
            for i in 0..<(frame.width * frame.height) {
                let a = p[4 * i + 3]
                let scale = channels == 4 && a > 0 ? 1 / a : 1
                for c in 0..<3 { bytes[channels * i + c] = UInt8(min(max(p[4 * i + c] * scale, 0), 1) * 255 + 0.5) }
                if channels == 4 { bytes[4 * i + 3] = UInt8(min(max(a, 0), 1) * 255 + 0.5) }
            }
        }
        return RawImage(width: frame.width, height: frame.height, channels: channels, bytes: bytes)
    }

    private static func encode(_ image: RawImage, jpeg: Bool, quality: Int32, path: String) throws(MediaError) -> [UInt8] {
        let id = jpeg ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG
        guard let codec = avcodec_find_encoder(id), let context = NativeCodec(codec), let packet = NativePacket(),
              let source = NativeFrame(), let target = NativeFrame()
        else { throw .unwritable(path: path, reason: "no encoder for it") }
        let plain = image.channels == 1 ? AV_PIX_FMT_GRAY8 : image.channels == 3 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_RGBA
        let format = jpeg ? AV_PIX_FMT_YUVJ444P : plain
        let c = context.pointer
        c.pointee.width = Int32(image.width)
        c.pointee.height = Int32(image.height)
        c.pointee.time_base = AVRational(num: 1, den: 25)
        c.pointee.pix_fmt = format
        c.pointee.color_range = AVCOL_RANGE_JPEG
        if jpeg {
            c.pointee.flags |= AV_CODEC_FLAG_QSCALE
            c.pointee.global_quality = quality * FF_QP2LAMBDA
            c.pointee.qmin = 1
        } else {
            av_opt_set(c.pointee.priv_data, "pred", "mixed", 0)
            c.pointee.compression_level = 5
        }
        var code = avcodec_open2(c, codec, nil)
        if code < 0 { throw .writing(path, code) }
        source.pointer.pointee.format = plain.rawValue
        target.pointer.pointee.format = format.rawValue
        for f in [source.pointer, target.pointer] {
            f.pointee.width = Int32(image.width)
            f.pointee.height = Int32(image.height)
            f.pointee.color_range = AVCOL_RANGE_JPEG
            if av_frame_get_buffer(f, 32) < 0 { throw .unwritable(path: path, reason: "no memory") }
        }
        let row = image.width * image.channels
        image.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, let data = source.pointer.pointee.data.0 else { return }
            for y in 0..<image.height {
                (data + y * Int(source.pointer.pointee.linesize.0)).update(from: base + y * row, count: row)
            }
        }
        if plain != format {
            target.pointer.pointee.quality = c.pointee.global_quality
            try Scaler(path: path, from: source.pointer, to: format, matrix: SWS_CS_ITU601, fullRange: true).convert(source.pointer, target.pointer)
        }
        code = avcodec_send_frame(c, plain == format ? source.pointer : target.pointer)
        if code >= 0 { code = avcodec_receive_packet(c, packet.pointer) }
        if code < 0 { throw .writing(path, code) }
        return Array(UnsafeBufferPointer(start: packet.pointer.pointee.data, count: Int(packet.pointer.pointee.size)))
    }
}
