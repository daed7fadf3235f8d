// The faces of a film: tracks, cuts, and the stretches in which there are none.
import Base
import Engines
import Foundation
import Imaging
import Media
import Tensors

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
    ///
    /// - Parameter pieces: keep what was seen, so that the same look goes on where it was ended.
    package static func look(at path: String, models: FaceModels, from start: Rational, to end: Rational, interval: Rational, pieces: LookPieces? = nil,
                             progress: (Int) -> Bool = { _ in true }) throws(MediaError) -> FootageFaces {
        precondition(interval > .zero, "time goes on")
        let reader = try VideoReader(path: path)
        func time(_ index: Int) -> Rational { start + interval * Rational(index) }
        var gathering = Gathering(models)
        for piece in pieces?.kept() ?? [] { gathering.add(piece) { time($0).doubleValue } }
        var index = gathering.count, kept = index
        func keep() throws(MediaError) {
            guard let pieces, index > kept else { return }
            let piece = gathering.piece(from: kept) { (($0 - start.doubleValue) / interval.doubleValue).rounded() }
            do throws(CheckpointError) { try pieces.keep(piece) } catch { throw .keeping(error) }
            kept = index
        }
        while index == 0 || time(index) < end {
            guard progress(index) else { break }
            let picture = try reader.picture(at: time(index))
            gathering.add(picture.frame, index, time(index).doubleValue)
            index += 1
            if pieces?.isFull(index - kept) == true { try keep() }
        }
        try keep()
        return gathering.result
    }

    /// Looks with a tracker and keeps what it says.
    private struct Gathering {
        private let tracker: MeshTracker
        private var size = (width: 0, height: 0)
        private var moments: [Moment] = []
        private var tracks: [Int: [FaceTrack.Look]] = [:]

        init(_ models: FaceModels) { tracker = MeshTracker(models) }

        var count: Int { moments.count }

        mutating func add(_ frame: Frame, _ index: Int, _ time: Double) {
            size = (frame.width, frame.height)
            add(tracker.faces(in: frame, at: time), isCut: tracker.hasJustCut, index, time)
        }

        private mutating func add(_ faces: [TrackedFace], isCut: Bool, _ index: Int, _ time: Double) {
            for face in faces { tracks[face.number, default: []].append(.init(frame: index, time: time, sighting: face.sighting)) }
            moments.append(Moment(frame: index, time: time, isCut: isCut, numbers: faces.map(\.number)))
        }

        /// Pictures that were seen before; the tracker goes on behind them.
        mutating func add(_ piece: LookPiece, time: (Int) -> Double) {
            size = (piece.width, piece.height)
            for (k, moment) in piece.moments.enumerated() { add(moment.faces, isCut: moment.isCut, piece.first + k, time(piece.first + k)) }
            tracker.state = piece.tracker.timed { time(Int($0)) }
        }

        /// All from a picture on. - Parameter number: of the picture of a time.
        func piece(from first: Int, number: (Double) -> Double) -> LookPiece {
            var piece = LookPiece(first: first, width: size.width, height: size.height, tracker: tracker.state.timed(number))
            let looks = tracks.mapValues { looks in Dictionary(uniqueKeysWithValues: looks.reversed().prefix { $0.frame >= first }.map { ($0.frame, $0.sighting) }) }
            piece.moments = moments[first...].map { moment in
                LookPiece.Moment(isCut: moment.isCut, faces: moment.numbers.compactMap { number in looks[number]?[moment.frame].map { TrackedFace(number: number, sighting: $0) } })
            }
            return piece
        }

        var result: FootageFaces {
            FootageFaces(width: size.width, height: size.height, moments: moments, tracks: tracks.keys.sorted().map { FaceTrack(number: $0, looks: tracks[$0] ?? []) })
        }
    }
}

extension MediaError {
    /// A piece that could not be kept.
    fileprivate static func keeping(_ error: CheckpointError) -> MediaError {
        if case .noSpace(let path) = error { return .noSpace(path: path) }
        return .unwritable(path: error.path, reason: error.reason)
    }
}
