// What an actor says in a shot, read in pieces.
import Base
import Engines
import Media
import SceneModel

/// All lines of an actor on one clock that begins with the shot.
struct ActorSpeech {
    /// One line: its samples on the shot's clock, and where in its file they begin.
    private struct Line {
        var reader: SoundReader
        var range: Range<Int>
        var fileStart: Int
    }
    private let lines: [Line]
    private let sampleCount: Int

    /// Opens the files. `seconds`: how much of the shot is asked for.
    init(_ speech: [PlacedSpeech], shotStart: Rational, seconds: Double) throws(MediaError) {
        let rate = Rational(SpeechSource.sampleRate)
        sampleCount = Int(seconds * Double(SpeechSource.sampleRate)) + 1
        var lines: [Line] = []
        for line in speech {
            let first = ((line.range.start - shotStart) * rate).rounded
            let reader = try SoundReader(path: line.asset.path, sampleRate: SpeechSource.sampleRate, channels: 1, pick: Self.pick(line.asset.channel))
            lines.append(Line(reader: reader, range: first..<first + max((line.range.duration * rate).rounded, 0), fileStart: (line.fileStart * rate).rounded))
        }
        self.lines = lines
    }

    /// The sum of the lines.
    var source: SpeechSource {
        let lines = self.lines
        return SpeechSource(sampleCount: sampleCount) { range throws(EngineError) in
            var sum = [Float](repeating: 0, count: range.count)
            for line in lines {
                let some = range.clamped(to: line.range)
                guard !some.isEmpty else { continue }
                let said: [[Float]]
                do throws(MediaError) { said = try line.reader.read(from: line.fileStart + some.lowerBound - line.range.lowerBound, count: some.count) } catch {
                    throw .unreadable(path: line.reader.path, reason: error.words)
                }
                for (i, sample) in said[0].enumerated() { sum[some.lowerBound - range.lowerBound + i] += sample }
            }
            return sum
        }
    }

    private static func pick(_ channel: Asset.Channel) -> SoundReader.Pick {
        switch channel {
        case .all, .mix: .mean
        case .left: .one(0)
        case .right: .one(1)
        case .number(let n): .one(n - 1)
        }
    }
}
