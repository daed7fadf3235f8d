// What is known about the faces of footage before the first pixel.
import Base

/// Faces of a part of footage, looked at a few times a second.
package struct FaceFacts: Sendable, Hashable, Codable {
    /// One face in one picture.
    package struct Face: Sendable, Hashable, Codable {
        /// The same for the same face while it is followed; begins at 1.
        package var number: Int
        /// Middle of the face, 0…1 of the picture's width and height.
        package var x: Double
        package var y: Double
        /// Height of the whole face in pixels of the footage.
        package var height: Double
        /// Side in pixels of the square around the mouth that a lip model draws again: from the nose to the chin.
        package var mouth: Double
        /// Radians; positive: turned towards the viewer's right.
        package var yaw: Double
        /// All as above.
        package init(number: Int, x: Double, y: Double, height: Double, mouth: Double, yaw: Double) {
            self.number = number
            self.x = x
            self.y = y
            self.height = height
            self.mouth = mouth
            self.yaw = yaw
        }
    }
    /// One picture.
    package struct Look: Sendable, Hashable, Codable {
        /// Seconds of the file.
        package var time: Double
        package var faces: [Face]
        /// Seconds of the file, and every face that is seen.
        package init(time: Double, faces: [Face]) {
            self.time = time
            self.faces = faces
        }
    }
    /// Seconds from look to look.
    package var interval: Double
    /// In order of time.
    package var looks: [Look]
    /// Looks in order of time, `interval` seconds apart.
    package init(interval: Double, looks: [Look]) {
        self.interval = interval
        self.looks = looks
    }
}

/// What an `AssetResolver` answers when it is asked about faces.
package enum FaceKnowledge: Sendable, Hashable {
    /// Nobody looks: an editor's key press must not wait for it.
    case notAsked
    /// There is no face model on this machine.
    case noModel
    /// The footage cannot be read at these times, or the model cannot; why.
    case unreadable(String)
    case seen(FaceFacts)
}
