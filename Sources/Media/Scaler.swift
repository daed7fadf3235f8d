// Conversion between pixel formats of one size, with the colour matrix and range that the file declares.
import Base
import CFFmpeg

/// One conversion of libswscale, at full chroma precision.
final class Scaler {
    private let context: OpaquePointer
    private let path: String

    /// Converts frames like `frame` to a format. YUV targets take `matrix` and `fullRange`.
    init(path: String, from frame: UnsafeMutablePointer<AVFrame>, to format: AVPixelFormat, matrix: Int32 = SWS_CS_ITU709,
         fullRange: Bool = false) throws(MediaError) {
        self.path = path
        let f = frame.pointee
        guard f.width > 0, f.height > 0, f.width <= 16384, f.height <= 16384 else {
            throw .unreadable(path: path, reason: "pictures of \(f.width)x\(f.height) pixels")
        }
        let source = AVPixelFormat(rawValue: f.format)
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT
        guard let c = sws_getContext(f.width, f.height, Self.withoutRange(source), f.width, f.height, Self.withoutRange(format), flags, nil, nil, nil) else {
            throw .unreadable(path: path, reason: "its pixel format cannot be converted")
        }
        context = c
        let fromYUV = Self.isYUV(source)
        let declared = fromYUV ? Self.matrix(of: frame) : matrix
        let sourceFull: Int32 = fromYUV ? (f.color_range == AVCOL_RANGE_JPEG || Self.isFullRange(source) ? 1 : 0) : 1
        let targetFull: Int32 = Self.isYUV(format) ? (fullRange || Self.isFullRange(format) ? 1 : 0) : 1
        sws_setColorspaceDetails(c, sws_getCoefficients(declared), sourceFull, sws_getCoefficients(matrix), targetFull, 0, 1 << 16, 1 << 16)
    }
    deinit { sws_freeContext(context) }

    /// Converts into an allocated frame.
    func convert(_ source: UnsafeMutablePointer<AVFrame>, _ target: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        let to = target.pointee.data
        var toStride = Self.strides(target)
        try run(source, [to.0, to.1, to.2, to.3], &toStride)
    }

    /// Converts a packed format into bytes without gaps between the rows.
    func packed(_ source: UnsafeMutablePointer<AVFrame>, bytesPerPixel: Int) throws(MediaError) -> [UInt8] {
        let stride = Int(source.pointee.width) * bytesPerPixel
        // libswscale may write a little past a row's end.
        let buffer = Buffer<UInt8>(count: stride * Int(source.pointee.height) + 64)
        var toStride = [Int32(stride), 0, 0, 0]
        try run(source, [buffer.pointer, nil, nil, nil], &toStride)
        return Array(UnsafeBufferPointer(start: buffer.pointer, count: stride * Int(source.pointee.height)))
    }

    private func run(_ source: UnsafeMutablePointer<AVFrame>, _ target: [UnsafeMutablePointer<UInt8>?], _ strides: inout [Int32]) throws(MediaError) {
        let d = source.pointee.data
        let from: [UnsafePointer<UInt8>?] = [d.0, d.1, d.2, d.3].map { $0.map { UnsafePointer($0) } }
        let rows = sws_scale(context, from, Self.strides(source), 0, source.pointee.height, target, strides)
        if rows != source.pointee.height { throw .unreadable(path: path, reason: "its pixels cannot be converted") }
    }

    private static func strides(_ f: UnsafeMutablePointer<AVFrame>) -> [Int32] {
        let l = f.pointee.linesize
        return [l.0, l.1, l.2, l.3]
    }

    private static func isYUV(_ format: AVPixelFormat) -> Bool {
        guard let d = av_pix_fmt_desc_get(format) else { return false }
        return d.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) == 0 && d.pointee.nb_components >= 3
    }
    private static func isFullRange(_ format: AVPixelFormat) -> Bool {
        [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P].contains(format)
    }
    /// The old full-range formats are the new ones with the range said elsewhere.
    private static func withoutRange(_ format: AVPixelFormat) -> AVPixelFormat {
        switch format {
        case AV_PIX_FMT_YUVJ420P: AV_PIX_FMT_YUV420P
        case AV_PIX_FMT_YUVJ422P: AV_PIX_FMT_YUV422P
        case AV_PIX_FMT_YUVJ444P: AV_PIX_FMT_YUV444P
        case AV_PIX_FMT_YUVJ440P: AV_PIX_FMT_YUV440P
        default: format
        }
    }
    /// The declared matrix; undeclared footage is BT.709 from 720 lines on, else BT.601; still pictures are BT.601.
    static func matrix(of frame: UnsafeMutablePointer<AVFrame>) -> Int32 {
        switch frame.pointee.colorspace {
        case AVCOL_SPC_BT709: SWS_CS_ITU709
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: SWS_CS_ITU601
        case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        case AVCOL_SPC_FCC: SWS_CS_FCC
        default: frame.pointee.height >= 720 && !isFullRange(AVPixelFormat(rawValue: frame.pointee.format)) ? SWS_CS_ITU709 : SWS_CS_ITU601
        }
    }
}
