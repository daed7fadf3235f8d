// A text file with its line table; positions are UTF-8 offsets until they are printed.

/// A half-open range of UTF-8 offsets in a source file.
package struct TextRange: Hashable, Sendable {
    package var start: Int
    package var end: Int

    package init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = max(start, end)
    }
    /// The smallest range that holds both.
    package func union(_ other: TextRange) -> TextRange { TextRange(min(start, other.start), max(end, other.end)) }
    package var isEmpty: Bool { start == end }
}

/// A line and a column, both counted from 1; columns count characters.
package struct LineColumn: Hashable, Sendable {
    package var line: Int
    package var column: Int
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// The text of one file and where its lines begin.
package final class SourceFile: Sendable {
    /// As the user wrote it on the command line or in an import.
    package let path: String
    package let bytes: [UInt8]
    private let lineStarts: [Int]
    /// Characters up to every so many bytes of lines that are very long, so that a place in them is found without reading all of it.
    private let marks: [Int: [Mark]]
    private struct Mark {
        var offset: Int
        var characters: Int
        var scalars: Int
    }
    private static let markDistance = 2048

    package convenience init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }

    /// A file of any bytes; what is not UTF-8 is kept and reported by the parser.
    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == 0x0A { starts.append(offset + 1) }
        lineStarts = starts
        var marks: [Int: [Mark]] = [:]
        for (line, start) in starts.enumerated() {
            let end = line + 1 < starts.count ? starts[line + 1] : bytes.count
            if end - start > 2 * Self.markDistance { marks[line] = Self.marks(bytes, start, end) }
        }
        self.marks = marks
    }

    private static func marks(_ bytes: [UInt8], _ start: Int, _ end: Int) -> [Mark] {
        var result = [Mark(offset: start, characters: 0, scalars: 0)]
        var last = result[0]
        while last.offset + markDistance < end {
            var next = last.offset + markDistance
            // Between two code points; a character that a mark cuts counts for both sides, which only moves a column far to the right by one.
            while next < end, bytes[next] & 0xC0 == 0x80 { next += 1 }
            let piece = String(decoding: bytes[last.offset..<next], as: UTF8.self)
            last = Mark(offset: next, characters: last.characters + piece.count, scalars: last.scalars + piece.unicodeScalars.count)
            result.append(last)
        }
        return result
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The text of a range, clamped to the file.
    package func text(_ range: TextRange) -> String {
        let start = min(max(range.start, 0), bytes.count)
        let end = min(max(range.end, start), bytes.count)
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// What a column counts.
    package enum ColumnUnit: Sendable { case characters, scalars }

    /// Line and column of an offset, clamped to the file.
    package func position(of offset: Int, in unit: ColumnUnit = .characters) -> LineColumn {
        let clamped = min(max(offset, 0), bytes.count)
        let line = lineIndex(of: clamped)
        var mark = Mark(offset: lineStarts[line], characters: 0, scalars: 0)
        if let list = marks[line] {
            var (low, high) = (0, list.count - 1)
            while low < high {
                let middle = (low + high + 1) / 2
                if list[middle].offset <= clamped { low = middle } else { high = middle - 1 }
            }
            mark = list[low]
        }
        let before = String(decoding: bytes[mark.offset..<clamped], as: UTF8.self)
        return LineColumn(line: line + 1, column: (unit == .characters ? mark.characters + before.count : mark.scalars + before.unicodeScalars.count) + 1)
    }

    /// A part of a line around a range, for lines too long to print: the text, and how many characters stand before it.
    package func excerpt(line: Int, around range: TextRange, width: Int) -> (text: String, skipped: Int) {
        guard line >= 1, line <= lineStarts.count else { return ("", 0) }
        let start = lineStarts[line - 1], end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        guard end - start > 4 * width else { return (lineText(line), 0) }
        var low = max(start, range.start - width), high = min(end, range.start + 3 * width)
        while low > start, low < end, bytes[low] & 0xC0 == 0x80 { low -= 1 }
        while high < end, bytes[high] & 0xC0 == 0x80 { high += 1 }
        let text = String(decoding: bytes[low..<max(low, high)], as: UTF8.self)
        return (text, position(of: low).column - 1)
    }

    /// The text of a line (counted from 1) without its line end.
    package func lineText(_ line: Int) -> String {
        guard line >= 1, line <= lineStarts.count else { return "" }
        let start = lineStarts[line - 1]
        var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private func lineIndex(of offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
