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
        if let current, time < current.time || time > current.time + Self.longWay { try jump(to: time) }
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

    /// Beyond this distance a key frame nearer to the goal is looked for.
    private static let longWay = Rational(5)

    /// Goes to the key frame before a time; from the beginning where the file's index leads past it.
    private func jump(to time: Rational) throws(MediaError) {
        try restart()
        let base = decoder.stream.pointee.time_base
        guard time > Rational(1), base.num > 0 else { return }
        try decoder.seek(to: Int64((time * Rational(Int64(base.den), Int64(base.num))).floor))
        current = try next()
        // A file whose index ends early may lead behind the goal or past the end.
        guard let landed = current, landed.time <= time else { return try restart() }
    }

    private func restart() throws(MediaError) {
        decoder = try StreamDecoder(path: path, kind: AVMEDIA_TYPE_VIDEO)
        current = nil
        upcoming = nil
        ended = false
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
    static func frame(_ bytes: [UInt8], _ width: Int, _ height: Int, _ turns: Int) -> Frame {
        let builder = turns % 2 == 0 ? FrameBuilder(width: width, height: height) : FrameBuilder(width: height, height: width)
        let outWidth = builder.width
        // Where the first pixel lands, and the steps to the next pixel and the next row.
        let (first, across, down) = switch turns {
        case 1: (height - 1, outWidth, -1)
        case 2: (width * height - 1, -1, -width)
        case 3: ((width - 1) * outWidth, -outWidth, 1)
        default: (0, 1, width)
        }
        let scale = SIMD4<Float>(repeating: 1 / 65535)
        bytes.withUnsafeBytes { raw in
            guard var from = raw.baseAddress else { return }
            for y in 0..<height {
                var to = UnsafeMutableRawPointer(builder.pixels + 4 * (first + y * down))
                for _ in 0..<width {
                    let v = SIMD4<Float>(Float(from.loadUnaligned(as: UInt16.self)), Float(from.loadUnaligned(fromByteOffset: 2, as: UInt16.self)),
                                         Float(from.loadUnaligned(fromByteOffset: 4, as: UInt16.self)), 65535) * scale
                    to.storeBytes(of: v, as: SIMD4<Float>.self)
                    from += 6
                    to += 16 * across
                }
            }
        }
        return builder.freeze()
    }
}
