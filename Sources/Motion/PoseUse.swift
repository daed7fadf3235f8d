// How a path is used by an actor: shifted, faster, in a loop, smoothed.
import Base

/// One `pose` clause.
package struct PoseUse: Hashable, Sendable {
    package var path: PosePath
    package var offset: Rational
    package var speed: Rational
    package var loops: Bool
    /// Half width of the mean over time, in seconds; zero: none.
    package var smoothing: Rational

    package init(path: PosePath, offset: Rational = .zero, speed: Rational = Rational(1), loops: Bool = false, smoothing: Rational = .zero) {
        self.path = path
        self.offset = offset
        self.speed = speed
        self.loops = loops
        self.smoothing = smoothing
    }

    /// The pose at a time of the shot.
    package func pose(at time: Rational) -> HeadPose {
        guard smoothing > .zero else { return raw(at: time) }
        let steps = 3
        var sum = HeadPose.neutral
        for k in -steps...steps { sum = sum + raw(at: time + smoothing * Rational(Int64(k), Int64(steps))) }
        let n = Float(2 * steps + 1)
        return HeadPose(yaw: sum.yaw / n, pitch: sum.pitch / n, roll: sum.roll / n, translation: sum.translation / n)
    }

    private func raw(at time: Rational) -> HeadPose {
        var t = time * speed + offset
        let length = path.duration
        if loops, length > .zero { t = t - length * Rational((t / length).floor) }
        return path.pose(at: t)
    }
}
