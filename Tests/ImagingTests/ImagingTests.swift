// Known answers and laws of resizing, compositing and comparing pictures.
import Base
import Foundation
import Testing
@testable import Imaging

private func noise(_ width: Int, _ height: Int, seed: UInt64) -> Frame {
    let builder = FrameBuilder(width: width, height: height)
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    for i in 0..<(width * height) {
        for c in 0..<3 {
            state = state &* 6364136223846793005 &+ 1442695040888963407
            builder.pixels[4 * i + c] = Float(state >> 40) / Float(1 << 24)
        }
        builder.pixels[4 * i + 3] = 1
    }
    return builder.freeze()
}

private func mean(_ frame: Frame) -> SIMD4<Double> {
    var sum = SIMD4<Double>.zero
    for y in 0..<frame.height { for x in 0..<frame.width { sum += SIMD4<Double>(frame[x, y]) } }
    return sum / Double(frame.width * frame.height)
}

@Suite struct ResamplingTests {
    @Test func shrinkingKeepsTheMean() {
        let picture = noise(96, 64, seed: 3)
        let small = picture.drawn(into: PixelRect(x: 0, y: 0, width: 32, height: 16), canvasWidth: 32, canvasHeight: 16)
        let difference = mean(picture) - mean(small)
        #expect((0..<4).allSatisfy { abs(difference[$0]) < 1e-4 })
    }
    @Test func sameSizeIsTheSamePicture() {
        let picture = noise(40, 30, seed: 5)
        let same = picture.drawn(into: PixelRect(x: 0, y: 0, width: 40, height: 30), canvasWidth: 40, canvasHeight: 30)
        #expect(same.meanSquaredDifference(to: picture) < 1e-12)
    }
    @Test("a flat colour stays flat at any size", arguments: [7, 20, 33, 100])
    func flat(size: Int) {
        let picture = Frame.filled(width: 20, height: 20, SIMD4(0.2, 0.4, 0.6, 1))
        let drawn = picture.drawn(into: PixelRect(x: 0, y: 0, width: Double(size), height: Double(size)), canvasWidth: size, canvasHeight: size)
        for y in 0..<size { for x in 0..<size {
            let d = drawn[x, y] - SIMD4(0.2, 0.4, 0.6, 1)
            #expect(abs(d.x) + abs(d.y) + abs(d.z) + abs(d.w) < 1e-5)
        } }
    }
    @Test func outsideTheRectangleIsTransparent() {
        let drawn = Frame.filled(width: 4, height: 4, SIMD4(1, 1, 1, 1)).drawn(into: PixelRect(x: 2.5, y: 3, width: 4, height: 2), canvasWidth: 10, canvasHeight: 8)
        #expect(drawn[1, 3].w == 0 && drawn[7, 3].w == 0 && drawn[4, 2].w == 0 && drawn[4, 5].w == 0)
        #expect(abs(drawn[2, 3].w - 0.5) < 1e-5 && abs(drawn[4, 4].w - 1) < 1e-5 && abs(drawn[6, 3].w - 0.5) < 1e-5)
    }
    @Test func fittingCoversOrContains() {
        let rect = PixelRect(x: 0, y: 0, width: 100, height: 100)
        #expect(rect.fitting(width: 200, height: 100, cover: true) == PixelRect(x: -50, y: 0, width: 200, height: 100))
        #expect(rect.fitting(width: 200, height: 100, cover: false) == PixelRect(x: 0, y: 25, width: 100, height: 50))
    }
    @Test("blurring keeps the mean and spreads a point by its deviation", arguments: [4.0, 9.0])
    func blur(radius: Double) {
        let builder = FrameBuilder(width: 81, height: 81)
        builder.pixels[4 * (40 * 81 + 40)] = 1
        let blurred = builder.freeze().blurred(radius: radius)
        var (total, spread) = (0.0, 0.0)
        for y in 0..<81 { for x in 0..<81 {
            let v = Double(blurred[x, y].x)
            total += v
            spread += v * Double((x - 40) * (x - 40))
        } }
        #expect(abs(total - 1) < 1e-3)
        #expect(abs((spread / total).squareRoot() / (radius / 2) - 1) < 0.25)
    }
}

@Suite struct CompositingTests {
    @Test func overIsPremultiplied() {
        let top = Frame.filled(width: 3, height: 2, SIMD4(0.25, 0, 0, 0.5)), below = Frame.filled(width: 3, height: 2, SIMD4(0, 0.8, 0, 1))
        let mixed = top.over(below)[1, 1]
        #expect(abs(mixed.x - 0.25) < 1e-6 && abs(mixed.y - 0.4) < 1e-6 && abs(mixed.w - 1) < 1e-6)
        let dim = top.over(below, opacity: 0.5)[1, 1]
        #expect(abs(dim.x - 0.125) < 1e-6 && abs(dim.y - 0.6) < 1e-6)
    }
    @Test func mixEndsAreThePictures() {
        let (a, b) = (noise(8, 8, seed: 1), noise(8, 8, seed: 2))
        #expect(a.mixed(with: b, 0).meanSquaredDifference(to: a) == 0)
        #expect(a.mixed(with: b, 1).meanSquaredDifference(to: b) < 1e-12)
        #expect(abs(a.mixed(with: b, 0.5)[3, 3].x - (a[3, 3].x + b[3, 3].x) / 2) < 1e-6)
    }
    @Test("a wipe begins with the first and ends with the second picture", arguments: [(1, 0), (-1, 0), (0, 1), (0, -1)])
    func wipe(direction: (Int, Int)) {
        let (a, b) = (Frame.filled(width: 64, height: 36, SIMD4(1, 0, 0, 1)), Frame.filled(width: 64, height: 36, SIMD4(0, 0, 1, 1)))
        #expect(a.wiped(to: b, 0, dx: direction.0, dy: direction.1).meanSquaredDifference(to: a) == 0)
        #expect(a.wiped(to: b, 1, dx: direction.0, dy: direction.1).meanSquaredDifference(to: b) == 0)
        let half = mean(a.wiped(to: b, 0.5, dx: direction.0, dy: direction.1))
        #expect(abs(half.z - 0.5) < 0.04)
    }
}

@Suite struct SimilarityTests {
    @Test func psnrOfAKnownDifference() {
        let a = Frame.filled(width: 16, height: 16, SIMD4(0.5, 0.5, 0.5, 1)), b = Frame.filled(width: 16, height: 16, SIMD4(0.6, 0.6, 0.6, 1))
        #expect(abs(a.psnr(to: b) - 20) < 1e-4)
        #expect(a.psnr(to: a) == .infinity)
    }
    @Test func ssimOfEqualPicturesIsOneAndFallsWithNoise() {
        let a = noise(48, 48, seed: 9)
        #expect(abs(a.ssim(to: a) - 1) < 1e-9)
        let little = a.mixed(with: noise(48, 48, seed: 10), 0.1).ssim(to: a), much = a.mixed(with: noise(48, 48, seed: 10), 0.6).ssim(to: a)
        #expect(little < 1 && much < little && little > 0.9)
    }
    @Test func ssimOfFlatPicturesIsTheLuminanceTerm() {
        let a = Frame.filled(width: 16, height: 16, SIMD4(0.5, 0.5, 0.5, 1)), b = Frame.filled(width: 16, height: 16, SIMD4(0.25, 0.25, 0.25, 1))
        let expected = (2 * 0.5 * 0.25 + 0.0001) / (0.25 + 0.0625 + 0.0001)
        #expect(abs(a.ssim(to: b) - expected) < 1e-4)
    }
}
