// What a capture was asked for and what it found, as a file beside the data set.
import Base
import Foundation
import Motion

/// `capture.json`: an interrupted capture of the same film and wishes goes on; another one is refused.
package struct CaptureNote: Codable, Sendable, Hashable {
    /// What was asked for.
    package struct Wish: Codable, Sendable, Hashable {
        package var film: String
        /// Of the film's size and time, of the models, and of what else decides on the pictures.
        package var key: String
        package var size: Int
        package var from: Double
        package var to: Double?
        package var face: Int?
    }
    package var version = 1
    package var wish: Wish
    /// What was found; nil while the film is still looked at.
    package var found: Found?

    package struct Found: Codable, Sendable, Hashable {
        package var frames: Int
        /// Frames in which the head was seen.
        package var seen: Int
        package var crop: [Int]
        package var focal: Double
        /// Root mean square distance of the mesh's rigid points from the solved head, pixels; and with the usual face's shape.
        package var error: Double
        package var usualError: Double
        package var unitsPerCentimetre: Double
        package var pivot: [Double]
        /// Shares: of the picture whose background was seen, and of the background that changes.
        package var backgroundSeen = 0.0
        package var backgroundUnrest = 0.0
        /// What hears the sound for the persona; nil: nothing of its own.
        package var hearing: String?
    }
}

extension DatasetFolder {
    static let captureFile = "capture.json"
    static let encoderFile = "speech.safetensors"

    /// What a capture says of the folder; nil where none made it.
    package var captureNote: CaptureNote? {
        guard let data = FileManager.default.contents(atPath: file(Self.captureFile)) else { return nil }
        return try? JSONDecoder().decode(CaptureNote.self, from: data)
    }

    /// Where a speech encoder lies that hears for personas of this folder; nil where there is none.
    package var encoderPath: String? { exists(Self.encoderFile) ? file(Self.encoderFile) : nil }
}

extension HeadFrame {
    /// Centimetres of the usual face: the middle of what a camera sees of a head, and the top of the neck.
    private static let middle = SIMD3<Double>(0, 1, -1), neck = SIMD3<Double>(0, -6, -7)
    /// More than that is no way to sit.
    private static let mostLean = 0.45

    /// The frame of a clip: its usual pose looks straight ahead. A head with hair fills the box of ±0.25 × ±0.25 × ±0.125 that the
    /// engine draws in.
    init(of heads: [PlacedHead]) {
        let pitches = heads.map { Quaternion(rotationRows: $0.rows).angles.pitch }.sorted()
        let usual = pitches.isEmpty ? 0 : pitches[pitches.count / 2]
        self.init(origin: Self.middle, lean: min(max(usual, -Self.mostLean), Self.mostLean), unitsPerCentimetre: 0.0125)
    }

    /// The top of the neck, data set units.
    var pivot: SIMD3<Double> { placed(Self.neck) }
}
