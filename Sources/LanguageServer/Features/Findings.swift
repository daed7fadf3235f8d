// Findings as the protocol has them, and the quick fixes that mend them.
import Diagnostics
import SceneModel
import SceneSyntax

enum Findings {
    /// Diagnostics of one document. What is wrong in an imported file is shown at the import.
    static func diagnostics(_ analysis: Analysis) -> JSONValue {
        .array(analysis.findings.prefix(1000).map { diagnostic($0, analysis) })
    }

    private static func diagnostic(_ finding: Diagnostic, _ analysis: Analysis) -> JSONValue {
        let own = analysis.tree.file
        let isHere = finding.primary.file.path == own.path
        let range = isHere ? finding.primary.range : importRange(of: finding.primary.file.path, analysis)
        var message = finding.message
        if !isHere { message = "in \(finding.primary.file.path.split(separator: "/").last ?? "another file"): " + message }
        if let help = finding.help { message += "\n" + help }
        var result: [String: JSONValue] = [
            "range": analysis.lines.json(range), "severity": .int(finding.severity == .error ? 1 : finding.severity == .warning ? 2 : 3),
            "code": .string(finding.id), "source": "studio", "message": .string(message),
        ]
        var related = finding.labels
        if !isHere { related.insert(finding.primary, at: 0) }
        if !related.isEmpty { result["relatedInformation"] = .array(related.map { label($0, analysis) }) }
        if finding.id.hasPrefix("unused-") { result["tags"] = [1] }
        return .object(result)
    }

    private static func label(_ label: Label, _ analysis: Analysis) -> JSONValue {
        let lines = label.file.path == analysis.tree.file.path ? analysis.lines : TextLines(label.file.bytes)
        return ["location": ["uri": .string(DocumentAddress.uri(label.file.path)), "range": lines.json(label.range)],
                "message": .string(label.text.isEmpty ? "see here" : label.text)]
    }

    /// The import through which a file came.
    private static func importRange(of path: String, _ analysis: Analysis) -> TextRange {
        let wanted = AssetPath.normalised(path)
        func leads(_ from: String, _ depth: Int) -> Bool {
            if from == wanted { return true }
            guard depth < 16, let symbols = analysis.names.symbols(from) else { return false }
            return symbols.imports.contains { leads(AssetPath.normalised($0.path), depth + 1) }
        }
        return analysis.symbols.imports.first { leads(AssetPath.normalised($0.path), 0) }?.pathRange ?? TextRange(0, 0)
    }

    // MARK: quick fixes

    /// Actions for a range: the fixes of its findings, an allow for a warning, and all safe fixes at once.
    static func actions(_ analysis: Analysis, uri: String, in range: TextRange, only: [String]) -> JSONValue {
        func wants(_ kind: String) -> Bool { only.isEmpty || only.contains { kind == $0 || kind.hasPrefix($0 + ".") } }
        let own = analysis.findings.filter { $0.primary.file.path == analysis.tree.file.path }
        var result: [JSONValue] = []
        if wants("quickfix") {
            for finding in own where finding.primary.range.start <= range.end && range.start <= finding.primary.range.end {
                if let fix = finding.fix {
                    result.append(action(fix.title, "quickfix", fix.edits, finding, uri, analysis, isPreferred: fix.applicability == .safe))
                }
                if finding.severity != .error { result.append(allow(finding, uri, analysis)) }
            }
        }
        if wants("source.fixAll") {
            let edits = safeEdits(own)
            if !edits.isEmpty { result.append(action("apply all safe fixes", "source.fixAll", edits, nil, uri, analysis, isPreferred: false)) }
        }
        return .array(result)
    }

    /// Edits of all safe fixes that do not touch each other.
    private static func safeEdits(_ findings: [Diagnostic]) -> [TextEdit] {
        var result: [TextEdit] = []
        for fix in findings.compactMap(\.fix) where fix.applicability == .safe {
            let isFree = fix.edits.allSatisfy { edit in !result.contains { $0.range.start <= edit.range.end && edit.range.start <= $0.range.end } }
            if isFree { result += fix.edits }
        }
        return result.sorted { $0.range.start < $1.range.start }
    }

    /// A comment above the clause that silences the finding; the author still has to say why.
    private static func allow(_ finding: Diagnostic, _ uri: String, _ analysis: Analysis) -> JSONValue {
        let line = analysis.lines.position(of: finding.primary.range.start).line
        let start = analysis.lines.startOfLine(line)
        let indent = analysis.lines.bytes[start..<analysis.lines.endOfLine(line)].prefix { $0 == 0x20 || $0 == 0x09 }
        let text = String(decoding: indent, as: UTF8.self) + "// studio:allow \(finding.id) because …\n"
        return action("allow `\(finding.id)` here", "quickfix", [TextEdit(TextRange(start, start), text)], finding, uri, analysis, isPreferred: false)
    }

    private static func action(_ title: String, _ kind: String, _ edits: [TextEdit], _ finding: Diagnostic?, _ uri: String, _ analysis: Analysis, isPreferred: Bool) -> JSONValue {
        var result: [String: JSONValue] = ["title": .string(title), "kind": .string(kind), "edit": ["changes": .object([uri: textEdits(edits, analysis.lines)])]]
        if let finding { result["diagnostics"] = [diagnostic(finding, analysis)] }
        if isPreferred { result["isPreferred"] = true }
        return .object(result)
    }

    static func textEdits(_ edits: [TextEdit], _ lines: TextLines) -> JSONValue {
        .array(edits.map { ["range": lines.json($0.range), "newText": .string($0.replacement)] })
    }
}
