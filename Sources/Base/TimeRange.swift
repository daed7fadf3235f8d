// Half-open ranges of time.

/// `[start, end)` in seconds.
public struct TimeRange: Hashable, Sendable, CustomStringConvertible {
    public var start: Rational
    public var end: Rational

    /// A range; an end before the start is an empty range at the start.
    public init(start: Rational, end: Rational) {
        self.start = start
        self.end = max(start, end)
    }

    public var duration: Rational { end - start }
    public var isEmpty: Bool { end <= start }
    public func contains(_ time: Rational) -> Bool { start <= time && time < end }
    public func overlaps(_ other: TimeRange) -> Bool { start < other.end && other.start < end }
    public func shifted(by offset: Rational) -> TimeRange { TimeRange(start: start + offset, end: end + offset) }
    public func clamped(to other: TimeRange) -> TimeRange {
        TimeRange(start: max(start, other.start), end: max(max(start, other.start), min(end, other.end)))
    }
    public var description: String { "\(start.doubleValue)s..\(end.doubleValue)s" }
}
