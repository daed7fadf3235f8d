// Where the head is, as authors say it.

/// Head pose relative to the persona's neutral pose facing the camera (scene language, section 4).
public struct HeadPose: Hashable, Sendable {
    /// Radians. Positive: the face turns towards the viewer's right.
    public var yaw: Float
    /// Radians. Positive: looks up.
    public var pitch: Float
    /// Radians. Positive: the head tilts clockwise as the viewer sees it.
    public var roll: Float
    /// Centimetres: x to the viewer's right, y up, z towards the viewer.
    public var translation: SIMD3<Float>

    public init(yaw: Float = 0, pitch: Float = 0, roll: Float = 0, translation: SIMD3<Float> = .zero) {
        self.yaw = yaw
        self.pitch = pitch
        self.roll = roll
        self.translation = translation
    }
    public static let neutral = HeadPose()
}
