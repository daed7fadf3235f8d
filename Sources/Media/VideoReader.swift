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
    /// `passing` sees every picture on the way to it, the wanted one last; its flag says whether the picture follows the one before.
    package func picture(at time: Rational, passing: (VideoPicture, Bool) -> Void = { _, _ in }) throws(MediaError) -> VideoPicture {
        let before = current?.time
        var hasJumped = current == nil
        if let current, time < current.time || time > current.time + Self.longWay {
            try jump(to: time)
            hasJumped = true
        }
        if current == nil { current = try next() }
        if let current, hasJumped || current.time != before { passing(current, false) }
        while true {
            if upcoming == nil, !ended { upcoming = try next() }
            guard let following = upcoming, following.time <= time else { break }
            current = following
            upcoming = nil
            passing(following, true)
        }
        guard let current else {
            try decoder.checkWhole()
            throw .empty(path: path, what: "picture")
        }
        // A whole file holds its last picture; one that was cut off must not pass for a frozen one.
        if ended, upcoming == nil, time.doubleValue >= decoder.reached { try decoder.checkWhole() }
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
        let frame: Frame
        if quarterTurns == 0, let direct = Self.direct(f) { frame = direct } else {
            if scaler == nil || now != shape {
                scaler = try Scaler(path: path, from: f, to: AV_PIX_FMT_RGB48LE)
                shape = now
            }
            guard let scaler else { return nil }
            let bytes = try scaler.packed(f, bytesPerPixel: 6)
            frame = bytes.withUnsafeBytes { Frame(words: $0, width: Int(f.pointee.width), height: Int(f.pointee.height), turns: quarterTurns) }
        }
        let base = decoder.stream.pointee.time_base
        let stamp = f.pointee.best_effort_timestamp == sk_no_pts() ? 0 : f.pointee.best_effort_timestamp
        return VideoPicture(frame: frame, time: Rational(stamp * Int64(base.num), Int64(max(base.den, 1))))
    }

    /// Films of 8 bits with small planes of half the size, the usual ones, without the way through another format.
    private static func direct(_ f: UnsafeMutablePointer<AVFrame>) -> Frame? {
        let format = AVPixelFormat(rawValue: f.pointee.format)
        guard format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVJ420P, f.pointee.width > 0, f.pointee.height > 0, f.pointee.width <= 16384, f.pointee.height <= 16384,
              let a = f.pointee.data.0, let b = f.pointee.data.1, let c = f.pointee.data.2 else { return nil }
        let isFull = format == AV_PIX_FMT_YUVJ420P || f.pointee.color_range == AVCOL_RANGE_JPEG
        guard let weights = ColorWeights.fromPlanes(Scaler.matrix(of: f), fullRange: isFull) else { return nil }
        let strides = f.pointee.linesize
        return Frame(planes: PlanePointers(bases: [a, b, c], strides: [Int(strides.0), Int(strides.1), Int(strides.2)]), width: Int(f.pointee.width), height: Int(f.pointee.height), weights: weights)
    }
}
