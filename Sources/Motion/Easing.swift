// How a value travels from one keyframe to the next.
import Foundation

/// The shape of the way to a keyframe.
package enum Easing: Hashable, Sendable {
    case linear, easeIn, easeOut, easeInOut, hold
    /// A cubic Bézier curve through (0,0), (x1,y1), (x2,y2), (1,1), as in CSS.
    case bezier(Double, Double, Double, Double)

    /// Progress of the value at progress `t` of the time, both 0…1 (a Bézier curve may overshoot).
    package func value(at t: Double) -> Double {
        switch self {
        case .linear: t
        case .easeIn: Easing.bezier(0.42, 0, 1, 1).value(at: t)
        case .easeOut: Easing.bezier(0, 0, 0.58, 1).value(at: t)
        case .easeInOut: Easing.bezier(0.42, 0, 0.58, 1).value(at: t)
        case .hold: t < 1 ? 0 : 1
        case .bezier(let x1, let y1, let x2, let y2): Easing.bezier(x1, y1, x2, y2, at: t)
        }
    }

    private static func bezier(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, at t: Double) -> Double {
        guard t > 0, t < 1 else { return t <= 0 ? 0 : 1 }
        func curve(_ a: Double, _ b: Double, _ u: Double) -> Double {
            3 * a * u * (1 - u) * (1 - u) + 3 * b * u * u * (1 - u) + u * u * u
        }
        // x is monotone for control points within 0…1: bisection cannot fail.
        var low = 0.0, high = 1.0
        for _ in 0..<48 {
            let middle = (low + high) / 2
            if curve(x1, x2, middle) < t { low = middle } else { high = middle }
        }
        return curve(y1, y2, (low + high) / 2)
    }
}
