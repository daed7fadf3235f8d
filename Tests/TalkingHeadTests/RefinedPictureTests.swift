// Which pixels of a fast picture get a ray of their own, and what lies between them.
import Base
import Testing
@testable import TalkingHead

@Suite struct RefinedPictures {
    static let width = 37, height = 29

    /// Depths of a picture that is met everywhere.
    static let depths: DepthTiles = {
        let camera = RayCamera(cameraToWorld: [SIMD4(1, 0, 0, 0), SIMD4(0, 1, 0, 0), SIMD4(0, 0, 1, 0)], focal: SIMD2(40, 40), center: SIMD2(18, 14), width: width, height: height)
        return DepthTiles([SIMD3(0, 0, 0)], camera: camera)
    }()

    /// Draws a picture by formula with the passes, and gives it with the pixels that had rays.
    static func draw(spacing: Int, share: Float = 1, _ formula: (_ row: Int, _ column: Int) -> SIMD4<Float>) -> (pixels: [SIMD4<Float>], rays: [Int], taken: [UInt8]) {
        var pixels = [SIMD4<Float>](repeating: SIMD4(repeating: -1), count: width * height), rays: [Int] = [], taken = [UInt8](repeating: 0, count: width * height)
        let sieve = PictureSieve(width: width, height: height, share: share)
        for pass in PicturePass.all(spacing: spacing) {
            for band in 0..<((height + PictureSieve.block - 1) / PictureSieve.block) {
                let wanted = pixels.withUnsafeMutableBytes { raw -> [Int32] in
                    guard let base = raw.bindMemory(to: Float.self).baseAddress else { return [] }
                    return taken.withUnsafeMutableBufferPointer { taken in taken.baseAddress.map { sieve.sift(pass, band: band, depths, base, taken: $0) } ?? [] }
                }
                for pixel in wanted {
                    pixels[Int(pixel)] = formula(Int(pixel) / width, Int(pixel) % width)
                    rays.append(Int(pixel))
                    taken[Int(pixel)] = UInt8(1 + Int(pixel) / width / 8)
                }
            }
        }
        return (pixels, rays, taken)
    }

    @Test(arguments: [1, 2, 4]) func everyPixelOfANoisyPictureHasOneRay(spacing: Int) {
        func noise(_ row: Int, _ column: Int) -> SIMD4<Float> { SIMD4(repeating: Float((row * 7 + column * 13) % 5) / 5) }
        let (pixels, rays, _) = Self.draw(spacing: spacing, noise)
        #expect(rays.count == Self.width * Self.height && Set(rays).count == rays.count)
        #expect(pixels.indices.allSatisfy { pixels[$0] == noise($0 / Self.width, $0 % Self.width) })
    }

    @Test func aFlatOrEvenlyShadedPictureNeedsFewRaysAndComesOutRight() {
        func shade(_ row: Int, _ column: Int) -> SIMD4<Float> { SIMD4(0.2 + Float(row) / 2000, 0.9 - Float(column) / 1000, 0.5, 1) }
        let (pixels, rays, _) = Self.draw(spacing: 4, shade)
        // The lattice, and what lies at the edge of the picture and has no neighbours on all sides.
        #expect(rays.count < Self.width * Self.height / 3, "\(rays.count)")
        for (i, pixel) in pixels.enumerated() {
            let wanted = shade(i / Self.width, i % Self.width), wrong = pixel - wanted
            #expect(max(wrong.max(), -wrong.min()) < 1e-5, "pixel \(i)")
        }
    }

    @Test func anEdgeBetweenTwoSurfacesIsLookedAtPixelByPixel() {
        func step(_ row: Int, _ column: Int) -> SIMD4<Float> { column * 3 < row + 40 ? SIMD4(0.8, 0.6, 0.5, 1) : SIMD4(0.1, 0.1, 0.1, 1) }
        let (pixels, rays, _) = Self.draw(spacing: 4, step)
        #expect(pixels.indices.allSatisfy { pixels[$0] == step($0 / Self.width, $0 % Self.width) })
        #expect(rays.count < Self.width * Self.height * 2 / 3, "\(rays.count)")
    }

    @Test func aPixelBetweenOthersCountsAsManySamplesAsOneOfThem() {
        // Rays take as many samples as their row says; pixels between them are never farther from one than the lattice is wide.
        let (_, rays, taken) = Self.draw(spacing: 4) { _, _ in SIMD4(0.5, 0.5, 0.5, 1) }
        #expect(rays.count < Self.width * Self.height / 3)
        for (i, count) in taken.enumerated() {
            let row = i / Self.width
            #expect((max(row - 4, 0) / 8...(row + 4) / 8).contains(Int(count) - 1), "pixel \(i): \(count)")
        }
    }

    @Test func aFinerSieveLeavesFewerPixelsWithoutARay() {
        func shade(_ row: Int, _ column: Int) -> SIMD4<Float> { SIMD4(0.5 + 0.2 * Float(column) / 37 + Float((row * 5 + column * 3) % 4) / 255, 0.5, 0.5, 1) }
        let counts = [1, 0.5, 0.2].map { Self.draw(spacing: 4, share: $0, shade).rays.count }
        #expect(counts[0] < counts[1] && counts[1] < counts[2], "\(counts)")
    }
}
