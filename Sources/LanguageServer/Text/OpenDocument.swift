// One document of the editor and what is known of it.
import Base
import Diagnostics
import SceneLint
import SceneModel
import SceneSyntax

/// Everything that one text tells; made anew when the text or a file it imports changes.
final class Analysis {
    let lines: TextLines
    let tree: SyntaxTree
    let document: SceneDocument?
    let timeline: Timeline?
    /// Rules run when somebody asks: a completion does not wait for them.
    lazy var findings: [Diagnostic] = Self.withoutFilmFindings(SceneLinter.findings(loaded), tree)
    /// Names of this file and of those that it imports.
    let names: NameTable
    let symbols: FileSymbols
    /// Files that it hangs on, itself among them; normalised paths.
    let paths: Set<String>
    private let loaded: SceneLoader.Result
    private var times: ResolvedTimes?

    init(path: String, bytes: [UInt8], lines: TextLines, disk: KeptDisk) {
        self.lines = lines
        let loaded = SceneLoader.load(path: path, bytes: bytes, resolver: disk, parameters: [:], requiresParameters: false)
        self.loaded = loaded
        document = loaded.document
        timeline = loaded.timeline
        let trees = loaded.document?.trees ?? []
        tree = trees.first ?? Parser.parse(SourceFile(path: path, bytes: bytes))
        let own = FileSymbols(tree)
        symbols = own
        names = NameTable { path in
            if let known = trees.first(where: { AssetPath.normalised($0.file.path) == path }) { return known }
            guard let text = try? disk.readText(path), text.utf8.count <= Parser.maximumBytes else { return nil }
            return Parser.parse(SourceFile(path: path, text: text))
        }
        names.add(own)
        // Imports that are not there yet belong to them: they may come.
        paths = Set(trees.map { AssetPath.normalised($0.file.path) } + own.imports.map { AssetPath.normalised($0.path) } + [AssetPath.normalised(path)])
        times = loaded.document.map { ResolvedTimes($0) }
    }

    /// A file of assets and styles, made to be imported, is no film without shots.
    private static func withoutFilmFindings(_ findings: [Diagnostic], _ tree: SyntaxTree) -> [Diagnostic] {
        let film: Set<String> = ["scene", "shot", "transition", "output"]
        guard !tree.clauses.isEmpty, !tree.clauses.contains(where: { film.contains($0.word) }) else { return findings }
        return findings.filter { $0.id != "no-shots" }
    }

    func seconds(_ expression: TimeExpression, inShot shot: Int?) -> Rational? { times?.seconds(expression, inShot: shot) }
    func shot(_ index: Int) -> TimeRange? { times?.shot(index) }
    var rate: FrameRate { times?.rate ?? FrameRate(25) }

    /// A time as it stands in the text, params in place; nil where the argument is none.
    func time(_ argument: Argument) -> TimeExpression? {
        func term(_ argument: Argument) -> TimeExpression.Term? {
            switch argument.value {
            case .duration(let literal): return .literal(literal)
            case .name(let parts):
                if parts.count == 1 {
                    guard let value = document?.parameters.first(where: { $0.name == parts[0] })?.value, case .duration(let literal) = value.value else { return nil }
                    return .literal(literal)
                }
                guard let event = TimeExpression.Event(rawValue: parts[parts.count - 1]) else { return nil }
                return .event(parts.dropLast().joined(separator: "."), event)
            default: return nil
            }
        }
        var terms: [TimeExpression.Signed] = []
        if case .sum(let parts) = argument.value {
            for part in parts {
                guard let term = term(part.argument) else { return nil }
                terms.append(.init(isNegative: part.isNegative, term: term, range: part.argument.range))
            }
        } else {
            guard let term = term(argument) else { return nil }
            terms = [.init(isNegative: false, term: term, range: argument.range)]
        }
        return TimeExpression(terms: terms, place: Place(tree.file, argument.range))
    }
}

/// A document that the editor has open.
final class OpenDocument {
    let uri: String
    let path: String
    private(set) var bytes: [UInt8]
    private(set) var lines: TextLines
    var version: Int?
    /// The diagnostics that the editor shows are of an older text.
    var isPublished = false
    private var kept: Analysis?

    init(uri: String, text: String, version: Int?) {
        self.uri = uri
        path = DocumentAddress.path(uri)
        bytes = Array(text.utf8)
        lines = TextLines(bytes)
        self.version = version
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Applies one change of the editor: a range and its new text, or the whole text.
    func apply(_ change: JSONValue) {
        guard let text = change["text"]?.string else { return }
        if let range = lines.range(change["range"]) { bytes.replaceSubrange(range.start..<range.end, with: text.utf8) } else { bytes = Array(text.utf8) }
        lines = TextLines(bytes)
        invalidate()
    }
    /// Something that it hangs on has changed.
    func invalidate() {
        kept = nil
        isPublished = false
    }

    func analysis(_ disk: KeptDisk) -> Analysis {
        if let kept { return kept }
        let made = Analysis(path: path, bytes: bytes, lines: lines, disk: disk)
        kept = made
        return made
    }
    /// Files of the last analysis; empty before the first one.
    var readPaths: Set<String> { kept?.paths ?? [] }
}
