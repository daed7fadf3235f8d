// What fast frames are drawn with: the baked head and torso, made once and kept beside the persona.
import Base
import Engines
import Foundation
import Synchronization

/// How closely a radiance field is drawn.
package enum FieldQuality: String, Sendable, Hashable, CaseIterable {
    /// Every sample of the original.
    case exact
    /// What was baked is not computed again; PSNR against `exact` is at least 45 dB.
    case fast

    /// Smaller pictures are drawn exactly at either quality: thousands of their frames cost less than baking.
    static let fewestPixels = 128 * 128
}

/// Where a baked field lies.
package enum BakedStorage: Sendable, Hashable {
    /// Read from the file, or written to it.
    case file(String)
    /// Only in memory: the file could not be written, and why.
    case memory(String)
}

/// What was baked of a persona.
struct BakedPersona: Sendable {
    let field: BakedField
    /// Nil where the torso always asks its network.
    let torso: BakedTorso?
}

/// A persona's baked field and torso. Who asks first bakes or reads them; who asks meanwhile waits.
final class BakedStore: Sendable {
    /// Mixed into the key: goes up when something would be baked otherwise.
    static let version = "fast 13"
    private let path: String?
    private let key: ContentKey
    private let bake: @Sendable (ComputeBudget, ProgressHandler) throws(EngineError) -> BakedPersona
    private struct State {
        var baked: BakedPersona?
        var storage: BakedStorage?
    }
    private let state = Mutex(State())

    /// - Parameters:
    ///   - path: of the file that keeps it; nil keeps it in memory.
    ///   - key: of everything that it is made from.
    init(path: String?, key: ContentKey, bake: @escaping @Sendable (ComputeBudget, ProgressHandler) throws(EngineError) -> BakedPersona) {
        self.path = path
        self.key = key
        self.bake = bake
    }

    /// Where it lies; nil before anybody asked for it.
    var storage: BakedStorage? { state.withLock { $0.storage } }

    /// - Throws: `EngineError.interrupted` where `progress` asks for it.
    func baked(_ budget: ComputeBudget, progress: ProgressHandler = { _ in true }) throws(EngineError) -> BakedPersona {
        try state.withLock { state throws(EngineError) in
            if let known = state.baked { return known }
            let known = path.flatMap { BakedFieldFile.read($0, key: key) }
            let baked = if let known { known } else { try bake(budget, progress) }
            state.baked = baked
            state.storage = known == nil ? keep(baked) : path.map { .file($0) }
            return baked
        }
    }

    /// `NAME.persona.baked`, beside the folder; nil where the persona does not lie in a folder of that kind.
    static func path(of persona: String) -> String? {
        let folder = persona.hasSuffix("/") ? String(persona.dropLast()) : persona
        return folder.hasSuffix(".persona") ? folder + ".baked" : nil
    }

    private func keep(_ baked: BakedPersona) -> BakedStorage {
        guard let path else { return .memory("no file was asked for") }
        do { try BakedFieldFile.write(baked, key: key, to: path) } catch { return .memory("\(path): \(error.localizedDescription)") }
        return .file(path)
    }
}
