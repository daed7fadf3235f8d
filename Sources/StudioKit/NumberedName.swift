// Names of picture sequences: `shot-%04d.png`.

/// A path whose file name has one place for the number of the picture.
package struct NumberedName: Sendable, Hashable {
    private let before: String
    private let after: String
    private let digits: Int

    /// Nil when the name has no such place, or more than one: then it is a plain name. Folders may be called as they like.
    package init?(_ path: String) {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex, name = path[start...]
        guard let percent = name.firstIndex(of: "%"), percent == name.lastIndex(of: "%") else { return nil }
        let rest = name[name.index(after: percent)...]
        let width = rest.prefix { ("0"..."9").contains($0) }
        guard width.count <= 3, rest.dropFirst(width.count).first == "d" else { return nil }
        before = String(path[..<percent])
        after = String(rest.dropFirst(width.count + 1))
        digits = min(Int(width) ?? 1, 32)
    }

    /// The name of a picture, counted from 1.
    package func name(_ number: Int) -> String {
        let text = String(number)
        return before + String(repeating: "0", count: max(digits - text.count, 0)) + text + after
    }
}
