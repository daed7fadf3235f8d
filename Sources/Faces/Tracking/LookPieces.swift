// What a look at a film has seen so far, kept in pieces: one that is interrupted goes on where it stopped.
import Base
import Engines
import Foundation
import Tensors

/// A folder with pieces of one look. Whatever the pieces, the look finds the same: each holds what the tracker knew at its end.
package struct LookPieces: Sendable {
    package let folder: String
    private let key: ContentKey
    /// Pictures of a piece: so many are looked at again where the program was ended without a word.
    private let length: Int
    /// Of what is kept and of how faces are followed: a change of either begins anew.
    private static let version = 1

    /// - Parameters:
    ///   - folder: made with the first piece.
    ///   - key: of the film, its part and the models.
    package init(folder: String, key: ContentKey, length: Int = 100) {
        precondition(length > 0, "a piece holds a picture")
        var own = ContentKey("look at a film", version: Self.version)
        own.mix(key)
        (self.folder, self.key, self.length) = (folder, own, length)
    }

    /// Takes all pieces away.
    package func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private func file(_ first: Int) -> String { folder + "/\(key)-\(first).safetensors" }

    func isFull(_ count: Int) -> Bool { count >= length }

    /// Pieces from the film's beginning on, as many as are whole and follow each other; those of other looks are taken away.
    func kept() -> [LookPiece] {
        let others = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix("\(key)-") }
        for name in others { try? FileManager.default.removeItem(atPath: folder + "/" + name) }
        var pieces: [LookPiece] = [], first = 0
        // What cannot be read is looked at again.
        while let tensors = try? SafetensorsFile.read(file(first)), let piece = LookPiece(tensors, first: first) {
            pieces.append(piece)
            first += piece.moments.count
        }
        return pieces
    }

    func keep(_ piece: LookPiece) throws(CheckpointError) {
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch { throw .unwritable(path: folder, reason: error.localizedDescription) }
        try SafetensorsFile.write(piece.tensors, to: file(piece.first))
    }
}

/// Some pictures in a row, and what the tracker knew behind the last of them. Times are numbers of pictures.
struct LookPiece {
    struct Moment {
        var isCut: Bool
        var faces: [TrackedFace]
    }
    var first: Int
    var width: Int
    var height: Int
    var moments: [Moment] = []
    var tracker: MeshTracker.State

    // MARK: as tensors

    var tensors: [String: Tensor] {
        let faces = moments.flatMap(\.faces)
        return [
            "size": Tensor(shape: [2], values: [Float(width), Float(height)]),
            "moments": Tensor(shape: [moments.count, 2], values: moments.flatMap { [$0.isCut ? 1 : 0, Float($0.faces.count)] }),
            "faces": Self.table(faces.map { (Float($0.number), 0, $0.sighting) }),
            "live": Self.table(tracker.live.map { (Float($0.number), Float($0.time), $0.sighting) }),
            "lost": Self.table(tracker.lost.map { (Float($0.number), Float($0.time), $0.sighting) }),
            "next": Tensor(shape: [1], values: [Float(tracker.nextNumber)]),
            "looks": Tensor(shape: [tracker.lastLook.count, 2], values: tracker.lastLook.sorted { $0.key < $1.key }.flatMap { [Float($0.key.rawValue), Float($0.value)] }),
            "cuts": Tensor(shape: [tracker.cuts.state.count], values: tracker.cuts.state),
        ]
    }

    /// Number, time, box, angles, presence, points: one face a row.
    private static func table(_ rows: [(number: Float, time: Float, face: FaceSighting)]) -> Tensor {
        let values = rows.map { row -> [Float] in
            let s = row.face
            return [row.number, row.time, s.center.x, s.center.y, s.size.x, s.size.y, s.yaw, s.pitch, s.roll, s.presence] + s.landmarks.flatMap { [$0.x, $0.y, $0.z] }
        }
        return Tensor(shape: [rows.count, values.first?.count ?? 0], values: values.flatMap { $0 })
    }
    private static let head = 10

    private static func faces(_ tensor: Tensor?) -> [(number: Int, time: Double, face: FaceSighting)]? {
        guard let tensor, tensor.shape.count == 2, tensor.values.allSatisfy({ abs($0) < 1e9 }) else { return nil }
        guard tensor.shape[0] > 0 else { return [] }
        let width = tensor.shape[1], v = tensor.values
        guard width == head + 3 * 468 || width == head + 3 * 478 else { return nil }
        return (0..<tensor.shape[0]).map { row in
            let at = row * width
            let points = stride(from: at + head, to: at + width, by: 3).map { SIMD3(v[$0], v[$0 + 1], v[$0 + 2]) }
            let face = FaceSighting(center: SIMD2(v[at + 2], v[at + 3]), size: SIMD2(v[at + 4], v[at + 5]), landmarks: points, yaw: v[at + 6], pitch: v[at + 7], roll: v[at + 8], presence: v[at + 9])
            return (Int(v[at]), Double(v[at + 1]), face)
        }
    }

    /// nil where something is missing or makes no sense.
    init?(_ tensors: [String: Tensor], first: Int) {
        guard let size = tensors["size"]?.values, size.count == 2, size.allSatisfy({ $0 >= 1 && $0 < 1e6 }),
              let moments = tensors["moments"], moments.shape.count == 2, moments.shape[1] == 2, moments.shape[0] > 0, moments.values.allSatisfy({ $0 >= 0 && $0 < 100 }),
              let faces = Self.faces(tensors["faces"]), let live = Self.faces(tensors["live"]), let lost = Self.faces(tensors["lost"]),
              let next = tensors["next"]?.values, next.count == 1, next[0] >= 1, next[0] < 1e7,
              let looks = tensors["looks"], looks.shape.count == 2, looks.shape[1] == 2, looks.values.allSatisfy({ abs($0) < 1e8 }),
              let cuts = tensors["cuts"].flatMap({ CutFinder(state: $0.values) }) else { return nil }
        guard faces.count == stride(from: 1, to: moments.values.count, by: 2).reduce(0, { $0 + Int(moments.values[$1]) }) else { return nil }
        (self.first, width, height) = (first, Int(size[0]), Int(size[1]))
        var taken = 0
        for k in 0..<moments.shape[0] {
            let count = Int(moments.values[2 * k + 1])
            self.moments.append(Moment(isCut: moments.values[2 * k] > 0, faces: faces[taken..<taken + count].map { TrackedFace(number: $0.number, sighting: $0.face) }))
            taken += count
        }
        tracker = MeshTracker.State(cuts: cuts)
        tracker.nextNumber = Int(next[0])
        tracker.live = live.map { .init(number: $0.number, sighting: $0.face, time: $0.time) }
        tracker.lost = lost.map { .init(number: $0.number, sighting: $0.face, time: $0.time) }
        for k in 0..<looks.shape[0] { if let depth = FaceDetector.Depth(rawValue: Int(looks.values[2 * k])) { tracker.lastLook[depth] = Double(looks.values[2 * k + 1]) } }
    }

    init(first: Int, width: Int, height: Int, tracker: MeshTracker.State) {
        (self.first, self.width, self.height, self.tracker) = (first, width, height, tracker)
    }
}

extension MeshTracker.State {
    /// The same with other times.
    func timed(_ change: (Double) -> Double) -> Self {
        var result = self
        for k in result.live.indices { result.live[k].time = change(live[k].time) }
        for k in result.lost.indices { result.lost[k].time = change(lost[k].time) }
        result.lastLook = lastLook.mapValues(change)
        return result
    }
}
