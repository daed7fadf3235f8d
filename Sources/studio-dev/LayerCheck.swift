// Compares the import lines of the sources with the rooms that Package.swift declares.
import Foundation

/// Finds imports that a target never declared: the package manager lets them pass.
struct LayerCheck {
    let root: URL

    /// One line a violation, sorted.
    func violations() throws -> [String] {
        let manifest = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let declared = Self.declaredImports(manifest)
        let known = Set(declared.keys).union(declared.values.flatMap { $0 })
        var found: [String] = []
        for (target, allowed) in declared {
            let folder = root.appendingPathComponent("Sources/\(target)")
            for file in Self.swiftFiles(below: folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for module in Self.imports(of: text) where known.contains(module) && !allowed.contains(module) {
                    found.append("\(target)/\(file.lastPathComponent): imports \(module), which Package.swift does not give it")
                }
            }
        }
        return found.sorted()
    }

    /// Target name to the names in its `imports:` list.
    static func declaredImports(_ manifest: String) -> [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        for room in manifest.components(separatedBy: "Room(name: \"").dropFirst() {
            guard let name = room.split(separator: "\"", maxSplits: 1).first,
                  let open = room.range(of: "imports: ["),
                  let close = room.range(of: "]", range: open.upperBound..<room.endIndex)
            else { continue }
            let names = room[open.upperBound..<close.lowerBound].split(separator: "\"").filter { $0.first?.isLetter == true }
            result[String(name)] = Set(names.map(String.init))
        }
        return result
    }

    static func imports(of text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ").map(String.init)
            while let first = words.first, first.hasPrefix("@") || ["package", "public", "internal"].contains(first) { words.removeFirst() }
            return words.count >= 2 && words[0] == "import" ? words[1] : nil
        }
    }

    static func swiftFiles(below folder: URL) -> [URL] {
        guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
        return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.sorted { $0.path < $1.path }
    }
}
