// The layout of `studio fmt` as one edit.
import Diagnostics
import SceneSyntax

enum Formatting {
    static func text(_ tree: SyntaxTree) -> String? { Formatter.format(tree) }

    /// The smallest single edit between two texts, on character boundaries.
    static func difference(_ old: [UInt8], _ new: [UInt8]) -> TextEdit {
        var start = 0
        while start < old.count, start < new.count, old[start] == new[start] { start += 1 }
        while start > 0, start < old.count, old[start] & 0xC0 == 0x80 { start -= 1 }
        while start > 0, start < new.count, new[start] & 0xC0 == 0x80 { start -= 1 }
        var end = 0
        while end < old.count - start, end < new.count - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
        // Do not begin the common end inside a character.
        while end > 0, old[old.count - end] & 0xC0 == 0x80 { end -= 1 }
        return TextEdit(TextRange(start, old.count - end), String(decoding: new[start..<(new.count - end)], as: UTF8.self))
    }
}
