// Lines and UTF-16 columns of a text, as editors count them.
import Diagnostics

/// A position as the protocol has it: line from 0, UTF-16 code units from 0.
package struct EditorPosition: Hashable, Sendable {
    package var line: Int
    package var character: Int
    package init(line: Int, character: Int) {
        self.line = line
        self.character = character
    }
}

/// Converts between UTF-8 offsets and editor positions; everything outside is clamped.
package struct TextLines: Sendable {
    package let bytes: [UInt8]
    private let starts: [Int]

    /// A line ends with `\n`, `\r\n` or a lone `\r`.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [0]
        for index in bytes.indices {
            if bytes[index] == 0x0A || (bytes[index] == 0x0D && !(index + 1 < bytes.count && bytes[index + 1] == 0x0A)) { starts.append(index + 1) }
        }
        self.starts = starts
    }

    package var lineCount: Int { starts.count }

    package func position(of offset: Int) -> EditorPosition {
        let clamped = min(max(offset, 0), bytes.count)
        var low = 0, high = starts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= clamped { low = middle } else { high = middle - 1 }
        }
        var units = 0
        for index in starts[low]..<clamped { units += Self.units(bytes[index]) }
        return EditorPosition(line: low, character: units)
    }

    /// Within a surrogate pair: the offset before it. Beyond a line: its end.
    package func offset(of position: EditorPosition) -> Int {
        guard position.line >= 0 else { return 0 }
        guard position.line < starts.count else { return bytes.count }
        let end = endOfLine(position.line)
        var offset = starts[position.line], units = 0
        while offset < end {
            let width = Self.units(bytes[offset])
            if units + width > position.character { break }
            units += width
            offset += 1
            while offset < end, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        }
        return offset
    }

    package func startOfLine(_ line: Int) -> Int { starts[min(max(line, 0), starts.count - 1)] }
    /// Without the line end.
    package func endOfLine(_ line: Int) -> Int {
        guard line + 1 < starts.count else { return bytes.count }
        var end = starts[line + 1]
        while end > starts[line], bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        return end
    }

    /// UTF-16 units of the character that begins with this byte; 0 for a byte that goes on.
    private static func units(_ byte: UInt8) -> Int { byte & 0xC0 == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1 }

    package func json(_ range: TextRange) -> JSONValue { ["start": json(range.start), "end": json(range.end)] }
    package func json(_ offset: Int) -> JSONValue {
        let place = position(of: offset)
        return ["line": .int(place.line), "character": .int(place.character)]
    }
    /// nil where the value is no position.
    package func offset(_ value: JSONValue?) -> Int? {
        guard let line = value?["line"]?.int, let character = value?["character"]?.int else { return nil }
        return offset(of: EditorPosition(line: line, character: character))
    }
    package func range(_ value: JSONValue?) -> TextRange? {
        guard let start = offset(value?["start"]), let end = offset(value?["end"]) else { return nil }
        return TextRange(min(start, end), max(start, end))
    }
}
