// Names, files and clauses of one load: the state that the clause readers share.
import Base
import Diagnostics
import Motion
import SceneSyntax

/// Resolves one scene file and what it imports.
final class Resolution {
    let resolver: any AssetResolver
    let parameters: [String: String]
    /// Folders from which the relative paths of file params count, by name; the scene's own where none is given.
    let parameterFolders: [String: String]
    let mainPath: String
    let requiresParameters: Bool
    let projectFolder: String
    var sink = DiagnosticSink()
    var trees: [SyntaxTree] = []
    var usedNames: Set<String> = []
    /// Files being read, for circles.
    var importStack: [String] = []
    var scopes: [String: Scope] = [:]
    var imports: [ImportUse] = []
    /// Counted against the limits of a scene.
    private var counts = SceneLimits.Counts()

    init(resolver: any AssetResolver, parameters: [String: String], parameterFolders: [String: String] = [:], mainPath: String, requiresParameters: Bool = true) {
        self.resolver = resolver
        self.parameters = parameters
        self.parameterFolders = parameterFolders
        self.mainPath = mainPath
        self.requiresParameters = requiresParameters
        projectFolder = resolver.projectFolder(ofScene: mainPath)
    }

    /// Names as one file sees them. A class: every reader looks at the same one while it grows.
    final class Scope {
        let file: SourceFile
        init(file: SourceFile) { self.file = file }
        var parameters: [String: Parameter] = [:]
        var parameterOrder: [String] = []
        var assets: [String: Asset] = [:]
        var motions: [String: MotionDeclaration] = [:]
        var styles: [String: StyleDeclaration] = [:]
        /// Where each name of the file was declared first.
        var declared: [String: Place] = [:]
        var shotNames: Set<String> = []
        /// Clauses that are only read in the file that is rendered.
        var ignored: [Place] = []
    }

    func report(_ id: String, _ message: String, _ place: Place, labels: [Label] = [],
                help: String? = nil, fix: Fix? = nil) {
        sink.report(Diagnostic(id, .error, message, at: place.label(), labels: labels, help: help, fix: fix))
    }

    // MARK: files

    func resolve(_ file: SourceFile) -> SceneDocument {
        let tree = Parser.parse(file)
        importStack = [AssetPath.normalised(mainPath)]
        let scope = readScope(file, tree)
        checkParameters(scope, file)
        let start = Place(file, TextRange(0, 0))
        var document = SceneDocument(file: file, scene: defaultScene(start))
        readMain(tree, scope, &document)
        document.parameters = scope.parameterOrder.compactMap { scope.parameters[$0] }
        document.assets = scope.assets
        document.motions = scope.motions
        document.styles = scope.styles
        document.usedNames = usedNames
        document.imports = imports
        document.trees = trees
        return document
    }

    /// Declarations of a file: params, imports, assets, motions, styles and the names of shots.
    private func readScope(_ file: SourceFile, _ tree: SyntaxTree) -> Scope {
        trees.append(tree)
        for finding in tree.diagnostics { sink.report(finding) }
        let scope = Scope(file: file)
        for clause in tree.clauses where clause.word == "param" { readParameter(reader(clause, scope), scope) }
        for clause in tree.clauses where clause.word == "import" { readImport(reader(clause, scope), scope) }
        for clause in tree.clauses {
            if let kind = AssetKind(rawValue: clause.word) { readAsset(kind, reader(clause, scope), scope) }
            if clause.word == "shot", let name = clause.arguments.first?.word, name != "for" {
                declare(name, Place(file, clause.arguments[0].range), scope)
                scope.shotNames.insert(name)
            }
        }
        for clause in tree.clauses {
            if let kind = MotionDeclaration.Kind(rawValue: clause.word) { readMotion(kind, reader(clause, scope), scope) }
        }
        readStyles(tree.clauses.filter { $0.word == "style" }, scope)
        scope.ignored = tree.clauses.filter { ["scene", "shot", "transition", "output"].contains($0.word) }.map { Place(file, $0.wordRange) }
        return scope
    }

    func reader(_ clause: Clause, _ scope: Scope) -> ClauseReader { ClauseReader(clause, scope: scope, resolution: self) }

    /// Enters a name; the second of one name is an error that shows the first.
    @discardableResult
    func declare(_ name: String, _ place: Place, _ scope: Scope) -> Bool {
        if let first = scope.declared[name] {
            report("duplicate-name", "the name `\(name)` is taken", place, labels: [first.label("first declared here")], help: "choose another name")
            return false
        }
        counts.names += 1
        guard counts.names <= SceneLimits.names else {
            if counts.names == SceneLimits.names + 1 {
                report("too-many-names", "a scene has at most \(SceneLimits.names) names, those of its imports included", place, help: "make two films of it")
            }
            return false
        }
        scope.declared[name] = place
        return true
    }

    private func readImport(_ reader: ClauseReader, _ scope: Scope) {
        guard let (written, place) = reader.string("the file to import") else { return }
        var prefix = ""
        if reader.word("as") {
            guard let name = reader.newName() else { return }
            prefix = name.0 + "."
        }
        guard reader.finish() else { return }
        let path = AssetPath.join(written, relativeToFile: scope.file.path)
        if let start = importStack.firstIndex(of: path) {
            let circle = (importStack[start...] + [path]).map { "`\($0)`" }.joined(separator: " imports ")
            report("import-circle", "files import each other in a circle", place, help: circle)
            return
        }
        guard isAllowed(path, written, place), mayImport(place) else { return }
        let imported: Scope
        if let known = scopes[path] { imported = known } else {
            do throws(AssetProblem) {
                let file = SourceFile(path: path, text: try resolver.readText(path))
                counts.importedBytes += file.bytes.count
                guard counts.importedBytes <= SceneLimits.importedBytes else {
                    report("imports-too-large", "imported files have at most \(SceneLimits.importedBytes >> 20) MiB together", place, help: "import less")
                    return
                }
                importStack.append(path)
                imported = readScope(file, Parser.parse(file))
                importStack.removeLast()
                scopes[path] = imported
            } catch {
                report(problem: error, written, place)
                return
            }
        }
        merge(imported, prefix, place, scope)
        let names = (Array(imported.assets.keys) + Array(imported.motions.keys) + Array(imported.styles.keys)).map { prefix + $0 }
        imports.append(ImportUse(path: path, place: reader.place, names: names, ignored: imported.ignored))
    }

    /// Limits on how many files are read and how deep they stand.
    private func mayImport(_ place: Place) -> Bool {
        counts.imports += 1
        if counts.imports > SceneLimits.imports {
            if counts.imports == SceneLimits.imports + 1 {
                report("too-many-imports", "a scene imports at most \(SceneLimits.imports) times, its imports included", place, help: "put what belongs together into one file")
            }
            return false
        }
        if importStack.count > SceneLimits.importDepth {
            report("imports-too-deep", "files import each other more than \(SceneLimits.importDepth) deep here", place, help: "import the file directly")
            return false
        }
        return true
    }

    /// The nearest known name; only for the first mistakes of a scene, so that many mistakes do not cost their square.
    func nearest<Names: Sequence>(to word: String, in candidates: @autoclosure () -> Names) -> String? where Names.Element == String {
        guard counts.suggestions < SceneLimits.suggestions else { return nil }
        counts.suggestions += 1
        return Suggestion.nearest(to: word, in: candidates())
    }

    private func merge(_ imported: Scope, _ prefix: String, _ place: Place, _ scope: Scope) {
        for (name, asset) in imported.assets.sorted(by: { $0.key < $1.key }) where declare(prefix + name, place, scope) {
            scope.assets[prefix + name] = asset
            scope.assets[prefix + name]?.name = prefix + name
        }
        for (name, motion) in imported.motions.sorted(by: { $0.key < $1.key }) where declare(prefix + name, place, scope) {
            scope.motions[prefix + name] = motion
        }
        for (name, style) in imported.styles.sorted(by: { $0.key < $1.key }) where declare(prefix + name, place, scope) {
            scope.styles[prefix + name] = style
        }
    }

    /// The rule that a scene only reads below its project folder (section 1, 8).
    func isAllowed(_ path: String, _ written: String, _ place: Place) -> Bool {
        if resolver.allowsOutsideProject { return true }
        let folder = resolver.canonicalPath(projectFolder)
        if AssetPath.isInside(resolver.canonicalPath(path), folder: folder) { return true }
        report("outside-project", "`\(written)` lies outside the project folder", place,
               help: "a scene only reads below \(folder.isEmpty ? "its own folder" : "`\(folder)`"); put `studio.toml` in the folder above both, or allow it with `--allow-outside`")
        return false
    }

    func report(problem: AssetProblem, _ written: String, _ place: Place) {
        switch problem {
        case .missing(let folder, let nearest):
            let where_ = "searched \(folder.isEmpty ? "the current folder" : "`\(folder)`")"
            report("missing-file", "there is no file `\(written)`", place, help: nearest.map { "\(where_); did you mean `\($0)`?" } ?? where_)
        case .unreadable(let reason):
            report("unreadable-file", "`\(written)` cannot be used: \(reason)", place, help: "make or fetch the file again, or name another one")
        }
    }

    // MARK: params

    private func readParameter(_ reader: ClauseReader, _ scope: Scope) {
        guard let (name, place) = reader.newName(), reader.mark(":") else { return }
        guard let kind = reader.choice(Parameter.Kind.self, "a type") else { return }
        var parameter = Parameter(name: name, kind: kind, value: nil, place: place)
        if reader.optionalMark("=") {
            guard let argument = reader.next("a value") else { return }
            guard Self.fits(argument, kind) else {
                if kind == .color, let word = argument.word {
                    let near = nearest(to: word, in: ColorNames.all)
                    reader.fail("unknown-color", "there is no colour `\(word)`", argument.range, help: near.map { "did you mean `\($0)`?" })
                    return
                }
                reader.fail("wrong-kind", "a \(kind.rawValue) param cannot start as \(ClauseReader.describe(argument))", argument.range)
                return
            }
            parameter.value = argument
        }
        guard reader.finish() else { return }
        if let text = given(name, kind) {
            if let value = Self.argument(kind == .file ? path(text, of: name) : text, kind) { parameter.value = value } else {
                report("bad-parameter", "`\(text)` is not a \(kind.rawValue) for `\(name)`", place, help: "set it with --set \(name)=\(Self.example(kind))")
            }
        }
        guard declare(name, place, scope) else { return }
        scope.parameters[name] = parameter
        scope.parameterOrder.append(name)
    }

    /// What the command line or a table says of a param. An empty cell says nothing, but that a text is empty.
    private func given(_ name: String, _ kind: Parameter.Kind) -> String? {
        guard let text = parameters[name], kind == .text || !text.isEmpty else { return nil }
        return text
    }

    /// A file named on the command line or in a table counts from there, not from the scene.
    private func path(_ text: String, of name: String) -> String {
        guard let folder = parameterFolders[name], !text.isEmpty, !text.hasPrefix("/") else { return text }
        return AssetPath.normalised(folder + "/" + text)
    }

    private static func fits(_ argument: Argument, _ kind: Parameter.Kind) -> Bool {
        switch (kind, argument.value) {
        case (_, .invalid): true
        case (.text, .string), (.file, .string), (.number, .number), (.duration, .duration), (.color, .color): true
        case (.number, .quantity), (.angle, .quantity(_, .degrees)), (.angle, .quantity(_, .radians)): true
        case (.color, .name(let parts)): parts.count == 1 && ColorNames.color(parts[0]) != nil
        case (.flag, .name(let parts)): ["on", "off"].contains(parts.joined())
        default: false
        }
    }

    private static func example(_ kind: Parameter.Kind) -> String {
        switch kind {
        case .text: "Anna"
        case .number: "0.5"
        case .duration: "2s"
        case .angle: "12deg"
        case .color: "#20303c"
        case .file: "audio/hello.wav"
        case .flag: "on"
        }
    }

    /// A value of the command line or of a table.
    private static func argument(_ text: String, _ kind: Parameter.Kind) -> Argument? {
        if kind == .text || kind == .file { return Argument(.string([.text(text)]), TextRange(0, 0)) }
        if kind == .flag, let flag = ["on": "on", "true": "on", "yes": "on", "1": "on", "off": "off", "false": "off", "no": "off", "0": "off"][text] {
            return Argument(.name([flag]), TextRange(0, 0))
        }
        let tree = Parser.parse(SourceFile(path: "--set", text: "value " + text))
        guard tree.diagnostics.isEmpty, tree.clauses.count == 1, tree.clauses[0].block == nil, tree.clauses[0].arguments.count == 1,
              fits(tree.clauses[0].arguments[0], kind) else { return nil }
        return tree.clauses[0].arguments[0]
    }

    private func checkParameters(_ scope: Scope, _ file: SourceFile) {
        let missing = scope.parameterOrder.compactMap { scope.parameters[$0] }.filter { $0.value == nil && given($0.name, $0.kind) == nil }
        if requiresParameters, let first = missing.first {
            let names = missing.map { "`\($0.name)`" }.joined(separator: ", ")
            report("missing-parameter", "\(missing.count == 1 ? "this param has" : "these params have") no value: \(names)", first.place,
                   labels: missing.dropFirst().map { $0.place.label() },
                   help: "set with " + missing.map { "--set \($0.name)=\(Self.example($0.kind))" }.joined(separator: " ") + ", or give a default")
        }
        for name in parameters.keys.sorted() where scope.parameters[name] == nil {
            let near = nearest(to: name, in: scope.parameterOrder)
            report("unknown-parameter", "the scene has no param `\(name)`", Place(file, TextRange(0, 0)),
                   help: near.map { "did you mean `\($0)`?" } ?? (scope.parameterOrder.isEmpty ? "it has no params" : "it has \(scope.parameterOrder.joined(separator: ", "))"))
        }
    }
}
