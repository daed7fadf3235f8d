// Findings as the commands that GitHub Actions turns into marks at the lines of a change.

/// One `::error file=…` line a finding.
package struct GitHubReporter: Sendable {
    package init() {}

    package func report(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { finding in
            let file = finding.primary.file
            let start = file.position(of: finding.primary.range.start), end = file.position(of: finding.primary.range.end)
            let level = finding.severity == .note ? "notice" : finding.severity.rawValue
            var fields = ["file=\(property(file.path))", "line=\(start.line)", "endLine=\(end.line)"]
            // Columns only mean something on one line.
            if start.line == end.line { fields += ["col=\(start.column)", "endColumn=\(end.column)"] }
            fields.append("title=\(property(finding.id))")
            let text = finding.message + (finding.help.map { "\n\($0)" } ?? "")
            return "::\(level) \(fields.joined(separator: ","))::\(data(text))\n"
        }.joined()
    }

    private func data(_ text: String) -> String { text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A") }
    private func property(_ text: String) -> String { data(text).replacing(":", with: "%3A").replacing(",", with: "%2C") }
}
