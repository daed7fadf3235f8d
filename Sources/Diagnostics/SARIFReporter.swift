// Findings in SARIF 2.1.0, the form that code scanners exchange.
import Base
import Foundation

/// Writes one run of one tool; lines and columns count from 1, columns in Unicode code points.
package struct SARIFReporter: Sendable {
    /// What an id means, for the list of rules.
    package struct Rule: Sendable {
        package var id: String
        package var text: String
        package init(id: String, text: String) {
            self.id = id
            self.text = text
        }
    }
    private let version: String
    private let rules: [Rule]

    /// `version`: of the program.
    package init(version: String, rules: [Rule]) {
        self.version = version
        self.rules = rules
    }

    private struct Log: Encodable {
        var schema = "https://json.schemastore.org/sarif-2.1.0.json"
        var version = "2.1.0"
        var runs: [Run]
        enum CodingKeys: String, CodingKey { case schema = "$schema", version, runs }
    }
    private struct Run: Encodable {
        var tool: Tool
        var columnKind = "unicodeCodePoints"
        var results: [Result]
    }
    private struct Tool: Encodable { var driver: Driver }
    private struct Driver: Encodable {
        var name = "studio"
        var semanticVersion: String
        var rules: [Descriptor]
    }
    private struct Message: Encodable { var text: String }
    private struct Descriptor: Encodable {
        var id: String
        var shortDescription: Message
    }
    private struct Result: Encodable {
        var ruleId: String
        var ruleIndex: Int?
        var level: String
        var message: Message
        var locations: [Location]
        var relatedLocations: [Location]?
        var fixes: [Mend]?
    }
    private struct Location: Encodable {
        var id: Int?
        var physicalLocation: Physical
        var message: Message?
    }
    private struct Physical: Encodable {
        var artifactLocation: Artifact
        var region: Region
    }
    private struct Artifact: Encodable { var uri: String }
    private struct Region: Encodable {
        var startLine: Int
        var startColumn: Int
        var endLine: Int
        var endColumn: Int
    }
    private struct Mend: Encodable {
        var description: Message
        var artifactChanges: [Change]
    }
    private struct Change: Encodable {
        var artifactLocation: Artifact
        var replacements: [Replacement]
    }
    private struct Replacement: Encodable {
        var deletedRegion: Region
        var insertedContent: Message
    }

    package func report(_ diagnostics: [Diagnostic]) throws -> String {
        let used = Set(diagnostics.map(\.id))
        let listed = rules.filter { used.contains($0.id) }
        let indices = Dictionary(listed.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let run = Run(tool: Tool(driver: Driver(semanticVersion: version, rules: listed.map { Descriptor(id: $0.id, shortDescription: Message(text: $0.text)) })),
                      results: diagnostics.map { result($0, indices[$0.id]) })
        return try JSONText.of(Log(runs: [run])) + "\n"
    }

    private func result(_ finding: Diagnostic, _ index: Int?) -> Result {
        let text = finding.message + (finding.help.map { ". Help: \($0)" } ?? "")
        let related = finding.labels.enumerated().map { location($0.element, id: $0.offset + 1, message: $0.element.text) }
        let fix = finding.fix.map { fix in
            Mend(description: Message(text: fix.title + (fix.applicability == .unsafe ? " (unsafe)" : "")),
                 artifactChanges: [Change(artifactLocation: Artifact(uri: uri(finding.primary.file)),
                                          replacements: fix.edits.map { Replacement(deletedRegion: region($0.range, finding.primary.file), insertedContent: Message(text: $0.replacement)) })])
        }
        return Result(ruleId: finding.id, ruleIndex: index, level: finding.severity.rawValue, message: Message(text: text),
                      locations: [location(finding.primary, id: nil, message: finding.primary.text)], relatedLocations: related.isEmpty ? nil : related, fixes: fix.map { [$0] })
    }
    private func location(_ label: Label, id: Int?, message: String) -> Location {
        Location(id: id, physicalLocation: Physical(artifactLocation: Artifact(uri: uri(label.file)), region: region(label.range, label.file)),
                 message: message.isEmpty ? nil : Message(text: message))
    }
    private func region(_ range: TextRange, _ file: SourceFile) -> Region {
        let start = file.position(of: range.start, in: .scalars), end = file.position(of: range.end, in: .scalars)
        return Region(startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column)
    }
    /// A path as a relative URI; what may not stand in one is written in per cent.
    private func uri(_ file: SourceFile) -> String {
        let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
        let path = file.path.hasPrefix("/") ? "file://" + (file.path.addingPercentEncoding(withAllowedCharacters: allowed) ?? "") : file.path.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        return path
    }
}
