// Laws of paths, easings and blinks.
import Base
import Motion
import Testing

@Suite struct RotationLaws {
    @Test func anglesRoundTrip() {
        for yaw in stride(from: -1.2, through: 1.2, by: 0.4) {
            for pitch in stride(from: -1.0, through: 1.0, by: 0.5) {
                for roll in stride(from: -1.0, through: 1.0, by: 0.5) {
                    let back = Quaternion(yaw: yaw, pitch: pitch, roll: roll).angles
                    #expect(abs(back.yaw - yaw) < 1e-9)
                    #expect(abs(back.pitch - pitch) < 1e-9)
                    #expect(abs(back.roll - roll) < 1e-9)
                }
            }
        }
    }

    @Test func positiveYawTurnsTheNoseToTheViewersRight() {
        let nose = Quaternion(yaw: 0.3, pitch: 0, roll: 0).matrix.map { $0.z }
        #expect(nose[0] > 0.29)
        let up = Quaternion(yaw: 0, pitch: 0.3, roll: 0).matrix.map { $0.z }
        #expect(up[1] > 0.29)
        let crown = Quaternion(yaw: 0, pitch: 0, roll: 0.3).matrix.map { $0.y }
        #expect(crown[0] > 0.29)
    }

    @Test func slerpKeepsTheSpeedConstant() {
        let a = Quaternion(yaw: -1.2, pitch: 0.2, roll: 0), b = Quaternion(yaw: 1.2, pitch: -0.3, roll: 0.4)
        func angle(_ p: Quaternion, _ q: Quaternion) -> Double { abs((p.vector * q.vector).sum()) }
        let first = angle(Quaternion.slerp(a, b, 0.1), Quaternion.slerp(a, b, 0.2))
        let last = angle(Quaternion.slerp(a, b, 0.8), Quaternion.slerp(a, b, 0.9))
        #expect(abs(first - last) < 1e-9)
    }
}

@Suite struct PathLaws {
    let glance = PosePath.keyed([
        .init(time: Rational(0), values: [.yaw: 0]),
        .init(time: Rational(2), values: [.yaw: 0.4, .pitch: -0.1]),
        .init(time: Rational(4), values: [.yaw: 0, .pitch: 0]),
    ])

    @Test func passesThroughItsKeysAndHoldsOutside() {
        #expect(abs(glance.pose(at: Rational(2)).yaw - 0.4) < 1e-6)
        #expect(abs(glance.pose(at: Rational(9)).yaw) < 1e-6)
        #expect(glance.pose(at: Rational(-1)).yaw == 0)
    }

    @Test func aMissingChannelComesFromTheKeysThatNameIt() {
        #expect(abs(glance.pose(at: Rational(1)).pitch + 0.1) < 1e-6)
    }

    @Test func wanderStaysWithinItsAmplitudeAndRepeats() {
        let sway = PosePath.wander(amplitudes: [.yaw: 0.1, .roll: 0.02], period: Rational(3), seed: 7)
        for frame in 0..<500 {
            let pose = sway.pose(at: Rational(Int64(frame), 25))
            #expect(abs(pose.yaw) <= 0.1 && abs(pose.roll) <= 0.02 && pose.pitch == 0)
        }
        #expect(sway.pose(at: Rational(5)) == sway.pose(at: Rational(5)))
        #expect(sway.pose(at: Rational(5)) != PosePath.wander(amplitudes: [.yaw: 0.1], period: Rational(3), seed: 8).pose(at: Rational(5)))
    }

    @Test func recordedRunsBackAndForth() {
        let order = (0..<12).map { PosePath.pingPong($0, 5) }
        #expect(order == [0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 1])
    }
}

@Suite struct BlinkLaws {
    let calm = BlinkCurve.every(interval: Rational(4), tolerance: Rational(6, 5), duration: Rational(4, 25), seed: 3)

    @Test func blinksShutFullyAndOpenAgain() {
        let starts = calm.starts(until: Rational(60))
        #expect(starts.count >= 12 && starts.count <= 17)
        for start in starts {
            #expect(calm.closure(at: start + Rational(4, 25) * Rational(2, 5)) == 1)
            #expect(calm.closure(at: start + Rational(4, 25)) == 0)
        }
    }

    @Test func closureStaysInRangeEvenWithOvershoot() {
        let wink = BlinkCurve.keyed(Curve(keys: [
            .init(time: .zero, value: 0), .init(time: Rational(1), value: 1, easing: .bezier(0.3, 2.5, 0.6, 3)),
        ]))
        for step in 0...100 {
            let value = wink.closure(at: Rational(Int64(step), 100))
            #expect(value >= 0 && value <= 1)
        }
    }

    @Test func easingsStartAtZeroAndEndAtOne() {
        for easing in [Easing.linear, .easeIn, .easeOut, .easeInOut, .hold, .bezier(0.1, 2, 0.9, -1)] {
            #expect(easing.value(at: 0) == 0)
            #expect(easing.value(at: 1) == 1)
        }
    }
}
