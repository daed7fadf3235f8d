// What the server knows of the disk: facts of files, kept until a file changes, with open documents in their place.
import SceneModel
import Synchronization

/// A file's age and size: while they stay, its facts stay.
package struct FileStamp: Hashable, Sendable {
    package var size: Int
    /// Seconds since 1970.
    package var changed: Double
    package init(size: Int, changed: Double) {
        self.size = size
        self.changed = changed
    }
}

/// One name in a folder.
package struct FolderEntry: Hashable, Sendable {
    package var name: String
    package var isFolder: Bool
    package init(name: String, isFolder: Bool) {
        self.name = name
        self.isFolder = isFolder
    }
}

/// The disk as the server may ask it.
package protocol ServerDisk: AssetResolver {
    /// nil: not there.
    func stamp(_ path: String) -> FileStamp?
    /// Names in a folder, in order; none where it cannot be read.
    func entries(_ folder: String) -> [FolderEntry]
}

/// Answers from the disk and keeps the answers.
final class KeptDisk: AssetResolver {
    private struct Key: Hashable {
        var kind: AssetKind
        var path: String
    }
    private struct Kept {
        var stamp: FileStamp?
        var answer: Result<AssetFacts, AssetProblem>
    }
    private struct MotionKey: Hashable {
        var kind: MotionDeclaration.Kind
        var path: String
        var column: String?
        var scale: Double
    }
    private struct KeptMotion {
        var stamp: FileStamp?
        var answer: Result<MotionSamples?, AssetProblem>
    }
    private struct State {
        var motions: [MotionKey: KeptMotion] = [:]
        var facts: [Key: Kept] = [:]
        var texts: [String: String] = [:]
        var folders: [String: String] = [:]
        var canonical: [String: String] = [:]
        var glyphs: [GlyphKey: [Character]] = [:]
        var families: [String: Bool] = [:]
    }
    private struct GlyphKey: Hashable {
        var text: String
        var font: TextStyle.Font?
    }
    let disk: any ServerDisk
    private let state = Mutex(State())

    init(_ disk: any ServerDisk) { self.disk = disk }

    /// The text of an open document; nil: read the disk again.
    func setText(_ text: String?, of path: String) { state.withLock { $0.texts[path] = text } }
    /// Folders and links may have changed.
    func forget() {
        state.withLock {
            $0.folders = [:]
            $0.canonical = [:]
        }
    }

    func readText(_ path: String) throws(AssetProblem) -> String {
        if let text = state.withLock({ $0.texts[path] }) { return text }
        return try disk.readText(path)
    }

    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        let key = Key(kind: kind, path: path), stamp = disk.stamp(path)
        if let kept = state.withLock({ $0.facts[key] }), kept.stamp == stamp, stamp != nil { return try kept.answer.get() }
        let answer: Result<AssetFacts, AssetProblem>
        do throws(AssetProblem) { answer = .success(try disk.facts(of: kind, path: path)) } catch { answer = .failure(error) }
        state.withLock {
            if $0.facts.count > 4096 { $0.facts.removeAll() }
            $0.facts[key] = Kept(stamp: stamp, answer: answer)
        }
        return try answer.get()
    }

    func motion(_ kind: MotionDeclaration.Kind, path: String, column: String?, scale: Double) throws(AssetProblem) -> MotionSamples? {
        let key = MotionKey(kind: kind, path: path, column: column, scale: scale), stamp = disk.stamp(path)
        if let kept = state.withLock({ $0.motions[key] }), kept.stamp == stamp, stamp != nil { return try kept.answer.get() }
        let answer: Result<MotionSamples?, AssetProblem>
        do throws(AssetProblem) { answer = .success(try disk.motion(kind, path: path, column: column, scale: scale)) } catch { answer = .failure(error) }
        state.withLock {
            // A table may be large: only those of the present are kept.
            if $0.motions.count > 32 { $0.motions = [:] }
            $0.motions[key] = KeptMotion(stamp: stamp, answer: answer)
        }
        return try answer.get()
    }

    func projectFolder(ofScene path: String) -> String { kept(path, \.folders) { disk.projectFolder(ofScene: path) } }
    func canonicalPath(_ path: String) -> String { kept(path, \.canonical) { disk.canonicalPath(path) } }
    var allowsOutsideProject: Bool { disk.allowsOutsideProject }

    /// Asked of the fonts once for each text: shaping costs more than a key press may.
    func missingCharacters(in text: String, font: TextStyle.Font?) -> [Character] {
        let key = GlyphKey(text: text, font: font)
        if let known = state.withLock({ $0.glyphs[key] }) { return known }
        let answer = disk.missingCharacters(in: text, font: font)
        state.withLock {
            if $0.glyphs.count > 4096 { $0.glyphs = [:] }
            $0.glyphs[key] = answer
        }
        return answer
    }
    func hasFontFamily(_ name: String) -> Bool {
        if let known = state.withLock({ $0.families[name] }) { return known }
        let answer = disk.hasFontFamily(name)
        state.withLock {
            if $0.families.count > 4096 { $0.families = [:] }
            $0.families[name] = answer
        }
        return answer
    }

    private func kept(_ key: String, _ place: WritableKeyPath<State, [String: String]> & Sendable, _ make: () -> String) -> String {
        if let known = state.withLock({ $0[keyPath: place][key] }) { return known }
        let made = make()
        state.withLock {
            if $0[keyPath: place].count > 4096 { $0[keyPath: place] = [:] }
            $0[keyPath: place][key] = made
        }
        return made
    }
}
