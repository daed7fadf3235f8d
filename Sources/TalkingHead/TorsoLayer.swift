// The torso of one frame, behind the head.
import Base

/// Draws rows of a torso: those pixels that were baked, and by the network all others.
struct TorsoLayer: Sendable {
    private let renderer: TorsoRenderer
    private let pass: TorsoRenderer.Pass
    private let baked: (torso: BakedTorso, factors: [Float])?

    init(_ renderer: TorsoRenderer, _ baked: BakedTorso?, _ camera: RayCamera) {
        self.renderer = renderer
        pass = renderer.pass(camera, identity: 0)
        let fitting = baked.flatMap { $0.width == camera.width && $0.height == camera.height ? $0 : nil }
        self.baked = fitting.map { ($0, $0.factors(renderer.keyPoints(camera))) }
    }

    /// Behind premultiplied pixels of a whole picture, four floats each.
    func draw(rows: Range<Int>, under pixels: UnsafeMutablePointer<Float>) {
        renderer.draw(rows: rows, pass, under: pixels, only: baked?.torso.asks)
        guard let baked else { return }
        baked.torso.draw(rows: rows, baked.factors, under: pixels)
    }

    /// Multiply-adds of the network that `draw` over a whole picture takes.
    func multiplyAdds(under pixels: UnsafeMutablePointer<Float>) -> Int { renderer.multiplyAdds(pass, under: pixels, only: baked?.torso.asks) }
}
