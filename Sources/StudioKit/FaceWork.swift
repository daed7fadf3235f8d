// `studio faces`: who is seen in footage, how large, how turned, and where they are lost.
import Base
import Engines
import Faces
import Foundation
import Media

/// What a look at footage found, as it is printed.
package struct FaceReport: Codable, Sendable {
    /// Least, middle and greatest of a figure over a track.
    package struct Spread: Codable, Sendable {
        package var least: Double
        package var median: Double
        package var most: Double

        init(_ values: [Float]) {
            let sorted = values.map { (Double($0) * 10).rounded() / 10 }.sorted()
            (least, median, most) = (sorted.first ?? 0, sorted.isEmpty ? 0 : sorted[sorted.count / 2], sorted.last ?? 0)
        }
        var words: String {
            let (low, middle, high) = (Self.text(least), Self.text(median), Self.text(most))
            return low == high ? middle : "\(middle) (\(low)…\(high))"
        }
        private static func text(_ value: Double) -> String { String(format: "%.0f", value == 0 ? 0 : value) }
    }
    /// Frames from 0, seconds of the film's clock.
    package struct Stretch: Codable, Sendable {
        package var firstFrame: Int
        package var lastFrame: Int
        package var from: Double
        package var to: Double

        init(_ stretch: FootageFaces.Stretch) {
            (firstFrame, lastFrame, from, to) = (stretch.frames.lowerBound, stretch.frames.upperBound, rounded(stretch.times.lowerBound), rounded(stretch.times.upperBound))
        }
        var words: String { String(format: "frames %d-%d (%.2f-%.2f s)", firstFrame, lastFrame, from, to) }
    }
    /// One picture of a face: pixels of the footage and degrees.
    package struct Look: Codable, Sendable {
        package var frame: Int
        package var time: Double
        package var x: Double
        package var y: Double
        package var width: Double
        package var height: Double
        package var mouth: Double
        package var yaw: Double
        package var pitch: Double
        package var roll: Double
    }
    package struct Track: Codable, Sendable {
        package var number: Int
        package var firstFrame: Int
        package var lastFrame: Int
        package var from: Double
        package var to: Double
        package var width: Spread
        package var height: Spread
        /// Side of the square around the mouth that a lip model draws again.
        package var mouth: Spread
        /// Degrees: to the viewer's right, up, clockwise.
        package var yaw: Spread
        package var pitch: Spread
        package var roll: Spread
        /// Between its first and last look.
        package var lost: [Stretch]
        package var looks: [Look]
    }
    package var version = 1
    package var file: String
    package var model: String
    package var width: Int
    package var height: Int
    /// Pictures that were looked at.
    package var looked: Int
    /// Seconds of the film's clock at which another shot begins.
    package var cuts: [Double]
    package var faces: [Track]
    package var faceless: [Stretch]
}

private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

/// The verb.
package enum FaceWork {
    /// Looks at every `step`th picture. `model` names a model file; nil: the one that is found.
    package static func look(at path: String, model: String?, step: Int, progress: ProgressHandler) throws -> FootageFaces {
        do {
            let info = try MediaProbe.probe(path)
            let models = try FaceModelFile.open(model, near: path)
            let total = info.video.first?.frames ?? 0
            var isInterrupted = false
            let found = try FootageFaces.look(at: path, models: models, step: step) { index in
                isInterrupted = !progress(ProgressReport(phase: "faces", done: min(index, max(total, index)), total: max(total, index + 1)))
                return !isInterrupted
            }
            guard !isInterrupted else { throw StudioFailure(130, "interrupted") }
            _ = progress(ProgressReport(phase: "faces", done: total, total: total))
            return found
        } catch { throw StudioFailure.of(error) }
    }

    /// Where the model lies that a look would use.
    package static func modelPath(_ named: String?, near path: String) -> String { named ?? FaceModelFile.find(near: path) ?? "" }

    package static func report(_ found: FootageFaces, file: String, model: String) -> FaceReport {
        FaceReport(file: file, model: model, width: found.width, height: found.height, looked: found.moments.count,
                   cuts: found.moments.filter(\.isCut).map { rounded($0.time) }, faces: found.tracks.compactMap { track($0, found) }, faceless: found.faceless.map { .init($0) })
    }

    private static func track(_ track: FaceTrack, _ found: FootageFaces) -> FaceReport.Track? {
        guard let first = track.looks.first, let last = track.looks.last else { return nil }
        func spread(_ value: (FaceSighting) -> Float) -> FaceReport.Spread { .init(track.looks.map { value($0.sighting) }) }
        func degrees(_ radians: Float) -> Float { radians * 180 / .pi }
        return FaceReport.Track(
            number: track.number, firstFrame: first.frame, lastFrame: last.frame, from: rounded(first.time), to: rounded(last.time),
            width: spread { $0.size.x }, height: spread { $0.size.y }, mouth: spread { $0.mouthWindow },
            yaw: spread { degrees($0.yaw) }, pitch: spread { degrees($0.pitch) }, roll: spread { degrees($0.roll) },
            lost: found.gaps(of: track).map { .init($0) },
            looks: track.looks.map { look in
                let s = look.sighting
                func tenth(_ value: Float) -> Double { (Double(value) * 10).rounded() / 10 }
                return FaceReport.Look(frame: look.frame, time: rounded(look.time), x: tenth(s.center.x), y: tenth(s.center.y), width: tenth(s.size.x), height: tenth(s.size.y), mouth: tenth(s.mouthWindow),
                                       yaw: tenth(degrees(s.yaw)), pitch: tenth(degrees(s.pitch)), roll: tenth(degrees(s.roll)))
            })
    }
}

extension FaceReport {
    /// For people: a paragraph a face.
    package var text: String {
        var lines = ["\(file): \(looked) picture\(looked == 1 ? "" : "s") of \(width)x\(height), \(faces.count) face\(faces.count == 1 ? "" : "s")"]
        if !cuts.isEmpty { lines.append("cuts at " + cuts.map { String(format: "%.2f s", $0) }.joined(separator: ", ")) }
        for face in faces {
            lines.append(String(format: "face %d  frames %d-%d (%.2f-%.2f s), seen in %d", face.number, face.firstFrame, face.lastFrame, face.from, face.to, face.looks.count))
            lines.append("  size   \(face.width.words) x \(face.height.words) pixels, mouth \(face.mouth.words)")
            lines.append("  turned yaw \(face.yaw.words), pitch \(face.pitch.words), roll \(face.roll.words) degrees")
            for stretch in face.lost { lines.append("  lost   \(stretch.words)") }
        }
        for stretch in faceless { lines.append("no face  \(stretch.words)") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// For programs: every look.
    package func json() throws -> String {
        try JSONText.of(self) + "\n"
    }
}
