// Findings for people: the source lines, a caret, labels and help.

/// Writes findings with their source lines. Labels of one file stand in one picture of it, from its top to its bottom.
package struct PrettyReporter: Sendable {
    package var useColor: Bool
    package init(useColor: Bool) { self.useColor = useColor }

    package func report(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(report).joined(separator: "\n")
    }

    package func report(_ diagnostic: Diagnostic) -> String {
        var lines = [heading(diagnostic)]
        lines += pictures(diagnostic)
        if let help = diagnostic.help { lines.append("   \(paint("=", "34;1")) help: \(help)") }
        if let fix = diagnostic.fix { lines.append("   \(paint("=", "34;1")) fix: \(fix.title)\(fix.applicability == .unsafe ? " (lint --unsafe-fixes)" : " (lint --fix)")") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func heading(_ diagnostic: Diagnostic) -> String {
        paint("\(diagnostic.severity.rawValue)[\(diagnostic.id)]", Self.code(diagnostic.severity)) + paint(": \(diagnostic.message)", "1")
    }
    private static func code(_ severity: Severity) -> String { severity == .error ? "31;1" : severity == .warning ? "33;1" : "36;1" }

    // MARK: pictures

    /// Lines beyond this width are shown in part, around each label of its own.
    private static let width = 100

    /// The lines of every file that a label points into, the primary one's first.
    private func pictures(_ diagnostic: Diagnostic) -> [String] {
        var groups: [[Mark]] = []
        for (index, label) in ([diagnostic.primary] + diagnostic.labels).enumerated() {
            let mark = Mark(label, isPrimary: index == 0, code: index == 0 ? Self.code(diagnostic.severity) : "34;1", width: Self.width)
            if let known = groups.firstIndex(where: { $0[0].label.file === label.file }) { groups[known].append(mark) } else { groups.append([mark]) }
        }
        let digits = groups.joined().map { "\($0.line)".count }.max() ?? 1
        return groups.flatMap { picture($0, digits) }
    }

    /// One file: its name, and the marked lines with what is between them left out.
    private func picture(_ marks: [Mark], _ digits: Int) -> [String] {
        let first = marks[0]
        var result = ["  \(space(digits))\(paint("-->", "34;1")) \(first.label.file.path):\(first.line):\(first.column)"]
        let rows = Dictionary(grouping: marks) { Row(line: $0.line, skipped: $0.skipped) }
        var before: Int?
        for row in rows.keys.sorted() {
            guard let marked = rows[row] else { continue }
            if let before, row.line > before + 2 { result.append("  " + paint("...", "34;1")) }
            if let before, row.line == before + 2 { result.append(source(before + 1, first.label.file.lineText(before + 1), digits)) }
            result.append(source(row.line, marked[0].text, digits))
            for text in markRows(marked) { result.append("  \(space(digits)) \(paint("|", "34;1")) \(text)") }
            before = row.line
        }
        return result
    }

    private struct Row: Hashable, Comparable {
        var line: Int
        var skipped: Int
        static func < (a: Row, b: Row) -> Bool { (a.line, a.skipped) < (b.line, b.skipped) }
    }

    private func source(_ line: Int, _ text: String, _ digits: Int) -> String {
        "  \(paint("\(space(digits - "\(line)".count))\(line) |", "34;1")) \(text)"
    }
    private func space(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    /// Marks below one line: those that do not touch share a row, and the last of them has its words beside it. The others have
    /// theirs below.
    private func markRows(_ marks: [Mark]) -> [String] {
        var rows: [[Mark]] = []
        for mark in marks {
            if let free = rows.firstIndex(where: { $0.allSatisfy { $0.end < mark.start || mark.end < $0.start } }) { rows[free].append(mark) } else { rows.append([mark]) }
        }
        return rows.flatMap { row -> [String] in
            let sorted = row.sorted { $0.start < $1.start }
            var text = "", at = 0
            for mark in sorted {
                text += mark.indent(from: at) + paint(String(repeating: mark.isPrimary ? "^" : "-", count: mark.columns), mark.code)
                at = mark.end
            }
            if let last = sorted.last, !last.label.text.isEmpty { text += " " + last.label.text }
            let others = sorted.dropLast().reversed().filter { !$0.label.text.isEmpty }
            return [text] + others.map { $0.indent(from: 0) + paint($0.label.text, $0.code) }
        }
    }

    private func paint(_ text: String, _ code: String) -> String {
        useColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// A label and where it stands in the line that is printed.
    private struct Mark {
        let label: Label
        let isPrimary: Bool
        let code: String
        let line: Int
        let column: Int
        /// The printed part of the line, and how many characters stand before it.
        let text: String
        let skipped: Int
        /// Characters of the printed text.
        let start: Int
        let end: Int
        /// Columns of a terminal that it takes.
        let columns: Int

        init(_ label: Label, isPrimary: Bool, code: String, width: Int) {
            self.label = label
            self.isPrimary = isPrimary
            self.code = code
            let from = label.file.position(of: label.range.start), to = label.file.position(of: label.range.end)
            (line, column) = (from.line, from.column)
            (text, skipped) = label.file.excerpt(line: from.line, around: label.range, width: width)
            start = max(0, from.column - 1 - skipped)
            let length = to.line == from.line ? max(1, to.column - from.column) : max(1, text.count - start)
            end = start + min(length, 200)
            let under = text.dropFirst(start).prefix(end - start)
            columns = max(under.reduce(0) { $0 + TerminalWidth.of($1) }, 1)
        }

        /// Room below the text from one character up to this mark: tabs stay tabs, wide letters take two columns.
        func indent(from: Int) -> String {
            text.dropFirst(from).prefix(max(start - from, 0)).map { $0 == "\t" ? "\t" : String(repeating: " ", count: TerminalWidth.of($0)) }.joined()
        }
    }
}

/// How many columns of a terminal a character takes.
enum TerminalWidth {
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]
    static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first, first.value >= 0x1100 else { return 1 }
        return wide.contains { $0.contains(first.value) } ? 2 : 1
    }
}

/// One line a finding: `file:line:column: severity[id]: message`.
package struct ShortReporter: Sendable {
    package init() {}
    package func report(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map {
            let place = $0.primary.file.position(of: $0.primary.range.start)
            return "\($0.primary.file.path):\(place.line):\(place.column): \($0.severity.rawValue)[\($0.id)]: \($0.message)\n"
        }.joined()
    }
}

/// What was found, in one line: the end of a report.
package enum FindingCount {
    /// `2 errors and 1 warning; 1 of them --fix mends, 1 more --unsafe-fixes`; nil where nothing was found.
    package static func words(_ diagnostics: [Diagnostic]) -> String? {
        func part(_ severity: Severity) -> String? {
            let count = diagnostics.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        let parts = [Severity.error, .warning, .note].compactMap(part)
        guard let last = parts.last else { return nil }
        var text = parts.count > 1 ? parts.dropLast().joined(separator: ", ") + " and " + last : last
        let safe = diagnostics.count { $0.fix?.applicability == .safe }, unsafe = diagnostics.count { $0.fix?.applicability == .unsafe }
        if safe > 0 { text += "; --fix mends \(safe)" }
        if unsafe > 0 { text += safe > 0 ? ", --unsafe-fixes \(unsafe) more" : "; --unsafe-fixes mends \(unsafe)" }
        return text
    }
}
