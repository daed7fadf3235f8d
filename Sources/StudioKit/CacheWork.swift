// What earlier renders and trainings left to go on with: listing it, clearing it, checking it, and why a frame is not in it.
import Base
import Foundation
import Media
import SceneCompiler

/// One kept thing.
package struct KeptWork: Sendable, Encodable {
    package enum Kind: String, Sendable, Encodable { case film, pictures, training }
    package var path: String
    package var kind: Kind
    /// What it will become.
    package var output: String
    /// Finished pieces: stretches of a film or pictures.
    package var pieces: Int
    package var bytes: Int
    /// Seconds since anything in it changed.
    package var age: Double
}

/// `studio cache`.
package enum CacheWork {
    /// Folders that are not looked into.
    private static let skipped: Set<String> = [".git", ".build", "node_modules"]
    /// How far below a folder is looked.
    private static let depth = 12
    private static let trainingMark = ".persona.training"

    /// Everything kept in and below some folders, by path.
    package static func list(_ folders: [String]) throws -> [KeptWork] {
        var found: [KeptWork] = []
        for folder in folders {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else { throw StudioFailure(3, "\(folder): there is no such folder") }
            search(folder, 0, &found)
        }
        return found.sorted { $0.path < $1.path }
    }

    private static func search(_ folder: String, _ level: Int, _ found: inout [KeptWork]) {
        if let own = kept(folder) {
            found.append(own)
            return
        }
        guard level < depth, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
        for name in names where !skipped.contains(name) {
            let path = folder == "." ? name : folder + "/" + name
            guard (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeDirectory else { continue }
            search(path, level + 1, &found)
        }
    }

    /// What a folder keeps; nil: it is no folder of ours.
    private static func kept(_ folder: String) -> KeptWork? {
        let url = URL(fileURLWithPath: folder), name = url.lastPathComponent
        let beside = folder.contains("/") ? String(folder[..<(folder.lastIndex(of: "/") ?? folder.endIndex)]) + "/" : ""
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let segments = names.filter { $0.hasSuffix(".segment") }.count
        let facts = names.compactMap { try? FileManager.default.attributesOfItem(atPath: folder + "/" + $0) }
        let bytes = facts.reduce(0) { $0 + (($1[.size] as? NSNumber)?.intValue ?? 0) }
        let latest = facts.compactMap { $0[.modificationDate] as? Date }.max() ?? Date()
        func made(_ kind: KeptWork.Kind, _ output: String, _ pieces: Int) -> KeptWork {
            KeptWork(path: folder, kind: kind, output: beside + output, pieces: pieces, bytes: bytes, age: max(0, Date().timeIntervalSince(latest)))
        }
        if let output = WorkFolder.output(name) {
            if names.contains("pictures.txt") {
                let lines = String(decoding: FileManager.default.contents(atPath: folder + "/pictures.txt") ?? Data(), as: UTF8.self).split(separator: "\n")
                return made(.pictures, output, lines.count)
            }
            return made(.film, output, segments)
        }
        if name.hasSuffix(trainingMark) { return made(.training, String(name.dropLast(".training".count)), names.count) }
        return nil
    }

    /// Takes kept things away that are at least so old, seconds. Returns what went.
    package static func clear(_ folders: [String], olderThan age: Double) throws -> [KeptWork] {
        let old = try list(folders).filter { $0.age >= age }
        for work in old {
            do { try FileManager.default.removeItem(atPath: work.path) } catch { throw StudioFailure.writing(work.path, error) }
        }
        return old
    }

    /// Reads every finished stretch of film through. Returns how many are whole, and the paths of those that are not.
    package static func verify(_ folders: [String]) throws -> (whole: Int, damaged: [String]) {
        var whole = 0, damaged: [String] = []
        for work in try list(folders) where work.kind == .film {
            for name in ((try? FileManager.default.contentsOfDirectory(atPath: work.path)) ?? []).sorted() where name.hasSuffix(".segment") {
                let path = work.path + "/" + name
                if SegmentReader(path: path, key: nil) != nil { whole += 1 } else { damaged.append(path) }
            }
        }
        return (whole, damaged)
    }

    /// For every output of a scene: which frames are kept, which are not, and why not; a line each.
    package static func why(_ scene: String, _ options: RenderOptions) throws -> [String] {
        let timeline = try SceneWork.load(scene, options).1
        let catalog = EngineCatalog(quality: options.quality.field)
        return try timeline.outputs.flatMap { output -> [String] in
            let compiled = try SceneWork.compiled(timeline, rate: output.rate, catalog)
            let work = try FilmWork(compiled, output, output.request.path, options, catalog) { _ in true }
            return [output.request.path] + work.standing().map { "  frames \($0.frames.lowerBound)-\($0.frames.upperBound - 1)  \($0.words)" }
        }
    }
}
