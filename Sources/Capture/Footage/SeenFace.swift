// The chosen face in every picture of the data set, kept on disk so that the film is looked at once.
import Engines
import Foundation
import Tensors

/// Mesh points in pixels of the data set's pictures.
struct SeenFace: Sendable {
    var crop: FootageCrop
    /// Numbers of the pictures in which it is seen, in order.
    var frames: [Int]
    /// Of each of them.
    var points: [[SIMD3<Float>]]
    /// Yaw, pitch and roll as the mesh alone says them, radians.
    var angles: [SIMD3<Float>]

    private static let file = "looks.safetensors"

    /// Whether the look at the film is done.
    static func isKept(in folder: DatasetFolder) -> Bool { folder.exists(file) }

    init(_ look: FootageLook, size: Int) {
        let crop = FootageCrop(looks: look.looks.map(\.sighting), width: look.width, height: look.height, size: size)
        self.crop = crop
        frames = look.looks.map(\.frame)
        points = look.looks.map { $0.sighting.landmarks.map(crop.placed) }
        angles = look.looks.map { SIMD3($0.sighting.yaw, $0.sighting.pitch, $0.sighting.roll) }
    }

    func keep(in folder: DatasetFolder) throws {
        let count = points.first?.count ?? 0
        let tensors = [
            "crop": Tensor(shape: [4], values: [Float(crop.x), Float(crop.y), Float(crop.side), Float(crop.size)]),
            "frames": Tensor(shape: [frames.count], values: frames.map { Float($0) }),
            "points": Tensor(shape: [frames.count, count, 3], values: points.flatMap { $0.flatMap { [$0.x, $0.y, $0.z] } }),
            "angles": Tensor(shape: [frames.count, 3], values: angles.flatMap { [$0.x, $0.y, $0.z] }),
        ]
        do { try SafetensorsFile.write(tensors, to: folder.file(Self.file)) } catch { throw DatasetFolder.refusal(folder.path, error) }
    }

    /// What an interrupted capture kept; nil where there is nothing, or nothing whole.
    init?(keptIn folder: DatasetFolder, size: Int) throws {
        guard folder.exists(Self.file), let tensors = try? SafetensorsFile.read(folder.file(Self.file)),
              let crop = tensors["crop"], let frames = tensors["frames"], let points = tensors["points"], let angles = tensors["angles"],
              crop.values.count == 4, crop.values[3] == Float(size), points.shape.count == 3, points.shape[0] == frames.values.count, points.shape[1] >= 468, points.shape[2] == 3,
              angles.shape == [frames.values.count, 3], frames.values.count >= FootageLook.leastFrames,
              (crop.values + frames.values + points.values + angles.values).allSatisfy({ $0.isFinite && abs($0) < 1e7 }), frames.values.allSatisfy({ $0 >= 0 }) else { return nil }
        func triple(_ tensor: Tensor, _ index: Int) -> SIMD3<Float> { SIMD3(tensor.values[3 * index], tensor.values[3 * index + 1], tensor.values[3 * index + 2]) }
        self.crop = FootageCrop(x: Int(crop.values[0]), y: Int(crop.values[1]), side: max(Int(crop.values[2]), 1), size: size)
        self.frames = frames.values.map { Int($0) }
        let count = points.shape[1]
        self.points = frames.values.indices.map { k in (0..<count).map { triple(points, k * count + $0) } }
        self.angles = frames.values.indices.map { triple(angles, $0) }
    }

    /// The 68 points of the data set layout.
    func layout(_ k: Int) -> [SIMD2<Float>] { MeshNumbers.layout68.map { SIMD2(points[k][$0].x, points[k][$0].y) } }
}

extension FootageCrop {
    init(x: Int, y: Int, side: Int, size: Int) { (self.x, self.y, self.side, self.size) = (x, y, side, size) }
}
