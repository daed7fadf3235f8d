// The parameters that draw a frame; they are its ground truth as well.
import Kernels
import Motion

/// Pose and expression of the presenter. Unless said, 0…1.
package struct PresenterRig: Sendable, Hashable {
    /// Head pose: radians and centimetres, signs as in the scene language.
    package var pose = HeadPose.neutral
    package var jaw: Float = 0
    package var wide: Float = 0
    package var pucker: Float = 0
    /// Upper lip raised.
    package var upper: Float = 0
    /// Lips pressed together (M, B, P).
    package var press: Float = 0
    /// Lower lip under the teeth (F, V).
    package var tuck: Float = 0
    package var tongue: Float = 0
    package var smile: Float = 0.35
    /// 0 open … 1 shut.
    package var blink: Float = 0
    package init() {}
}

/// One unit of the model is about 9 cm.
let centimetresPerUnit: Float = 9

/// Everything about the mouth that a frame fixes once.
struct MouthShape: Sendable {
    var width: Float, height: Float, up: Float, low: Float
    let centerY: Float = -0.655
    var front: Float, upperRadius: Float, lowerRadius: Float, corner: Float

    init(_ rig: PresenterRig) {
        let jaw = rig.jaw * (1 - rig.press)
        width = 0.315 * (1 + 0.20 * rig.wide + 0.10 * rig.smile) * (1 - 0.42 * rig.pucker)
        height = 0.36 * jaw
        up = 0.18 * height + 0.055 * rig.upper * (1 - rig.press)
        low = 0.82 * height - rig.tuck * 0.03
        front = 0.865 + 0.09 * rig.pucker
        upperRadius = 0.062 * (1 - 0.35 * rig.press) * (1 - 0.15 * max(0, rig.wide))
        lowerRadius = 0.078 * (1 - 0.35 * rig.press) * (1 - 0.30 * rig.tuck)
        corner = 0.11 * rig.smile - 0.05 * rig.pucker
    }
    /// Shape of the opening over |x|: 1 in the middle, 0 at the corner.
    @inline(__always) func lens(_ x: F8) -> F8 {
        let q = x * (1 / width)
        return power(maximum(1 - q * q, f8(0)), 0.75)
    }
    /// How far the corners rise.
    @inline(__always) func bend(_ x: F8) -> F8 {
        let q = x * (1 / 0.34)
        return q * q * (corner * 0.9)
    }
    /// Depth of the lip line.
    @inline(__always) func depth(_ x: F8) -> F8 {
        let q = x * (1 / (width + 1e-4))
        return front - x * x - 0.035 * q * q * q * q
    }
    /// True when there is an opening to look into.
    var isOpen: Bool { height + up > 0.004 }
}
