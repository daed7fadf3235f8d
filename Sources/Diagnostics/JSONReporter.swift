// Findings for machines: one versioned JSON document.
import Base
import Foundation

/// Writes `{"version":1,"diagnostics":[…]}`; lines and columns count from 1, offsets are UTF-8 bytes from 0.
package struct JSONReporter: Sendable {
    package init() {}

    private struct Document: Encodable {
        var version = 1
        var diagnostics: [Entry]
    }
    private struct Entry: Encodable {
        var id: String
        var severity: String
        var message: String
        var primary: Place
        var labels: [Place]
        var help: String?
        var fix: Mend?
    }
    private struct Place: Encodable {
        var file: String
        var line: Int
        var column: Int
        var endLine: Int
        var endColumn: Int
        var start: Int
        var end: Int
        var text: String

        init(_ label: Label) {
            let from = label.file.position(of: label.range.start)
            let to = label.file.position(of: label.range.end)
            file = label.file.path
            line = from.line
            column = from.column
            endLine = to.line
            endColumn = to.column
            start = label.range.start
            end = label.range.end
            text = label.text
        }
    }
    private struct Mend: Encodable {
        var title: String
        var applicability: String
        var edits: [Edit]
        struct Edit: Encodable {
            var start: Int
            var end: Int
            var replacement: String
        }
    }

    package func report(_ diagnostics: [Diagnostic]) throws -> String {
        let entries = diagnostics.map { finding in
            Entry(id: finding.id, severity: finding.severity.rawValue, message: finding.message,
                  primary: Place(finding.primary), labels: finding.labels.map(Place.init), help: finding.help,
                  fix: finding.fix.map { fix in
                      Mend(title: fix.title, applicability: fix.applicability.rawValue,
                           edits: fix.edits.map { .init(start: $0.range.start, end: $0.range.end, replacement: $0.replacement) })
                  })
        }
        return try JSONText.of(Document(diagnostics: entries)) + "\n"
    }
}
