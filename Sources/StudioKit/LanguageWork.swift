// The verbs of the scene language: findings and their mending, the one layout, explanations.
import Diagnostics
import Foundation
import SceneLint
import SceneModel
import SceneSyntax

/// What `lint` looks at and how it judges.
package struct LintOptions: Sendable {
    /// Only these findings, and errors; empty: all.
    package var selected: Set<String> = []
    /// Not these. An error cannot be ignored.
    package var ignored: Set<String> = []
    /// Warnings count as errors.
    package var deniesWarnings = false
    package var readsMedia = true
    package var allowsOutside = false
    package init() {}

    /// Without media some rules cannot look, so that what an allow silences cannot be told.
    func judges(_ id: String) -> Bool { readsMedia || id != "unused-allow" }

    func shows(_ finding: Diagnostic) -> Bool {
        guard judges(finding.id) else { return false }
        return finding.severity == .error || (!ignored.contains(finding.id) && (selected.isEmpty || selected.contains(finding.id)))
    }
}

/// Verbs on the text of scenes.
package enum LanguageWork {
    package enum Format: String, Sendable, CaseIterable { case pretty, short, json, sarif, github }

    /// A scene file as bytes; `-` is standard input. Reads little more than a scene may have, however much there is.
    package static func read(_ path: String) throws -> SourceFile {
        let most = Parser.maximumBytes + 1
        do {
            let handle: FileHandle
            if path == "-" { handle = .standardInput } else {
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw StudioFailure(3, "\(path): there is no such scene") }
                guard !isFolder.boolValue else { throw StudioFailure(3, "\(path): is a folder", advice: "name the scene file in it") }
                guard let opened = FileHandle(forReadingAtPath: path) else { throw StudioFailure(3, "\(path): cannot be read") }
                handle = opened
            }
            var bytes: [UInt8] = []
            while bytes.count < most, let data = try handle.read(upToCount: most - bytes.count), !data.isEmpty { bytes += data }
            if path != "-" { try? handle.close() }
            return SourceFile(path: path == "-" ? "<stdin>" : path, bytes: bytes)
        } catch let failure as StudioFailure { throw failure } catch { throw StudioFailure(3, "\(path): cannot be read: \(error.localizedDescription)") }
    }

    /// Ids of the command line, parted by commas; an unknown one is an error with the nearest known one.
    package static func ids(_ lists: [String], flag: String) throws -> Set<String> {
        var result: Set<String> = []
        for id in lists.flatMap({ $0.split(separator: ",") }).map({ $0.trimmingCharacters(in: .whitespaces) }) {
            guard Explanation.kind(of: id) != nil else { throw unknown(id, "\(flag) \(id): ") }
            result.insert(id)
        }
        return result
    }

    private static func unknown(_ id: String, _ prefix: String) -> StudioFailure {
        let near = Suggestion.nearest(to: id, in: Explanation.ids)
        return StudioFailure(2, "\(prefix)there is no finding “\(id)”", advice: near.map { "did you mean \($0)?" } ?? "`studio explain` lists them all")
    }

    // MARK: lint

    /// All findings of a file that the options show, in the order of the text.
    package static func lint(_ file: SourceFile, _ options: LintOptions) -> [Diagnostic] {
        SceneLinter.findings(load(file.path, file.bytes, options)).filter(options.shows)
    }

    /// A file mended as far as it goes.
    package struct Mended: Sendable {
        package var text: String
        /// What was done, a line each: `unused-import: remove the import`.
        package var applied: [String]
        package var findings: [Diagnostic]
    }

    /// The text with the safe fixes of what the options show, and the unsafe ones where asked; nothing is written.
    package static func mend(_ file: SourceFile, _ options: LintOptions, unsafe: Bool) -> Mended {
        guard file.bytes.count <= Parser.maximumBytes, let text = String(validating: file.bytes, as: UTF8.self) else {
            return Mended(text: file.text, applied: [], findings: lint(file, options))
        }
        var fixer = Fixer(includesUnsafe: unsafe, ids: { options.judges($0) && !options.ignored.contains($0) && (options.selected.isEmpty || options.selected.contains($0)) }) { load(file.path, Array($0.utf8), options) }
        let outcome = fixer.run(text)
        return Mended(text: outcome.text, applied: outcome.applied.map { "\($0.id): \($0.title)" }, findings: outcome.findings.filter(options.shows))
    }

    private static func load(_ path: String, _ bytes: [UInt8], _ options: LintOptions) -> SceneLoader.Result {
        let resolver = CachedResolver(DiskResolver(allowsOutsideProject: options.allowsOutside, readsMedia: options.readsMedia, examinesMedia: true))
        return SceneLoader.load(path: path, bytes: bytes, resolver: resolver, requiresParameters: false)
    }

    /// Findings in one of the formats of the command line.
    package static func report(_ findings: [Diagnostic], _ format: Format, color: Bool) throws -> String {
        switch format {
        case .pretty: PrettyReporter(useColor: color).report(findings)
        case .short: ShortReporter().report(findings)
        case .json: try JSONReporter().report(findings)
        case .github: GitHubReporter().report(findings)
        case .sarif:
            try SARIFReporter(version: Studio.version, rules: Explanation.ids.map { .init(id: $0, text: Explanation.summary($0) ?? $0) }).report(findings)
        }
    }

    // MARK: layout

    /// The text in the one layout, or the syntax errors that stand against it.
    package static func format(_ file: SourceFile) -> (text: String?, findings: [Diagnostic]) {
        let tree = Parser.parse(file)
        return (Formatter.format(tree), tree.diagnostics)
    }

    package static func diff(_ file: SourceFile, _ text: String) -> String { UnifiedDiff.text(file.text, text, path: file.path) }

    /// Replaces a file as a whole: it never holds half of a text. A link is followed.
    package static func write(_ text: String, to path: String) throws {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        do { try Data(text.utf8).write(to: target, options: .atomic) } catch { throw StudioFailure(4, "\(path): cannot be written: \(error.localizedDescription)", advice: "make the file and its folder writable") }
    }

    // MARK: explanations

    /// All ids with the first sentence about each.
    package static var explanations: String {
        let width = Explanation.ids.map(\.count).max() ?? 0
        return Explanation.ids.map { id in
            let text = Explanation.summary(id) ?? ""
            let sentence = text.range(of: ". ").map { String(text[..<$0.lowerBound]) + "." } ?? text
            return id.padding(toLength: width + 2, withPad: " ", startingAt: 0) + sentence + "\n"
        }.joined()
    }

    /// The page of an id; an unknown one is an error with the nearest known one.
    package static func explanation(_ id: String) throws -> String {
        guard let text = Explanation.text(id) else { throw unknown(id, "") }
        return text
    }
}
