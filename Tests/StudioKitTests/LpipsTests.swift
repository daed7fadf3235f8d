// LPIPS against the values that are known for the example pictures.
import Media
import TestSupport
import Testing
@testable import TalkingHead

@Suite struct Lpips {
    static let weights = SharedFolder.file("data/models/lpips_alexnet.safetensors")

    @Test(.enabled(if: weights != nil, "shared/data/models/lpips_alexnet.safetensors is missing"))
    func knownPictures() throws {
        let path = try #require(Self.weights)
        let net = try #require(try PerceptualDistance(path: path))
        func picture(_ name: String) throws -> (values: [Float], height: Int, width: Int) {
            let image = try ImageFile.readRaw(try #require(SharedFolder.file("data/models/lpips_example/\(name).png")), channels: 3)
            let plane = image.width * image.height
            return ((0..<3 * plane).map { Float(image.bytes[3 * ($0 % plane) + $0 / plane]) / 255 }, image.height, image.width)
        }
        let reference = try picture("ex_ref")
        for (name, expected) in [("ex_p0", Float(0.7219)), ("ex_p1", 0.1376)] {
            let value = net.distance(try picture(name).values, reference.values, height: reference.height, width: reference.width).value
            #expect(abs(value - expected) < 2e-3, "\(name): \(value)")
        }
    }
}
