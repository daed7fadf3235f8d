// Placing and making pictures.
import Base
import Foundation
import Imaging
import Media
import RenderGraph
import Testing
@testable import RenderNodes

@Suite struct PlaceTests {
    private let dot = StillNode(kind: "dot", frame: .filled(width: 4, height: 2, SIMD4(1, 1, 1, 1)), key: ContentKey("dot"))

    @Test func aPictureLiesWhereItIsPlaced() throws {
        let placed = try RenderSession(budget: .single).picture(PlaceNode(dot, rect: PixelRect(x: 10, y: 6, width: 8, height: 4), width: 32, height: 16, isStill: true, origin: nil), 0)
        #expect(placed[9, 8].w == 0 && placed[18, 8].w == 0 && placed[12, 5].w == 0 && placed[12, 10].w == 0)
        #expect(abs(placed[12, 8].x - 1) < 1e-5 && placed.content.x == 10..<18 && placed.content.y == 6..<10)
    }
    @Test("fitting", arguments: [(FitNode.Mode.cover, true, true), (.contain, false, false), (.stretch, true, true)])
    func fit(mode: FitNode.Mode, corner: Bool, isOpaque: Bool) throws {
        let node = FitNode(dot, mode: mode, area: PixelRect(x: 0, y: 0, width: 20, height: 20), width: 20, height: 20, isStill: true, origin: nil)
        let picture = try RenderSession(budget: .single).picture(node, 0)
        #expect((picture[0, 0].w > 0.99) == corner && picture.isOpaque == isOpaque && abs(picture[10, 10].x - 1) < 1e-4)
    }
    @Test func blurFollowsItsCurve() throws {
        let base = StillNode(kind: "edge", frame: Frame.filled(width: 16, height: 16, SIMD4(1, 1, 1, 1)).drawn(into: PixelRect(x: 8, y: 0, width: 16, height: 16), canvasWidth: 32, canvasHeight: 16), key: ContentKey("edge"))
        let node = BlurNode(base, radius: [0, 3, 8], firstFrame: 5, origin: nil)
        let session = RenderSession(budget: .single)
        let steep = try (5..<8).map { frame -> Float in let p = try session.picture(node, frame); return p[9, 8].w - p[6, 8].w }
        #expect(steep[0] > steep[1] && steep[1] > steep[2])
        #expect(node.contentKey(5) != node.contentKey(6) && node.contentKey(7) == node.contentKey(99))
    }
    @Test func imagesAreReadWhenTheyAreDrawn() throws {
        let path = TestFile.path("a.png")
        try ImageFile.write(Frame.filled(width: 4, height: 4, SIMD4(0, 0.5, 0, 0.5)), to: path)
        let node = MadeNode.image(path, summary: "a.png", origin: nil)
        #expect(try abs(RenderSession(budget: .single).picture(node, 3)[1, 1].y - 0.5) < 0.01)
        try FileManager.default.removeItem(atPath: path)
        do {
            _ = try RenderSession(budget: .single).picture(node, 3)
            Issue.record("it was drawn")
        } catch let failure as RenderFailure { #expect(failure.underlying as? MediaError == .missing(path: path) && failure.frame == 3) }
    }
}
