// What is wrong, where, why, and how to mend it: data, never thrown.

/// How bad a finding is. Only what foretells a failed or wrong render is an error.
package enum Severity: String, Sendable, Hashable, Comparable {
    case note, warning, error

    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { self == .note ? 0 : self == .warning ? 1 : 2 }
}

/// A place in a file with words about it.
package struct Label: Sendable {
    package var file: SourceFile
    package var range: TextRange
    package var text: String
    package init(_ file: SourceFile, _ range: TextRange, _ text: String = "") {
        self.file = file
        self.range = range
        self.text = text
    }
}

/// One replacement of text.
package struct TextEdit: Sendable, Hashable {
    package var range: TextRange
    package var replacement: String
    package init(_ range: TextRange, _ replacement: String) {
        self.range = range
        self.replacement = replacement
    }
}

/// Edits that mend a finding.
package struct Fix: Sendable, Hashable {
    package enum Applicability: String, Sendable { case safe, unsafe }
    package var title: String
    package var edits: [TextEdit]
    package var applicability: Applicability
    package init(_ title: String, edits: [TextEdit], applicability: Applicability = .safe) {
        self.title = title
        self.edits = edits
        self.applicability = applicability
    }
    /// Another word in place of one that nobody knows: a guess, so never safe.
    package static func rename(_ range: TextRange, to word: String) -> Fix {
        Fix("write `\(word)`", edits: [TextEdit(range, word)], applicability: .unsafe)
    }
}

/// One finding.
package struct Diagnostic: Sendable {
    /// Kebab case, permanent.
    package var id: String
    package var severity: Severity
    package var message: String
    package var primary: Label
    package var labels: [Label]
    package var help: String?
    package var fix: Fix?

    package init(_ id: String, _ severity: Severity, _ message: String, at primary: Label, labels: [Label] = [],
                 help: String? = nil, fix: Fix? = nil) {
        self.id = id
        self.severity = severity
        self.message = message
        self.primary = primary
        self.labels = labels
        self.help = help
        self.fix = fix
    }
}

/// Collects findings in the order of the text.
package struct DiagnosticSink: Sendable {
    package private(set) var diagnostics: [Diagnostic] = []
    private var errorPlaces: Set<ErrorPlace> = []
    private struct ErrorPlace: Hashable {
        var file: ObjectIdentifier
        var range: TextRange
    }
    package init() {}

    /// Adds a finding; a second error at the very same place is the first one's echo and is dropped.
    package mutating func report(_ diagnostic: Diagnostic) {
        if diagnostic.severity == .error {
            let place = ErrorPlace(file: ObjectIdentifier(diagnostic.primary.file), range: diagnostic.primary.range)
            guard errorPlaces.insert(place).inserted else { return }
            hasErrors = true
        }
        diagnostics.append(diagnostic)
    }
    package private(set) var hasErrors = false
    /// Files in the order in which they first appear, each from top to bottom.
    package var inTextOrder: [Diagnostic] {
        var order: [ObjectIdentifier: Int] = [:]
        for finding in diagnostics {
            let file = ObjectIdentifier(finding.primary.file)
            if order[file] == nil { order[file] = order.count }
        }
        return diagnostics.enumerated().sorted { a, b in
            let (fileA, fileB) = (order[ObjectIdentifier(a.element.primary.file)] ?? 0, order[ObjectIdentifier(b.element.primary.file)] ?? 0)
            if fileA != fileB { return fileA < fileB }
            let (x, y) = (a.element.primary.range.start, b.element.primary.range.start)
            return x == y ? a.offset < b.offset : x < y
        }.map(\.element)
    }
}
