// Tables of text: comma-separated files with a header.
import Foundation

/// A table whose first row names its columns. Every row has as many cells as the header.
package struct DelimitedTable: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        /// Line of the file on which the row begins, from 1.
        package var line: Int
        package var cells: [String]
    }
    package var path: String
    package var columns: [String]
    package var rows: [Row]

    /// Most bytes, rows and columns that are read.
    package static let mostBytes = 64 << 20
    package static let mostRows = 1_000_000
    package static let mostColumns = 4096

    /// Position of a column by its name, capitals left aside.
    package func column(_ name: String) -> Int? { columns.firstIndex { $0.caseInsensitiveCompare(name) == .orderedSame } }

    package static func read(_ path: String) throws(InterchangeError) -> DelimitedTable {
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path, reason: "there is no such file") }
        guard data.count <= mostBytes else { throw .unreadable(path: path, reason: "a table of more than \(mostBytes >> 20) MiB") }
        return try parse(Array(data), path: path)
    }

    /// Commas, semicolons or tabs part the cells (whichever the header has most of); a cell in double quotes may hold them, line
    /// ends and doubled quotes. Blanks around a bare cell are left out, and so are empty lines.
    package static func parse(_ bytes: [UInt8], path: String) throws(InterchangeError) -> DelimitedTable {
        var start = 0
        if let line = lineOfBadText(bytes) { throw .malformed(path: path, line: line, reason: "is not UTF-8 text; save the table as CSV in UTF-8") }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
        let head = bytes[start...].prefix { $0 != 10 && $0 != 13 }
        let marks: [UInt8] = [44, 59, 9]
        let counts = marks.map { mark in head.reduce(0) { $0 + ($1 == mark ? 1 : 0) } }
        let most = counts.max() ?? 0
        let mark = most > 0 ? marks[counts.firstIndex(of: most) ?? 0] : 44
        var scanner = Scanner(bytes: bytes, at: start, mark: mark, path: path)
        guard let header = try scanner.row() else { throw .malformed(path: path, line: 1, reason: "the table is empty") }
        guard header.cells.count <= mostColumns else { throw .malformed(path: path, line: 1, reason: "\(header.cells.count) columns; at most \(mostColumns) are read") }
        var seen = Set<String>()
        for name in header.cells where !seen.insert(name.lowercased()).inserted { throw .malformed(path: path, line: header.line, reason: "two columns are named “\(name)”") }
        var table = DelimitedTable(path: path, columns: header.cells, rows: [])
        while let row = try scanner.row() {
            guard row.cells.count == header.cells.count else {
                throw .malformed(path: path, line: row.line, reason: "\(row.cells.count) cells under a header of \(header.cells.count) columns")
            }
            table.rows.append(row)
            guard table.rows.count <= mostRows else { throw .malformed(path: path, line: row.line, reason: "more than \(mostRows) rows") }
        }
        return table
    }

    /// The line of the first bytes that are no UTF-8, or are zero (as in UTF-16).
    private static func lineOfBadText(_ bytes: [UInt8]) -> Int? {
        guard bytes.contains(0) || String(validating: bytes, as: UTF8.self) == nil else { return nil }
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
        return (lines.firstIndex { $0.contains(0) || String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }

    private struct Scanner {
        let bytes: [UInt8]
        var at: Int
        let mark: UInt8
        let path: String
        var line = 1

        /// The next row that is not empty; nil at the end.
        mutating func row() throws(InterchangeError) -> Row? {
            while at < bytes.count {
                let begin = line
                var cells: [String] = []
                var isQuoted = false
                while true {
                    let (text, quoted) = try cell()
                    isQuoted = isQuoted || quoted
                    cells.append(text)
                    guard cells.count <= DelimitedTable.mostColumns + 1 else { throw .malformed(path: path, line: line, reason: "too many cells") }
                    if at < bytes.count, bytes[at] == mark { at += 1; continue }
                    break
                }
                endLine()
                if cells.count > 1 || isQuoted || !cells[0].isEmpty { return Row(line: begin, cells: cells) }
            }
            return nil
        }

        private mutating func endLine() {
            if at < bytes.count, bytes[at] == 13 { at += 1 }
            if at < bytes.count, bytes[at] == 10 { at += 1 }
            line += 1
        }

        private mutating func cell() throws(InterchangeError) -> (String, Bool) {
            while at < bytes.count, bytes[at] == 32 { at += 1 }
            guard at < bytes.count, bytes[at] == 34 else {
                let from = at
                while at < bytes.count, bytes[at] != mark, bytes[at] != 10, bytes[at] != 13 { at += 1 }
                return (String(decoding: bytes[from..<at], as: UTF8.self).trimmingCharacters(in: .whitespaces), false)
            }
            let open = line
            at += 1
            var text: [UInt8] = []
            while true {
                guard at < bytes.count else { throw .malformed(path: path, line: open, reason: "a quote that opens here is not closed") }
                let byte = bytes[at]
                at += 1
                if byte == 34 {
                    guard at < bytes.count, bytes[at] == 34 else { break }
                    at += 1
                }
                if byte == 10 { line += 1 }
                text.append(byte)
            }
            while at < bytes.count, bytes[at] == 32 { at += 1 }
            guard at >= bytes.count || bytes[at] == mark || bytes[at] == 10 || bytes[at] == 13 else {
                throw .malformed(path: path, line: line, reason: "text behind a closing quote")
            }
            return (String(decoding: text, as: UTF8.self), true)
        }
    }
}
