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
}

/// The text of one file and where its lines begin.
package final class SourceFile: Sendable {
    /// As the user wrote it on the command line or in an import.
    package let path: String
    package let bytes: [UInt8]
    private let lineStarts: [Int]

    package convenience init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }

    /// A file of any bytes; what is not UTF-8 is kept and reported by the parser.
    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == 0x0A { starts.append(offset + 1) }
        lineStarts = starts
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The text of a range, clamped to the file.
    package func text(_ range: TextRange) -> String {
        let start = min(max(range.start, 0), bytes.count)
        let end = min(max(range.end, start), bytes.count)
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Line and column of an offset, clamped to the file.
    package func position(of offset: Int) -> LineColumn {
        let clamped = min(max(offset, 0), bytes.count)
        let line = lineIndex(of: clamped)
        let before = String(decoding: bytes[lineStarts[line]..<clamped], as: UTF8.self)
        return LineColumn(line: line + 1, column: before.count + 1)
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
