// Stacks with known parts, and pictures as planes.
import Foundation
import Dispatch
import Synchronization
import Testing
@testable import Imaging

private func pattern(_ width: Int, _ height: Int, alpha: Float = 1) -> Frame {
    let builder = FrameBuilder(width: width, height: height)
    for y in 0..<height { for x in 0..<width {
        let p = builder.pixels + 4 * (y * width + x)
        p[0] = alpha * Float(x) / Float(width); p[1] = alpha * Float(y) / Float(height); p[2] = alpha * Float((x * y) % 7) / 7; p[3] = alpha
    } }
    return builder.freeze()
}

/// The sum as it stands in the books, pixel by pixel.
private func plainOver(_ top: Frame, _ below: Frame, _ opacity: Float) -> Frame {
    let builder = FrameBuilder(width: below.width, height: below.height)
    for y in 0..<below.height { for x in 0..<below.width {
        let t = top[x, y] * opacity, r = t + below[x, y] * (1 - t.w)
        for c in 0..<4 { builder.pixels[4 * (y * below.width + x) + c] = r[c] }
    } }
    return builder.freeze()
}

@Suite struct StackTests {
    @Test("a part laid over a picture equals the plain sum", arguments: [(0.0, 0.0), (5.0, -3.0), (2.25, 3.75), (-4.0, 9.0), (100.0, 0.0)], [Float(1), 0.4])
    func parts(place: (Double, Double), opacity: Float) {
        let below = pattern(37, 22), top = pattern(11, 9, alpha: 0.6).drawn(into: PixelRect(x: place.0, y: place.1, width: 11, height: 9), canvasWidth: 37, canvasHeight: 22)
        let expected = plainOver(top, below, opacity), made = top.over(below, opacity: opacity)
        #expect(made.meanSquaredDifference(to: expected) < 1e-13)
        for y in 0..<22 { for x in 0..<37 where !(top.content.x.contains(x) && top.content.y.contains(y)) { #expect(top[x, y] == .zero) } }
    }
    @Test func anOpaquePictureHidesWhatIsBelow() {
        let cover = Frame.filled(width: 8, height: 8, SIMD4(1, 0, 0, 1)), lost = pattern(8, 8), dot = Frame.filled(width: 8, height: 8, SIMD4(0, 0.5, 0, 0.5))
        #expect(Frame.stacked([StackedPicture(frame: lost, opacity: 1), StackedPicture(frame: cover, opacity: 1)]).isIdentical(to: cover))
        let mixed = Frame.stacked([StackedPicture(frame: lost, opacity: 1), StackedPicture(frame: cover, opacity: 1), StackedPicture(frame: dot, opacity: 1)])
        #expect(mixed[3, 3] == SIMD4(0.5, 0.5, 0, 1) && mixed.isOpaque)
        #expect(!Frame.stacked([StackedPicture(frame: lost, opacity: 1), StackedPicture(frame: cover, opacity: 0.5)]).isIdentical(to: cover))
    }
    @Test func anEmptyPictureChangesNothing() {
        let below = pattern(8, 8)
        #expect(Frame.filled(width: 8, height: 8, .zero).over(below).isIdentical(to: below))
    }
    @Test func memoryIsUsedAgainAndNewPicturesAreClean() {
        for _ in 0..<40 {
            _ = Frame.filled(width: 33, height: 17, SIMD4(1, 1, 1, 1))
            let builder = FrameBuilder(width: 33, height: 17)
            #expect((0..<(4 * 33 * 17)).allSatisfy { builder.pixels[$0] == 0 })
        }
    }
}

@Suite struct PlaneTests {
    /// BT.709 in limited range.
    private static let forward = PlaneWeights([SIMD4(46.5594, 156.6288, 15.8118, 16), SIMD4(-25.6642, -86.3358, 112, 128), SIMD4(112, -101.7303, -10.2697, 128)])
    private static let back = PlaneWeights([SIMD4(1 / 219, 0, 1.5748 / 224, -16 / 219 - 128 * 1.5748 / 224),
                                            SIMD4(1 / 219, -0.18732 / 224, -0.46812 / 224, -16 / 219 + 128 * (0.18732 + 0.46812) / 224),
                                            SIMD4(1 / 219, 1.8556 / 224, 0, -16 / 219 - 128 * 1.8556 / 224)])
    private func through(_ frame: Frame) -> Frame {
        let (w, h) = (frame.width, frame.height)
        let (sw, sh) = ((w + 1) / 2, (h + 1) / 2)
        let luma = UnsafeMutablePointer<UInt8>.allocate(capacity: w * h), small = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * sw * sh)
        defer { luma.deallocate(); small.deallocate() }
        let planes = PlanePointers(bases: [luma, small, small + sw * sh], strides: [w, sw, sw])
        frame.writePlanes(Self.forward, to: planes)
        return Frame(planes: planes, width: w, height: h, weights: Self.back)
    }
    @Test("a flat colour comes back within a level, at odd sizes too", arguments: [(16, 8), (17, 9), (1, 1), (2, 3)])
    func flat(size: (Int, Int)) {
        for color in [SIMD4<Float>(0, 0, 0, 1), SIMD4(1, 1, 1, 1), SIMD4(0.75, 0.1, 0.3, 1), SIMD4(0.2, 0.9, 0.4, 1)] {
            let seen = through(.filled(width: size.0, height: size.1, color))
            for y in 0..<size.1 { for x in 0..<size.0 { for c in 0..<3 { #expect(abs(seen[x, y][c] - color[c]) < 1.5 / 255) } } }
        }
    }
    @Test func smoothColoursKeepTheirPlace() {
        // A ramp in colour: a shift of half a small pixel would show as two levels.
        let builder = FrameBuilder(width: 64, height: 32)
        for y in 0..<32 { for x in 0..<64 {
            let p = builder.pixels + 4 * (y * 64 + x)
            p[0] = 0.2 + 0.6 * Float(x) / 63; p[1] = 0.5; p[2] = 0.8 - 0.5 * Float(y) / 31; p[3] = 1
        } }
        let picture = builder.freeze(), seen = through(picture)
        for y in 2..<30 { for x in 2..<62 { for c in 0..<3 { #expect(abs(seen[x, y][c] - picture[x, y][c]) < 2.0 / 255) } } }
    }
    @Test func whatIsNoNumberIsBlack() {
        let seen = through(.filled(width: 8, height: 4, SIMD4(.nan, -3, .infinity, 1)))
        #expect(abs(seen[3, 1].x) < 0.02 && abs(seen[3, 1].y) < 0.02 && abs(seen[3, 1].z - 1) < 0.02)
    }
    @Test("words of 16 bits are exact", arguments: [0, 1, 2, 3]) func words(turns: Int) {
        let picture = pattern(10, 6)
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 6 * 60)
        defer { bytes.deallocate() }
        picture.writeWords(to: bytes, stride: 60)
        let seen = Frame(words: UnsafeRawBufferPointer(start: bytes, count: 360), width: 10, height: 6, turns: turns)
        let corner = turns == 0 ? seen[9, 0] : turns == 1 ? seen[5, 9] : turns == 2 ? seen[0, 5] : seen[0, 0]
        #expect(abs(corner.x - 0.9) < 1e-4)
    }
}

@Suite struct ThreadTests {
    @Test func manyThreadsDrawTheSamePictures() {
        let source = pattern(120, 90), planes = UnsafeMutablePointer<UInt8>.allocate(capacity: 120 * 90 * 2)
        defer { planes.deallocate() }
        for i in 0..<(120 * 90 * 2) { planes[i] = UInt8(truncatingIfNeeded: i &* 31) }
        let weights = PlaneWeights([SIMD4(1 / 255, 0, 0.002, 0), SIMD4(1 / 255, 0.001, 0, 0), SIMD4(1 / 255, 0, 0, 0)])
        nonisolated(unsafe) let base = planes
        @Sendable func work(_ k: Int) -> [Frame] {
            let decoded = Frame(planes: PlanePointers(bases: [base, base + 120 * 90, base + 120 * 90 + 60 * 45], strides: [120, 60, 60]), width: 120, height: 90, weights: weights)
            let small = decoded.drawn(into: PixelRect(x: 3.3, y: 2, width: 60.5, height: 40), canvasWidth: 80, canvasHeight: 50)
            return [small, small.over(source.drawn(into: PixelRect(x: 0, y: 0, width: 80, height: 50), canvasWidth: 80, canvasHeight: 50), opacity: 0.7), decoded.blurred(radius: 6), decoded.mixed(with: source, 0.3)]
        }
        let expected = work(0)
        let wrong = ManagedCount()
        DispatchQueue.concurrentPerform(iterations: 400) { k in
            for (a, b) in zip(work(k), expected) where a.meanSquaredDifference(to: b) != 0 { wrong.add() }
        }
        #expect(wrong.value == 0)
    }
}

private final class ManagedCount: Sendable {
    private let count = Mutex(0)
    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}
