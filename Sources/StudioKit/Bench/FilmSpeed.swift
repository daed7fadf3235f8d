// How fast films are read, put together and written: 1280x720, as most scenes are.
import Base
import Foundation
import Imaging
import Media
import RenderGraph
import RenderNodes

/// Speeds of a film of 1280x720.
package struct FilmSpeed: Sendable, Encodable {
    package var width: Int
    package var height: Int
    package var codec: String
    /// A person and a title over a background; the person moves and is scaled for every frame.
    package var composite: Throughput
    package var encode: Throughput
    package var decode: Throughput

    private static let width = 1280, height = 720, pictures = 6, filmFrames = 50

    /// Each of the three for so many seconds; `begins` hears which one is next. The film lies among the system's temporary files.
    static func measure(_ seconds: Double, threads: Int, begins: (String) throws -> Void) throws -> FilmSpeed {
        let root = scene(), session = RenderSession(budget: .single, threads: threads)
        let shown = try (0..<pictures).map { try session.picture(root, 4 * $0) }
        try begins("composite")
        let composite = try Throughput.measure(seconds, threads: threads) { _ = try session.picture(root, $0) }

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("studio-bench-\(UUID().uuidString)")
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch { throw StudioFailure.writing(folder.path, error) }
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("film.mp4").path, settings = VideoSettings(width: width, height: height, rate: FrameRate(25))
        try begins("encode")
        // Whole films, so that what an encoder keeps back is counted too.
        var encode = try Throughput.measure(seconds) { _ in try film(shown, path, settings) }
        encode.count *= filmFrames
        try begins("decode")
        var reader = try VideoReader(path: path)
        let decode = try Throughput.measure(seconds) { _ in
            if try reader.next() == nil {
                reader = try VideoReader(path: path)
                _ = try reader.next()
            }
        }
        return FilmSpeed(width: width, height: height, codec: settings.codec, composite: composite, encode: encode, decode: decode)
    }

    private static func film(_ pictures: [Frame], _ path: String, _ settings: VideoSettings) throws {
        let writer = try FilmWriter(path: path, video: settings, audio: nil)
        do {
            for k in 0..<filmFrames { try writer.write(pictures[k % pictures.count]) }
            try writer.finish()
        } catch {
            writer.cancel()
            throw error
        }
    }

    private static func scene() -> any PictureNode {
        let all = 0..<Int(Int32.max)
        let room = StillNode(kind: "room", frame: grain(width, height, seed: 1, isOpaque: true), key: ContentKey("bench room"))
        let title = StillNode(kind: "title", frame: grain(480, 96, seed: 2, isOpaque: false), key: ContentKey("bench title"))
        let placed = PlaceNode(title, rect: PixelRect(x: 60, y: 560, width: 480, height: 96), width: width, height: height, isStill: true, origin: nil)
        return StackNode(base: room, layers: [
            .init(node: MovingPicture(picture: grain(512, 512, seed: 3, isOpaque: false), width: width, height: height), frames: all, opacity: [1], isStill: false),
            .init(node: placed, frames: all, opacity: [0.9], isStill: true),
        ], origin: nil)
    }

    /// A picture with edges and grain, so that neither the encoder nor the blending finds it easy: an ellipse where it is not opaque.
    private static func grain(_ width: Int, _ height: Int, seed: UInt64, isOpaque: Bool) -> Frame {
        let builder = FrameBuilder(width: width, height: height), random = SeededRandom(seed: seed)
        let pixels = builder.pixels
        for y in 0..<height {
            for x in 0..<width {
                let u = 2 * Float(x) / Float(width) - 1, v = 2 * Float(y) / Float(height) - 1
                let alpha: Float = isOpaque ? 1 : min(max(8 * (1 - u * u - v * v), 0), 1)
                let tile: Float = (x / 24 + y / 24) % 2 == 0 ? 0.15 : 0
                let noise = 0.04 * random.uniform(UInt64(y * width + x))
                let color = SIMD4<Float>(0.3 + 0.3 * u + tile + noise, 0.4 + 0.3 * v + noise, 0.5 - tile + noise, 1) * alpha
                for c in 0..<4 { pixels[4 * (y * width + x) + c] = min(max(color[c], 0), 1) }
            }
        }
        return builder.freeze(isOpaque: isOpaque)
    }
}

/// A picture that sways, scaled to nine tenths of the canvas's height.
private struct MovingPicture: PictureNode {
    let kind = "moving"
    var origin: Origin? { nil }
    let picture: Frame
    let width: Int, height: Int

    func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(frame)
        return key
    }
    func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame {
        let side = 0.9 * Double(height), sway = 40 * sin(Double(frame) / 7)
        return picture.drawn(into: PixelRect(x: (Double(width) - side) / 2 + sway, y: 0.1 * Double(height), width: side, height: side), canvasWidth: width, canvasHeight: height)
    }
}
