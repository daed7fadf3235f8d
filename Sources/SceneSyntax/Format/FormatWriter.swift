// Items to lines: indentation, columns, and breaks where a line is too long.

/// Writes items line by line; columns are set when all lines are known.
struct FormatWriter {
    private static let assetKinds: Set<String> = ["persona", "audio", "image", "video", "captions", "font", "lipdub"]
    /// Blocks whose `at` clauses are keyframes.
    private static let keyed: Set<String> = ["path", "blink", "curve", "pose", "blinks", "opacity", "volume"]

    /// One line to be; cells are padded to the widest of their column in a run of lines of one table.
    private struct Line {
        var indent: Int
        var cells: [String]
        /// Spaces behind each cell.
        var gaps: [Int]
        var rest: String
        var trailing: String?
        /// Lines next to each other with one table stand in columns; nil: in none.
        var table: String?
        /// Columns of comments end here.
        var isAlone: Bool
    }
    private var lines: [Line] = []

    // MARK: items

    mutating func write(_ body: FormatBody, indent: Int, parent: String?) {
        for item in body.items {
            if item.hasBlankBefore { lines.append(Line(indent: 0, cells: [], gaps: [], rest: "", trailing: nil, table: nil, isAlone: true)) }
            if item.isComment {
                plain(item.head[0].text, indent, trailing: item.trailing, isAlone: true)
            } else if let text = oneLine(item, Formatter.width - indent), !text.isEmpty {
                lines.append(line(item, text, indent, parent))
            } else { writeLong(item, indent) }
        }
    }

    private mutating func plain(_ text: String, _ indent: Int, trailing: String? = nil, isAlone: Bool = false) {
        lines.append(Line(indent: indent, cells: [], gaps: [], rest: text, trailing: trailing, table: nil, isAlone: isAlone))
    }

    /// A clause with its block on one line, nil where it cannot stand on one of this width.
    private func oneLine(_ item: FormatItem, _ limit: Int) -> String? {
        var text = ""
        for (index, piece) in item.head.enumerated() {
            if piece.endsLine || (piece.isComment && piece.text.contains("\n")) { return nil }
            if index > 0, !piece.isGlued { text += " " }
            text += piece.text
        }
        guard let block = item.block else { return text.count <= limit || !canBreak(item) ? text : nil }
        guard block.opening == nil, block.isOneLine || block.items.isEmpty else { return nil }
        if block.items.isEmpty { return text + " { }" }
        text += " { "
        for (index, inner) in block.items.enumerated() {
            guard text.count <= limit, !inner.isComment, inner.trailing == nil, let part = oneLine(inner, limit) else { return nil }
            text += (index > 0 ? " ; " : "") + part
        }
        text += " }"
        return text.count <= limit ? text : nil
    }
    /// A line only breaks behind a comma.
    private func canBreak(_ item: FormatItem) -> Bool { item.head.dropLast().contains { $0.kind == .comma } }

    /// Over several lines: the head broken where it must be, then the block.
    private mutating func writeLong(_ item: FormatItem, _ indent: Int) {
        var texts = headLines(item, indent)
        let last = texts.removeLast()
        for (index, text) in texts.enumerated() { plain(text, indent + (index > 0 ? 8 : 0), isAlone: true) }
        let lastIndent = indent + (texts.isEmpty ? 0 : 8)
        guard let block = item.block else {
            plain(last, lastIndent, trailing: item.trailing, isAlone: true)
            return
        }
        if block.items.isEmpty, block.opening == nil {
            plain(last + " { }", lastIndent, trailing: item.trailing, isAlone: true)
            return
        }
        // Behind a line comment nothing may stand.
        let opener = item.head.last?.endsLine == true ? nil : last + " {"
        if let opener { plain(opener, lastIndent, trailing: block.opening, isAlone: true) } else {
            plain(last, lastIndent, isAlone: true)
            plain("{", indent + 8, trailing: block.opening, isAlone: true)
        }
        write(block, indent: indent + 4, parent: item.word)
        plain("}", indent, trailing: item.trailing, isAlone: true)
    }

    private func headLines(_ item: FormatItem, _ indent: Int) -> [String] {
        var result: [String] = []
        var text = ""
        var index = 0
        while index < item.head.count {
            // Up to the next place where a line may end.
            var part = ""
            var end = index
            while end < item.head.count {
                let piece = item.head[end]
                if end > index, !piece.isGlued { part += " " }
                part += piece.text
                end += 1
                if piece.endsLine || (piece.kind == .comma && !(end < item.head.count && item.head[end].isComment)) { break }
            }
            let glue = text.isEmpty || item.head[index].isGlued ? "" : " "
            let room = Formatter.width - indent - (result.isEmpty ? 0 : 8)
            let follows = item.head[..<index].last { !$0.isComment }?.kind == .comma
            if follows, !text.isEmpty, text.count + glue.count + part.count > room {
                result.append(text)
                text = part
            } else { text += glue + part }
            if item.head[end - 1].endsLine, end < item.head.count {
                result.append(text)
                text = ""
            }
            index = end
        }
        if !text.isEmpty || result.isEmpty { result.append(text) }
        return result
    }

    // MARK: columns

    /// A line of its own, with cells where it is a row of a table.
    private func line(_ item: FormatItem, _ text: String, _ indent: Int, _ parent: String?) -> Line {
        var result = Line(indent: indent, cells: [], gaps: [], rest: text, trailing: item.trailing, table: nil, isAlone: false)
        let head = item.head
        guard !head.contains(where: \.isComment) else { return result }
        if parent == nil, head.count > 3, Self.assetKinds.contains(head[0].text), head[1].kind == .name, head[2].kind == .equals {
            result.table = "assets"
            result.cells = [head[0].text, head[1].text]
            result.gaps = [1, 1]
        } else if let parent, Self.keyed.contains(parent), item.block == nil, head.count > 2, head[0].text == "at", head[1].kind == .number,
                  head[2].kind == .name || head[2].kind == .number {
            result.table = "keys"
            result.cells = ["at " + head[1].text]
            result.gaps = [2]
            var index = 2
            /// A plain word or number that nothing clings to.
            func isCell(_ index: Int) -> Bool {
                index < head.count && [.name, .number].contains(head[index].kind) && !(index + 1 < head.count && head[index + 1].isGlued)
            }
            // `yaw 4deg` and `0.5` are cells; `ease …`, and whatever else there is, is the rest.
            while isCell(index), head[index].text != "ease" {
                let isPair = head[index].kind == .name && isCell(index + 1) && head[index + 1].kind == .number
                result.cells.append(isPair ? head[index].text + " " + head[index + 1].text : head[index].text)
                result.gaps.append(1)
                index += isPair ? 2 : 1
            }
        } else { return result }
        result.rest = String(text.dropFirst(result.cells.reduce(0) { $0 + $1.count + 1 }))
        return result
    }

    /// The whole text, ending in one line end.
    mutating func text() -> String {
        setColumns()
        var result = ""
        var index = 0
        while index < lines.count {
            // A run of lines with comments behind them.
            var end = index
            while end < lines.count, lines[end].trailing != nil, !lines[end].isAlone { end += 1 }
            end = max(end, index + 1)
            let column = (lines[index..<end].map { $0.indent + $0.rest.count }.max() ?? 0) + 2
            for line in lines[index..<end] {
                if !line.rest.isEmpty { result += String(repeating: " ", count: line.indent) + line.rest }
                if let trailing = line.trailing {
                    let room = end - index > 1 ? column - line.indent - line.rest.count : 2
                    result += String(repeating: " ", count: room) + trailing
                }
                result += "\n"
            }
            index = end
        }
        while result.hasPrefix("\n") { result.removeFirst() }
        while result.hasSuffix("\n\n") { result.removeLast() }
        return result
    }

    /// Puts the cells of each run of table rows under each other.
    private mutating func setColumns() {
        var index = 0
        while index < lines.count {
            var end = index + 1
            if let table = lines[index].table { while end < lines.count, lines[end].table == table, lines[end].indent == lines[index].indent { end += 1 } }
            let isTable = end - index > 1
            let count = lines[index..<end].map(\.cells.count).max() ?? 0
            var widths = Array(repeating: 0, count: count)
            for line in lines[index..<end] { for (column, cell) in line.cells.enumerated() { widths[column] = max(widths[column], cell.count) } }
            for row in index..<end where !lines[row].cells.isEmpty {
                var text = ""
                for (column, cell) in lines[row].cells.enumerated() {
                    text += cell
                    let isLast = column == lines[row].cells.count - 1 && lines[row].rest.isEmpty
                    if !isLast { text += String(repeating: " ", count: isTable ? widths[column] - cell.count + lines[row].gaps[column] : 1) }
                }
                lines[row].rest = text + lines[row].rest
                lines[row].cells = []
            }
            index = end
        }
    }
}
