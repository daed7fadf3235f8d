// Draws the presenter: head by ray marching, body from its layer, plate behind.
import Base
import Kernels
import Motion

/// A renderer for one picture size. Set-up bakes the light and draws the body; frames are then independent of each other.
package final class PresenterRenderer: Sendable {
    package let camera: PresenterCamera
    /// The plate behind the presenter, RGB.
    package let background: [UInt8]
    let antialias: Bool
    let light: LightVolume
    private let body: BodyLayer
    private let plate: [Float]

    package init(size: Int, antialias: Bool = true, budget: ComputeBudget = .single) {
        precondition(size >= 16 && size % 8 == 0, "a presenter picture is a multiple of 8 pixels wide")
        camera = PresenterCamera(size: size)
        self.antialias = antialias
        let head = HeadShape(PresenterRig())
        let stand = BodyShape()
        light = LightVolume(low: [-2.0, -3.4, -1.7], high: [2.0, 1.7, 1.4], cell: 0.055, key: StudioLight.key) { p in
            minimum(head.broadDistance(p), stand.map(p).distance)
        }
        body = BodyLayer(camera: camera, light: light, budget: budget)
        let plate = Self.drawPlate(size)
        self.plate = plate
        background = plate.map { UInt8($0 * 255 + 0.5) }
    }

    private static func drawPlate(_ size: Int) -> [Float] {
        var result = [Float](repeating: 0, count: size * size * 3)
        for y in 0..<size {
            for x in stride(from: 0, to: size, by: 8) {
                var u = F8()
                for lane in 0..<8 { u[lane] = (Float(x + lane) + 0.5) / Float(size) }
                let c = StudioLight.tone(StudioLight.backdrop(u, f8((Float(y) + 0.5) / Float(size))))
                for lane in 0..<8 {
                    let i = (y * size + x + lane) * 3
                    result[i] = c.x[lane]
                    result[i + 1] = c.y[lane]
                    result[i + 2] = c.z[lane]
                }
            }
        }
        return result
    }

    /// How far the shoulders follow the head, in pixels to the right: a part of its shift and of its turn.
    package func bodyShift(_ pose: HeadPose) -> Float {
        (0.30 * pose.translation.x / centimetresPerUnit + 0.10 * pose.yaw) * camera.focal / (PresenterCamera.position.z + 0.3)
    }

    /// Draws one frame.
    package func render(_ rig: PresenterRig, budget: ComputeBudget = .single) -> PresenterPicture {
        let size = camera.size
        let head = HeadDrawing(rig: rig, camera: camera, light: light)
        let shift = bodyShift(rig.pose)
        let samples = Buffer<Float>(count: size * size * 6)
        let torso = Buffer<Float>(count: size * size * 6)
        let s = BodyLayer.Raw(samples.pointer), b = BodyLayer.Raw(torso.pointer)
        let body = self.body
        budget.forEach(size) { y in
            Self.shiftRow(y, size, body, shift, b)
            head.drawRow(y, s)
        }
        if antialias {
            let refined = Buffer<Float>(count: size * size * 6)
            refined.pointer.update(from: samples.pointer, count: size * size * 6)
            let r = BodyLayer.Raw(refined.pointer)
            budget.forEach(size) { y in head.refineRow(y, from: s, into: r) }
            return assemble(rig, refined.pointer, torso.pointer)
        }
        return assemble(rig, samples.pointer, torso.pointer)
    }

    /// One row of the body layer at a subpixel shift: RGBA, depth, neck share.
    private static func shiftRow(_ y: Int, _ size: Int, _ body: BodyLayer, _ shift: Float, _ out: BodyLayer.Raw) {
        let whole = shift.rounded(.down)
        let fraction = shift - whole
        let row = (y + BodyLayer.margin) * body.width
        for x in 0..<size {
            let right = min(max(x + BodyLayer.margin - Int(whole), 1), body.width - 1)
            let (a, b) = (row + right - 1, row + right)
            let (wa, wb) = (fraction * body.pixels[4 * a + 3], (1 - fraction) * body.pixels[4 * b + 3])
            let alpha = wa + wb
            let scale = alpha > 0 ? 1 / alpha : 0
            let o = out.p + 6 * (y * size + x)
            for c in 0..<3 { o[c] = (body.pixels[4 * a + c] * wa + body.pixels[4 * b + c] * wb) * scale }
            o[3] = alpha
            o[4] = min(fraction > 0 ? body.depth[a] : 1e9, body.depth[b])
            o[5] = (body.neck[a] * wa + body.neck[b] * wb) * scale
        }
    }

    /// Head over body over plate. Samples: RGB, coverage, depth, lip share; the class of a pixel is what is seen most of in it.
    private func assemble(_ rig: PresenterRig, _ head: UnsafeMutablePointer<Float>, _ torso: UnsafeMutablePointer<Float>) -> PresenterPicture {
        let size = camera.size
        let count = size * size
        var rgb = [UInt8](repeating: 0, count: 3 * count), layer = [UInt8](repeating: 0, count: 4 * count)
        var parsing = [UInt8](repeating: 0, count: count), alpha = [UInt8](repeating: 0, count: count)
        for i in 0..<count {
            let h = head + 6 * i, t = torso + 6 * i
            // The neck and the collar hide hair that hangs behind them.
            let behind = t[3] > 0 && h[4] > t[4] && h[3] > 0
            let a = behind ? h[3] * (1 - t[3]) : h[3]
            for c in 0..<3 {
                let ground = t[c] * t[3] + plate[3 * i + c] * (1 - t[3])
                rgb[3 * i + c] = UInt8(min(max(h[c] * a + ground * (1 - a), 0), 1) * 255 + 0.5)
                layer[4 * i + c] = UInt8(min(max(t[c], 0), 1) * 255 + 0.5)
            }
            layer[4 * i + 3] = UInt8(t[3] * 255 + 0.5)
            alpha[i] = UInt8(a * 255 + 0.5)
            let body = t[3] * (1 - a)
            if a + body > 0.5 { parsing[i] = a >= body ? (h[5] > 0.5 ? 4 : 1) : (t[5] > 0.5 ? 2 : 3) }
        }
        let points = Landmarks(rig, light).points.map { camera.project($0, rig.pose) }
        let gap = points[66] - points[62]
        return PresenterPicture(size: size, rgb: rgb, parsing: parsing, torso: layer, headAlpha: alpha, landmarks: points,
                                mouthOpening: (gap * gap).sum().squareRoot())
    }
}
