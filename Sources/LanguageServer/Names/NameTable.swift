// Names over several files: what a reference stands for, and all its uses.
import Diagnostics
import SceneModel
import SceneSyntax

/// A name where it is declared.
struct SymbolAddress: Hashable {
    var path: String
    var name: String
}

/// The files that a document sees, by normalised path.
final class NameTable {
    private var files: [String: FileSymbols] = [:]
    private let read: (String) -> SyntaxTree?

    /// `read` gives the tree of a file that is not there yet; nil: it cannot be read.
    init(read: @escaping (String) -> SyntaxTree?) { self.read = read }

    func add(_ symbols: FileSymbols) { files[AssetPath.normalised(symbols.file.path)] = symbols }

    func symbols(_ path: String) -> FileSymbols? {
        let key = AssetPath.normalised(path)
        if let known = files[key] { return known }
        guard files.count < 2000, let tree = read(key) else { return nil }
        let made = FileSymbols(tree)
        files[key] = made
        return made
    }

    /// What dotted parts mean in a file: the declaration, and how many of the parts name it.
    func resolve(_ parts: [String], in path: String) -> (address: SymbolAddress, declaration: SymbolDeclaration)? {
        var visited: Set<String> = []
        return resolve(parts[...], in: AssetPath.normalised(path), &visited)
    }

    private func resolve(_ parts: ArraySlice<String>, in path: String, _ visited: inout Set<String>) -> (address: SymbolAddress, declaration: SymbolDeclaration)? {
        guard let first = parts.first, visited.count < 64, visited.insert("\(path)\0\(parts.count)").inserted, let symbols = symbols(path) else { return nil }
        if parts.count == 1, let own = symbols.declarations[first], own.kind != .prefix { return (SymbolAddress(path: path, name: first), own) }
        for entry in symbols.imports {
            let rest: ArraySlice<String>
            if let prefix = entry.prefix {
                guard prefix == first, parts.count > 1 else { continue }
                rest = parts.dropFirst()
            } else { rest = parts }
            // Only assets, motions and styles travel.
            if let found = resolve(rest, in: AssetPath.normalised(entry.path), &visited), found.declaration.kind.travels { return found }
        }
        return nil
    }

    /// All names that may be used in a file, as they are written there.
    func visible(in path: String) -> [(written: String, address: SymbolAddress, declaration: SymbolDeclaration)] {
        var result: [(written: String, address: SymbolAddress, declaration: SymbolDeclaration)] = []
        var visited: Set<String> = []
        func collect(_ path: String, _ prefix: String, _ isMain: Bool) {
            guard visited.count < 64, visited.insert("\(path)\0\(prefix)").inserted, let symbols = symbols(path) else { return }
            for name in symbols.order {
                guard let declaration = symbols.declarations[name], declaration.kind != .prefix, isMain || declaration.kind.travels else { continue }
                result.append((prefix + name, SymbolAddress(path: path, name: name), declaration))
            }
            for entry in symbols.imports { collect(AssetPath.normalised(entry.path), prefix + (entry.prefix.map { $0 + "." } ?? ""), false) }
        }
        collect(AssetPath.normalised(path), "", true)
        return result
    }

    /// The symbol under an offset, declared or used; the range is that of its own word.
    func symbol(at offset: Int, in path: String) -> (address: SymbolAddress, declaration: SymbolDeclaration, range: TextRange)? {
        let path = AssetPath.normalised(path)
        guard let symbols = symbols(path) else { return nil }
        func holds(_ range: TextRange) -> Bool { range.start <= offset && offset <= range.end }
        for declaration in symbols.declarations.values where holds(declaration.nameRange) {
            return (SymbolAddress(path: path, name: declaration.name), declaration, declaration.nameRange)
        }
        for reference in symbols.references where holds(reference.range) {
            let ranges = reference.partRanges
            guard let part = ranges.lastIndex(where: holds) else { continue }
            if part + 1 < reference.parts.count {
                // A prefix; of nested imports only the first is declared here.
                guard part == 0, let prefix = symbols.declarations[reference.parts[0]], prefix.kind == .prefix else { continue }
                return (SymbolAddress(path: path, name: prefix.name), prefix, ranges[0])
            }
            if let found = resolve(reference.parts, in: path) { return (found.address, found.declaration, ranges[part]) }
        }
        return nil
    }

    /// All uses of a symbol in one file, with its declaration where it stands there.
    func uses(of address: SymbolAddress, in path: String) -> [TextRange] {
        let path = AssetPath.normalised(path)
        guard let symbols = symbols(path) else { return [] }
        var result: [TextRange] = []
        if address.path == path, let declaration = symbols.declarations[address.name] { result.append(declaration.nameRange) }
        let isPrefix = address.path == path && symbols.declarations[address.name]?.kind == .prefix
        for reference in symbols.references {
            if isPrefix {
                if reference.parts.count > 1, reference.parts[0] == address.name { result.append(reference.partRanges[0]) }
            } else if reference.parts.last == address.name, let last = reference.partRanges.last, resolve(reference.parts, in: path)?.address == address {
                result.append(last)
            }
        }
        return Array(Set(result)).sorted { $0.start < $1.start }
    }
}

extension SymbolKind {
    /// May be used in a file that imports its own.
    var travels: Bool {
        switch self {
        case .asset, .motion, .style: true
        case .parameter, .shot, .prefix: false
        }
    }
}
