// Frames a second, and the two conversions between frames and time.

/// An exact frame rate, 24000/1001 included.
public struct FrameRate: Hashable, Sendable, CustomStringConvertible {
    /// Frames a second; always positive.
    public let framesPerSecond: Rational

    /// A rate; values that are not positive become 25.
    public init(_ framesPerSecond: Rational) {
        self.framesPerSecond = framesPerSecond > .zero ? framesPerSecond : Rational(25)
    }
    /// A whole rate.
    public init(_ framesPerSecond: Int) { self.init(Rational(framesPerSecond)) }

    /// Start of a frame in seconds.
    public func time(ofFrame frame: Int) -> Rational { Rational(frame) / framesPerSecond }
    /// Length of one frame in seconds.
    public var frameDuration: Rational { Rational(1) / framesPerSecond }
    /// The frame boundary nearest to a time.
    public func nearestFrame(to time: Rational) -> Int { (time * framesPerSecond).rounded }
    /// The frame on screen at a time.
    public func frame(at time: Rational) -> Int { (time * framesPerSecond).floor }

    public var description: String { "\(framesPerSecond)fps" }
}
