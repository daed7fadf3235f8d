// Findings for people: the source line, a caret, labels and help.

/// Writes findings with their source lines.
package struct PrettyReporter: Sendable {
    package var useColor: Bool
    package init(useColor: Bool) { self.useColor = useColor }

    package func report(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(report).joined(separator: "\n")
    }

    package func report(_ diagnostic: Diagnostic) -> String {
        var lines = [heading(diagnostic)]
        lines += excerpt(diagnostic.primary, mark: "^")
        for label in diagnostic.labels { lines += excerpt(label, mark: "-") }
        if let help = diagnostic.help { lines.append("   \(paint("=", "34;1")) help: \(help)") }
        if let fix = diagnostic.fix { lines.append("   \(paint("=", "34;1")) fix: \(fix.title)\(fix.applicability == .unsafe ? " (lint --unsafe-fixes)" : " (lint --fix)")") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func heading(_ diagnostic: Diagnostic) -> String {
        let code = diagnostic.severity == .error ? "31;1" : diagnostic.severity == .warning ? "33;1" : "36;1"
        return paint("\(diagnostic.severity.rawValue)[\(diagnostic.id)]", code) + paint(": \(diagnostic.message)", "1")
    }

    private func excerpt(_ label: Label, mark: String) -> [String] {
        let start = label.file.position(of: label.range.start)
        let end = label.file.position(of: label.range.end)
        let (text, skipped) = label.file.excerpt(line: start.line, around: label.range, width: 100)
        let number = "\(start.line)"
        let margin = String(repeating: " ", count: number.count)
        let width = end.line == start.line ? max(1, end.column - start.column) : max(1, text.count + skipped - start.column + 1)
        let indent = String(text.prefix(max(0, start.column - 1 - skipped)).map { $0 == "\t" ? "\t" : " " })
        let carets = String(repeating: mark, count: min(width, 200))
        return [
            "  \(margin)\(paint("-->", "34;1")) \(label.file.path):\(start.line):\(start.column)",
            "  \(paint("\(number) |", "34;1")) \(text)",
            "  \(margin) \(paint("|", "34;1")) \(indent)\(paint(carets, mark == "^" ? "31;1" : "34;1"))\(label.text.isEmpty ? "" : " \(label.text)")",
        ]
    }

    private func paint(_ text: String, _ code: String) -> String {
        useColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
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
