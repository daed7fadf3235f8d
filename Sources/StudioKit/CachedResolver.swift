// Looks at every file once, however often a scene is loaded while it is mended.
import Base
import Foundation
import SceneModel
import Synchronization

/// What the disk answered stays in force for as long as one verb runs.
final class CachedResolver: AssetResolver {
    private let disk: DiskResolver
    private struct Key: Hashable { var kind: AssetKind, path: String }
    private let known = Mutex<[Key: Result<AssetFacts, AssetProblem>]>([:])

    private struct FaceKey: Hashable { var path: String, range: TimeRange }
    private let knownFaces = Mutex<[FaceKey: FaceKnowledge]>([:])

    init(_ disk: DiskResolver) { self.disk = disk }

    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        let key = Key(kind: kind, path: path)
        if let answer = known.withLock({ $0[key] }) { return try answer.get() }
        let answer: Result<AssetFacts, AssetProblem>
        do throws(AssetProblem) { answer = .success(try disk.facts(of: kind, path: path)) } catch { answer = .failure(error) }
        known.withLock { $0[key] = answer }
        return try answer.get()
    }
    func motion(_ kind: MotionDeclaration.Kind, path: String, column: String?, scale: Double) throws(AssetProblem) -> MotionSamples? {
        try disk.motion(kind, path: path, column: column, scale: scale)
    }
    func readText(_ path: String) throws(AssetProblem) -> String { try disk.readText(path) }
    func projectFolder(ofScene path: String) -> String { disk.projectFolder(ofScene: path) }
    func canonicalPath(_ path: String) -> String { disk.canonicalPath(path) }
    var allowsOutsideProject: Bool { disk.allowsOutsideProject }
    func missingCharacters(in text: String, font: SceneModel.TextStyle.Font?) -> [Character] { disk.missingCharacters(in: text, font: font) }
    func hasFontFamily(_ name: String) -> Bool { disk.hasFontFamily(name) }
    func faces(in path: String, during range: TimeRange) -> FaceKnowledge {
        let key = FaceKey(path: path, range: range)
        if let answer = knownFaces.withLock({ $0[key] }) { return answer }
        let answer = disk.faces(in: path, during: range)
        knownFaces.withLock { $0[key] = answer }
        return answer
    }
}
