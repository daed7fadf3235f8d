// The faces of a film: tracks, cuts, and the stretches in which there are none.
import Base
import Engines
import Foundation
import Imaging
import Media

/// What a look at a film found.
package struct FootageFaces: Sendable {
    /// A picture that was looked at.
    package struct Moment: Sendable, Hashable {
        /// Number of the frame in what was read, from 0.
        package var frame: Int
        /// Seconds of the film's clock.
        package var time: Double
        /// The picture before it is of another shot.
        package var isCut: Bool
        /// Numbers of the faces in it.
        package var numbers: [Int]
    }
    /// Size of the pictures in pixels.
    package var width: Int
    package var height: Int
    /// Every picture that was looked at, in order.
    package var moments: [Moment]
    /// By number.
    package var tracks: [FaceTrack]

    /// A stretch of moments.
    package struct Stretch: Sendable, Hashable {
        /// First and last frame.
        package var frames: ClosedRange<Int>
        /// Seconds from the first moment to the one behind the last.
        package var times: ClosedRange<Double>
    }

    /// Stretches in which no face is seen.
    package var faceless: [Stretch] { stretches { $0.numbers.isEmpty } }

    /// Stretches between the first and the last look at a face in which it is not seen.
    package func gaps(of track: FaceTrack) -> [Stretch] {
        guard let first = track.looks.first?.frame, let last = track.looks.last?.frame else { return [] }
        return stretches { $0.frame > first && $0.frame < last && !$0.numbers.contains(track.number) }
    }

    private func stretches(_ isIn: (Moment) -> Bool) -> [Stretch] {
        var result: [Stretch] = [], start: Int?
        for (index, moment) in moments.enumerated() {
            if isIn(moment) {
                start = start ?? index
            } else if let first = start {
                result.append(stretch(first, index - 1))
                start = nil
            }
        }
        if let first = start { result.append(stretch(first, moments.count - 1)) }
        return result
    }
    private func stretch(_ first: Int, _ last: Int) -> Stretch {
        let end = last + 1 < moments.count ? moments[last + 1].time : moments[last].time
        return Stretch(frames: moments[first].frame...moments[last].frame, times: moments[first].time...max(end, moments[first].time))
    }

    // MARK: looking

    /// Looks at every `step`th picture of a film, or of a still. `progress` hears the number of the picture; false from it ends the look.
    package static func look(at path: String, models: FaceModels, step: Int = 1, progress: (Int) -> Bool = { _ in true }) throws(MediaError) -> FootageFaces {
        precondition(step >= 1, "every first picture at least")
        let reader = try VideoReader(path: path)
        var gathering = Gathering(models)
        var index = 0
        while let picture = try reader.next() {
            guard progress(index) else { break }
            if index % step == 0 { gathering.add(picture.frame, index, picture.time.doubleValue) }
            index += 1
        }
        guard index > 0 else { throw .empty(path: path, what: "picture") }
        return gathering.result
    }

    /// Looks at a part of a film, `interval` seconds apart. Times are seconds of the film's clock; frames are counted as looked at.
    /// `progress` hears how many there were; false from it ends the look.
    package static func look(at path: String, models: FaceModels, from start: Rational, to end: Rational, interval: Rational,
                             progress: (Int) -> Bool = { _ in true }) throws(MediaError) -> FootageFaces {
        precondition(interval > .zero, "time goes on")
        let reader = try VideoReader(path: path)
        var gathering = Gathering(models)
        var time = start, index = 0
        while index == 0 || time < end {
            guard progress(index) else { break }
            let picture = try reader.picture(at: time)
            gathering.add(picture.frame, index, time.doubleValue)
            index += 1
            time = start + interval * Rational(index)
        }
        return gathering.result
    }

    /// Looks with a tracker and keeps what it says.
    private struct Gathering {
        private let tracker: MeshTracker
        private var size = (width: 0, height: 0)
        private var moments: [Moment] = []
        private var tracks: [Int: [FaceTrack.Look]] = [:]

        init(_ models: FaceModels) { tracker = MeshTracker(models) }

        mutating func add(_ frame: Frame, _ index: Int, _ time: Double) {
            size = (frame.width, frame.height)
            let faces = tracker.faces(in: frame, at: time)
            for face in faces { tracks[face.number, default: []].append(.init(frame: index, time: time, sighting: face.sighting)) }
            moments.append(Moment(frame: index, time: time, isCut: tracker.hasJustCut, numbers: faces.map(\.number)))
        }

        var result: FootageFaces {
            FootageFaces(width: size.width, height: size.height, moments: moments, tracks: tracks.keys.sorted().map { FaceTrack(number: $0, looks: tracks[$0] ?? []) })
        }
    }
}
