// Renaming: every use in every file, and only where the scene still means the same.
import Diagnostics
import SceneModel
import SceneSyntax

/// Why a name stays as it is.
struct RenameRefusal: Error {
    var message: String
}

enum Renaming {
    /// Words that a name in that place would be taken for.
    private static let taken: Set<String> = ["for", "shot", "original", "recorded", "never", "every", "from", "to", "at", "on"]

    /// A name of the language: letters, digits, `_` and `-` inside.
    static func isName(_ text: String) -> Bool {
        let tokens = Lexer.tokens(of: Array(text.utf8))
        return tokens.count == 2 && tokens[0].kind == .name && text.utf8.count <= 200
    }

    /// Edits by path. `others` are files that may import the one that declares the name.
    static func edits(_ analysis: Analysis, offset: Int, newName: String, others: [String]) throws(RenameRefusal) -> [String: [TextEdit]] {
        guard let symbol = analysis.names.symbol(at: offset, in: analysis.tree.file.path) else { throw RenameRefusal(message: "there is no name here") }
        guard isName(newName) else { throw RenameRefusal(message: "“\(newName)” is no name: letters, digits, - and _, a letter first") }
        guard !taken.contains(newName) else { throw RenameRefusal(message: "“\(newName)” is a word of the language") }
        guard newName != symbol.address.name else { return [:] }
        var result: [String: [TextEdit]] = [:]
        var paths = others
        for path in [symbol.address.path, AssetPath.normalised(analysis.tree.file.path)] where !paths.contains(path) { paths.append(path) }
        for path in paths {
            let uses = analysis.names.uses(of: symbol.address, in: path)
            guard !uses.isEmpty else { continue }
            // Where it stands in a file, the new name must be free in it.
            if let other = analysis.names.symbols(path)?.declarations[newName], path == symbol.address.path || symbol.declaration.kind != .prefix {
                let isHere = path == symbol.address.path
                if isHere { throw RenameRefusal(message: "“\(newName)” is the name of a \(other.kind.word) already") }
            }
            result[path] = uses.map { TextEdit($0, newName) }
        }
        try check(result, analysis, symbol.address, newName)
        return result
    }

    /// After the edits, the same places must name the same thing.
    private static func check(_ edits: [String: [TextEdit]], _ analysis: Analysis, _ address: SymbolAddress, _ newName: String) throws(RenameRefusal) {
        var texts: [String: [UInt8]] = [:]
        for (path, list) in edits {
            guard let file = analysis.names.symbols(path)?.file else { continue }
            texts[path] = apply(list, to: file.bytes)
        }
        let after = NameTable { path in
            if let bytes = texts[path] { return Parser.parse(SourceFile(path: path, bytes: bytes)) }
            return analysis.names.symbols(path)?.tree
        }
        let renamed = SymbolAddress(path: address.path, name: newName)
        for (path, list) in edits.sorted(by: { $0.key < $1.key }) {
            guard after.uses(of: renamed, in: path).count == list.count else {
                throw RenameRefusal(message: "“\(newName)” would mean something else in \(path.split(separator: "/").last ?? "a file")")
            }
        }
    }

    /// The bytes with edits applied; they do not overlap.
    static func apply(_ edits: [TextEdit], to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        for edit in edits.sorted(by: { $0.range.start < $1.range.start }) where edit.range.start >= position && edit.range.end <= bytes.count {
            result += bytes[position..<edit.range.start]
            result += Array(edit.replacement.utf8)
            position = edit.range.end
        }
        return result + bytes[position...]
    }
}
