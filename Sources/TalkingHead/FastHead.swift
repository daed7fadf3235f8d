// Fast frames of a head: the baked field, made once and kept beside the persona.
import Base
import Foundation
import Synchronization

/// How closely a radiance field is drawn.
package enum FieldQuality: String, Sendable, Hashable, CaseIterable {
    /// Every sample of the original.
    case exact
    /// What bricks can say comes from bricks; PSNR against `exact` is at least 45 dB.
    case fast
}

/// Where a baked field lies.
package enum BakedStorage: Sendable, Hashable {
    /// Read from the file, or written to it.
    case file(String)
    /// Only in memory: the file could not be written, and why.
    case memory(String)
}

/// Draws a head with its baked field. The first frame bakes or reads it; frames that come meanwhile wait.
final class FastHead: Sendable {
    /// Mixed into the key: goes up when a field would be baked otherwise.
    static let version = "fast 4"
    private let head: HeadRenderer
    private let path: String?
    private let key: ContentKey
    private let baker: @Sendable () -> FieldBaker
    private struct State {
        var field: BakedField?
        var storage: BakedStorage?
    }
    private let state = Mutex(State())

    /// - Parameters:
    ///   - path: of the file that keeps the field; nil keeps it in memory.
    ///   - key: of everything that the field is made from.
    init(_ head: HeadRenderer, path: String?, key: ContentKey, baker: @escaping @Sendable () -> FieldBaker) {
        self.head = head
        self.path = path
        self.key = key
        self.baker = baker
    }

    func render(camera: RayCamera, conditions: HeadConditions, budget: ComputeBudget) -> HeadPicture {
        head.render(camera: camera, conditions: conditions, baked: field(budget), budget: budget)
    }

    /// Where the field lies; nil before the first frame.
    var storage: BakedStorage? { state.withLock { $0.storage } }

    func field(_ budget: ComputeBudget) -> BakedField {
        state.withLock { state in
            if let known = state.field { return known }
            let known = path.flatMap { BakedFieldFile.read($0, key: key) }
            let field = known ?? baker().bake(budget)
            state.field = field
            state.storage = known == nil ? keep(field) : path.map { .file($0) }
            return field
        }
    }

    private func keep(_ field: BakedField) -> BakedStorage {
        guard let path else { return .memory("no file was asked for") }
        do { try BakedFieldFile.write(field, key: key, to: path) } catch { return .memory("\(path): \(error.localizedDescription)") }
        return .file(path)
    }
}
