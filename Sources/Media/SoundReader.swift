// A sound file in pieces: memory does not grow with its length.
import Base
import CFFmpeg
import Foundation

/// Reads a sound forwards at a rate. Every sample comes from one pass over the file from its beginning, so a piece is the same
/// wherever reading began; going back reads again from the start. One owner at a time.
package final class SoundReader {
    /// Which of the file's channels are heard.
    package enum Pick: Sendable, Hashable {
        /// As they are, more than two mixed down.
        case all
        case mean
        /// Counted from 0; one that is not there is the last.
        case one(Int)
    }
    package let path: String
    package let sampleRate: Int
    private let pick: Pick
    /// Channels that come out, 1 or 2.
    private let width: Int
    private var decoder: StreamDecoder
    private var resampler: Resampler?
    private var held: [[Float]]
    /// Position of the first held sample; samples before the first one of the file are silence.
    private var position = 0
    private var begun = false
    private var ended = false

    package init(path: String, sampleRate: Int, channels: Int, pick: Pick = .all) throws(MediaError) {
        precondition(channels == 1 || channels == 2, "a reader gives one or two channels")
        self.path = path
        self.sampleRate = sampleRate
        self.pick = pick
        width = channels
        held = [[Float]](repeating: [], count: channels)
        decoder = try StreamDecoder(path: path, kind: AVMEDIA_TYPE_AUDIO)
    }

    /// Samples `start ..< start + count` of each channel; silence beyond the ends.
    package func read(from start: Int, count: Int) throws(MediaError) -> [[Float]] {
        if start < position, begun { try restart() }
        let end = start + max(count, 0)
        while !ended, position + (held.first?.count ?? 0) < end {
            try step()
            drop(before: start)
        }
        drop(before: start)
        let have = held.first?.count ?? 0
        return held.map { samples in
            var out = [Float](repeating: 0, count: max(count, 0))
            let low = max(start, position), high = min(end, position + have)
            if low < high { out.replaceSubrange((low - start)..<(high - start), with: samples[(low - position)..<(high - position)]) }
            return out
        }
    }

    private func restart() throws(MediaError) {
        decoder = try StreamDecoder(path: path, kind: AVMEDIA_TYPE_AUDIO)
        resampler = nil
        held = [[Float]](repeating: [], count: width)
        (position, begun, ended) = (0, false, false)
    }

    private func drop(before start: Int) {
        let count = min(max(start - position, 0), held.first?.count ?? 0)
        // A little is kept back: the next piece may begin a few samples earlier.
        guard count > 4 * 4096 || (count > 0 && count == held.first?.count) else { return }
        for c in held.indices { held[c].removeFirst(count) }
        position += count
    }

    private func step() throws(MediaError) {
        guard try decoder.next() else {
            if let resampler { append(try converted(nil, resampler)) }
            ended = true
            guard begun else { throw .empty(path: path, what: "sound") }
            try decoder.checkWhole()
            return
        }
        let frame = decoder.frame.pointer
        if resampler == nil {
            let own = Int(frame.pointee.ch_layout.nb_channels)
            let made = try Resampler(path: path, like: frame, sampleRate: sampleRate, channels: pick == .all && own > 2 ? 2 : nil)
            position = AudioFile.lead(decoder, frame, sampleRate)
            begun = true
            resampler = made
        }
        if let resampler { append(try converted(frame, resampler)) }
    }

    private func converted(_ frame: UnsafeMutablePointer<AVFrame>?, _ resampler: Resampler) throws(MediaError) -> [[Float]] {
        var channels = [[Float]](repeating: [], count: resampler.channelCount)
        try resampler.append(frame, to: &channels)
        return channels
    }

    private func append(_ channels: [[Float]]) {
        guard let last = channels.last else { return }
        switch pick {
        case .one(let index): for c in held.indices { held[c] += index < channels.count ? channels[max(index, 0)] : last }
        case .all where width == 2 && channels.count == 2: for c in 0..<2 { held[c] += channels[c] }
        default:
            let mean = channels.count == 1 ? last : AudioFile.mean(channels)
            for c in held.indices { held[c] += mean }
        }
    }
}
