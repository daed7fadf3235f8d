// The head's pose over time.
import Base
import Foundation

/// One channel of a head pose.
package enum PoseChannel: String, CaseIterable, Sendable, Hashable {
    case yaw, pitch, roll, x, y, z
    package var isAngle: Bool { self == .yaw || self == .pitch || self == .roll }
}

/// Where a pose comes from: keyframes, noise or samples.
package enum PosePath: Hashable, Sendable {
    /// A keyframe names some channels; a channel is interpolated between the keyframes that name it.
    /// Angles in radians, offsets in centimetres.
    case keyed([Keyframe])
    /// Smooth band-limited noise: amplitude of each channel, period of its slowest swing.
    case wander(amplitudes: [PoseChannel: Double], period: Rational, seed: Int)
    /// Recorded poses at a rate; beyond the end they run back and forth.
    case recorded([HeadPose], FrameRate)
    /// Poses of a file at their own times; the first and the last hold beyond the ends.
    case sampled(PoseSamples)

    package struct Keyframe: Hashable, Sendable {
        package var time: Rational
        package var values: [PoseChannel: Double]
        package var easing: Easing
        package init(time: Rational, values: [PoseChannel: Double], easing: Easing = .easeInOut) {
            self.time = time
            self.values = values
            self.easing = easing
        }
    }

    /// Time of the last keyframe, or length of the recording; zero for noise.
    package var duration: Rational {
        switch self {
        case .keyed(let keys): keys.last?.time ?? .zero
        case .wander: .zero
        case .recorded(let poses, let rate): rate.time(ofFrame: poses.count)
        case .sampled(let samples): Rational(approximating: samples.duration)
        }
    }

    /// The pose at a time.
    package func pose(at time: Rational) -> HeadPose {
        switch self {
        case .keyed(let keys): Self.interpolated(keys, at: time)
        case .wander(let amplitudes, let period, let seed): Self.noise(amplitudes, period, seed, at: time)
        case .recorded(let poses, let rate): Self.sample(poses, rate, at: time)
        case .sampled(let samples): samples.pose(at: time.doubleValue)
        }
    }

    private static func interpolated(_ keys: [Keyframe], at time: Rational) -> HeadPose {
        // Where two neighbouring keys name the same angles, the rotation goes over the sphere as one.
        if let whole = sphericalRotation(keys, at: time) {
            return HeadPose(rotation: whole, translation: translation(keys, at: time))
        }
        return HeadPose(yaw: channel(.yaw, keys, at: time), pitch: channel(.pitch, keys, at: time),
                        roll: channel(.roll, keys, at: time), translation: translation(keys, at: time))
    }

    private static func translation(_ keys: [Keyframe], at time: Rational) -> SIMD3<Float> {
        [channel(.x, keys, at: time), channel(.y, keys, at: time), channel(.z, keys, at: time)]
    }

    private static func sphericalRotation(_ keys: [Keyframe], at time: Rational) -> Quaternion? {
        guard let upper = keys.firstIndex(where: { $0.time > time }), upper > 0 else { return nil }
        let (a, b) = (keys[upper - 1], keys[upper])
        let angles: [PoseChannel] = [.yaw, .pitch, .roll]
        let used = angles.filter { name in keys.contains { $0.values[name] != nil } }
        guard used.count > 1, used.allSatisfy({ a.values[$0] != nil && b.values[$0] != nil }) else { return nil }
        let progress = b.easing.value(at: ((time - a.time) / (b.time - a.time)).doubleValue)
        func rotation(_ key: Keyframe) -> Quaternion {
            Quaternion(yaw: key.values[.yaw] ?? 0, pitch: key.values[.pitch] ?? 0, roll: key.values[.roll] ?? 0)
        }
        return Quaternion.slerp(rotation(a), rotation(b), progress)
    }

    private static func channel(_ name: PoseChannel, _ keys: [Keyframe], at time: Rational) -> Float {
        let named = keys.compactMap { key in
            key.values[name].map { Curve.Key(time: key.time, value: $0, easing: key.easing) }
        }
        return Float(Curve(keys: named).value(at: time))
    }

    /// Four octave-free sine pairs with seeded phases and incommensurate rates: smooth, bounded by the amplitude.
    private static func noise(_ amplitudes: [PoseChannel: Double], _ period: Rational, _ seed: Int, at time: Rational) -> HeadPose {
        let base = period > .zero ? period.doubleValue : 3
        func value(_ channel: PoseChannel) -> Float {
            guard let amplitude = amplitudes[channel], let index = PoseChannel.allCases.firstIndex(of: channel) else { return 0 }
            let random = SeededRandom(seed: UInt64(bitPattern: Int64(seed)), stream: UInt64(index) &+ 101)
            let rates = [1.0, 1.618, 2.414, 0.577]
            let weights = [0.45, 0.25, 0.12, 0.18]
            var sum = 0.0
            for (k, rate) in rates.enumerated() {
                let phase = Double(random.uniform(UInt64(k))) * 2 * .pi
                sum += weights[k] * sin(2 * .pi * rate * time.doubleValue / base + phase)
            }
            return Float(amplitude * sum)
        }
        return HeadPose(yaw: value(.yaw), pitch: value(.pitch), roll: value(.roll), translation: [value(.x), value(.y), value(.z)])
    }

    private static func sample(_ poses: [HeadPose], _ rate: FrameRate, at time: Rational) -> HeadPose {
        guard let first = poses.first else { return .neutral }
        guard poses.count > 1 else { return first }
        let position = max(0, (time * rate.framesPerSecond).doubleValue)
        let lower = Int(position)
        let fraction = Float(position - Double(lower))
        let (a, b) = (poses[Self.pingPong(lower, poses.count)], poses[Self.pingPong(lower + 1, poses.count)])
        return HeadPose(rotation: .slerp(a.rotation, b.rotation, Double(fraction)),
                        translation: a.translation + (b.translation - a.translation) * fraction)
    }

    /// Frame order forwards, backwards, forwards … (engine specification, 1.12).
    package static func pingPong(_ frame: Int, _ count: Int) -> Int {
        let (turn, rest) = (max(frame, 0) / max(count, 1), max(frame, 0) % max(count, 1))
        return turn % 2 == 0 ? rest : count - 1 - rest
    }
}
