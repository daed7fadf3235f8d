// Recorded values with the times at which they were taken.
import Base

/// Where a time lies between rising times: the sample before it and the part of the way to the next; held before the first and
/// behind the last.
private func between(_ times: [Double], _ time: Double) -> (index: Int, part: Double)? {
    guard let first = times.first, let last = times.last else { return nil }
    if time <= first { return (0, 0) }
    if time >= last { return (times.count - 1, 0) }
    var low = 0, high = times.count - 1
    while high - low > 1 {
        let middle = (low + high) / 2
        if times[middle] <= time { low = middle } else { high = middle }
    }
    return (low, (time - times[low]) / (times[high] - times[low]))
}

/// Head poses at rising times in seconds.
package struct PoseSamples: Hashable, Sendable {
    package let times: [Double]
    package let poses: [HeadPose]

    /// The times rise, and there are as many poses.
    package init(times: [Double], poses: [HeadPose]) {
        precondition(times.count == poses.count, "every pose has its time")
        self.times = times
        self.poses = poses
    }
    package var duration: Double { times.last ?? 0 }

    /// Between two poses the head turns on the sphere.
    package func pose(at time: Double) -> HeadPose {
        guard let (index, part) = between(times, time) else { return .neutral }
        guard part > 0 else { return poses[index] }
        let (a, b) = (poses[index], poses[index + 1])
        return HeadPose(rotation: .slerp(a.rotation, b.rotation, part), translation: a.translation + (b.translation - a.translation) * Float(part))
    }
}

/// Numbers at rising times in seconds; straight lines between them.
package struct ScalarSamples: Hashable, Sendable {
    package let times: [Double]
    package let values: [Double]

    /// The times rise, and there are as many values.
    package init(times: [Double], values: [Double]) {
        precondition(times.count == values.count, "every value has its time")
        self.times = times
        self.values = values
    }
    package func value(at time: Double) -> Double {
        guard let (index, part) = between(times, time) else { return 0 }
        return part > 0 ? values[index] + (values[index + 1] - values[index]) * part : values[index]
    }
}
