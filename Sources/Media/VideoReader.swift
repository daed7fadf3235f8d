// Pictures of a video in order, by their time stamps.
import Base
import CFFmpeg
import Imaging

/// One decoded picture.
package struct VideoPicture: Sendable {
    package var frame: Frame
    /// Seconds from the start of the file's clock.
    package var time: Rational
}

/// Decodes a video forwards. One owner at a time; going back seeks.
package final class VideoReader {
    package let path: String
    private var decoder: StreamDecoder
    private var scaler: Scaler?
    private var shape: (Int32, Int32, Int32) = (0, 0, 0)
    private var current: VideoPicture?
    private var upcoming: VideoPicture?
    private var ended = false
    private let quarterTurns: Int

    package init(path: String) throws(MediaError) {
        self.path = path
        decoder = try StreamDecoder(path: path, kind: AVMEDIA_TYPE_VIDEO)
        quarterTurns = MediaProbe.quarterTurns(decoder.stream)
    }

    /// The picture on screen at a time: the last one whose stamp is not later; the first before its start, the last after the end.
    package func picture(at time: Rational) throws(MediaError) -> VideoPicture {
        if let current, time < current.time { try rewind(to: time) }
        if current == nil { current = try next() }
        while true {
            if upcoming == nil, !ended { upcoming = try next() }
            guard let following = upcoming, following.time <= time else { break }
            current = following
            upcoming = nil
        }
        guard let current else { throw .empty(path: path, what: "picture") }
        return current
    }

    private func rewind(to time: Rational) throws(MediaError) {
        decoder = try StreamDecoder(path: path, kind: AVMEDIA_TYPE_VIDEO)
        current = nil
        upcoming = nil
        ended = false
        let base = decoder.stream.pointee.time_base
        if time > Rational(1), base.num > 0 {
            try decoder.seek(to: Int64((time * Rational(Int64(base.den), Int64(base.num))).floor))
        }
    }

    /// The next picture in order; nil at the end.
    package func next() throws(MediaError) -> VideoPicture? {
        guard try decoder.next() else { ended = true; return nil }
        let f = decoder.frame.pointer
        let now = (f.pointee.width, f.pointee.height, f.pointee.format)
        if scaler == nil || now != shape {
            scaler = try Scaler(path: path, from: f, to: AV_PIX_FMT_RGB48LE)
            shape = now
        }
        guard let scaler else { return nil }
        let bytes = try scaler.packed(f, bytesPerPixel: 6)
        let base = decoder.stream.pointee.time_base
        let stamp = f.pointee.best_effort_timestamp == sk_no_pts() ? 0 : f.pointee.best_effort_timestamp
        let frame = Self.frame(bytes, Int(f.pointee.width), Int(f.pointee.height), quarterTurns)
        return VideoPicture(frame: frame, time: Rational(stamp * Int64(base.num), Int64(max(base.den, 1))))
    }

    /// 16-bit RGB to a frame, turned as the file asks.
    private static func frame(_ bytes: [UInt8], _ width: Int, _ height: Int, _ turns: Int) -> Frame {
        let builder = turns % 2 == 0 ? FrameBuilder(width: width, height: height) : FrameBuilder(width: height, height: width)
        let p = builder.pixels
        let outWidth = builder.width
        bytes.withUnsafeBytes { raw in
            for y in 0..<height {
                for x in 0..<width {
                    let (ox, oy) = switch turns {
                    case 1: (height - 1 - y, x)
                    case 2: (width - 1 - x, height - 1 - y)
                    case 3: (y, width - 1 - x)
                    default: (x, y)
                    }
                    let q = p + 4 * (oy * outWidth + ox), at = 6 * (y * width + x)
                    for c in 0..<3 { q[c] = Float(raw.loadUnaligned(fromByteOffset: at + 2 * c, as: UInt16.self)) * (1 / 65535) }
                    q[3] = 1
                }
            }
        }
        return builder.freeze()
    }
}
