// The first look at a film: whose face is where in every picture, and whether a persona can be taught with it.
import Base
import Engines
import Faces
import Foundation
import Media

/// Why a film cannot be captured, and what to do about it.
package struct CaptureRefusal: Error, Sendable {
    package var reason: String
    package var advice: String
}

/// The face of a film at 25 pictures a second.
struct FootageLook: Sendable {
    /// Pictures of the part that is captured.
    var frames: Int
    /// Size of the film's pictures in pixels.
    var width: Int
    var height: Int
    /// Of the chosen face, in order.
    var looks: [FaceTrack.Look]

    static let rate = Rational(25)
    /// Fewer pictures teach nothing: a second.
    static let leastFrames = 25
    /// Of the pictures, so many may be without the face.
    private static let mostLost = 0.2
    /// Another face counts from this part of the pictures, and of the chosen one's height.
    private static let otherShare = 0.1, otherHeight: Float = 0.4
    /// Pixels between chin and forehead below which nothing fine is seen.
    private static let leastHeight: Float = 64

    /// Looks at a film from a time for so many pictures, or goes on with what an interrupted look kept. - Throws: `CaptureRefusal` where no persona can be taught with it, or what the media gate says.
    init(film: String, from start: Rational, frames: Int, face: Int?, models: FaceModels, pieces: LookPieces, progress: @escaping ProgressHandler) throws {
        var isInterrupted = false
        let found = try FootageFaces.look(at: film, models: models, from: start, to: start + Rational(frames) / Self.rate, interval: Rational(1) / Self.rate, pieces: pieces) { index in
            isInterrupted = !progress(ProgressReport(phase: "faces", done: index, total: frames))
            return !isInterrupted
        }
        guard !isInterrupted else { throw EngineError.interrupted }
        _ = progress(ProgressReport(phase: "faces", done: frames, total: frames))
        (self.frames, width, height) = (found.moments.count, found.width, found.height)
        let cuts = found.moments.filter(\.isCut).map { String(format: "%.2f s", $0.time) }
        guard cuts.isEmpty else {
            throw CaptureRefusal(reason: "\(film): has a cut at \(cuts.prefix(6).joined(separator: ", ")); a persona is taught with one shot of one camera", advice: "name the part between cuts with --from and --to")
        }
        looks = try Self.chosen(found, face, film).looks
        try Self.check(looks, found, film)
    }

    private static func chosen(_ found: FootageFaces, _ number: Int?, _ film: String) throws(CaptureRefusal) -> FaceTrack {
        func height(_ track: FaceTrack) -> Float {
            let sorted = track.looks.map(\.sighting.size.y).sorted()
            return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        }
        guard let largest = found.tracks.max(by: { Float($0.looks.count) * height($0) < Float($1.looks.count) * height($1) }) else {
            throw CaptureRefusal(reason: "\(film): no face is seen in it", advice: "`studio faces \(film) -o sheet.png` shows what is looked at; the face must look at the camera and be 64 pixels high or more")
        }
        if let number {
            guard let track = found.tracks.first(where: { $0.number == number }) else {
                throw CaptureRefusal(reason: "\(film): there is no face \(number); seen are \(found.tracks.map { "\($0.number)" }.joined(separator: ", "))", advice: "choose one of them with --face")
            }
            return track
        }
        let rivals = found.tracks.filter { $0.number == largest.number || (Double($0.looks.count) >= otherShare * Double(found.moments.count) && height($0) >= otherHeight * height(largest)) }
        guard rivals.count == 1 else {
            let words = rivals.map { track in
                let middle = track.looks[track.looks.count / 2].sighting.center
                return String(format: "face %d (%d pixels high, at %.0f, %.0f, in %d pictures)", track.number, Int(height(track)), middle.x, middle.y, track.looks.count)
            }
            throw CaptureRefusal(reason: "\(film): several faces are seen: \(words.joined(separator: "; "))", advice: "choose one with --face N, or name a part where one is alone with --from and --to")
        }
        return largest
    }

    private static func check(_ looks: [FaceTrack.Look], _ found: FootageFaces, _ film: String) throws(CaptureRefusal) {
        let heights = looks.map(\.sighting.size.y).sorted(), height = heights.isEmpty ? 0 : heights[heights.count / 2]
        guard height >= leastHeight else {
            throw CaptureRefusal(reason: "\(film): the face is \(Int(height)) pixels high; at least \(Int(leastHeight)) are needed, 250 are good", advice: "take footage in which the head fills half of the picture")
        }
        guard looks.count >= leastFrames else {
            throw CaptureRefusal(reason: "\(film): the face is seen in \(looks.count) pictures of \(found.moments.count); at least \(leastFrames) are needed, some thousand are good", advice: "one to five minutes of speech make a good persona")
        }
        let lost = Double(found.moments.count - looks.count) / Double(max(found.moments.count, 1))
        guard lost <= mostLost else {
            throw CaptureRefusal(reason: String(format: "%@: the face is lost in %.0f %% of the pictures", film, 100 * lost), advice: "`studio faces \(film)` says where; name a part with --from and --to")
        }
    }
}
