// What may be typed at the cursor: clauses, words, names, units, colours, files.
import Diagnostics
import Foundation
import SceneModel
import SceneSyntax

/// Completion at one offset of an analysed text.
struct Completion {
    let analysis: Analysis
    let disk: any ServerDisk
    let place: CursorPlace
    private let offset: Int
    private let supportsSnippets: Bool

    init(_ analysis: Analysis, disk: any ServerDisk, offset: Int, supportsSnippets: Bool) {
        self.analysis = analysis
        self.disk = disk
        self.offset = offset
        self.supportsSnippets = supportsSnippets
        place = CursorPlace(analysis.tree, offset: offset)
    }

    /// Kinds of the protocol.
    private enum ItemKind: Int {
        case text = 1, function = 3, variable = 6, type = 7, module = 9, unit = 11, keyword = 14, snippet = 15, color = 16, file = 17, folder = 19, word = 20, constant = 21, event = 23
    }

    func items() -> JSONValue {
        if place.isInComment { return comment() }
        if place.kind == .string { return list(insideString()) }
        guard let context = place.context else { return list([]) }
        guard let word = place.word else { return list(clauses(context)) }
        guard let shape = ClauseShapes.shape(word, in: context) else { return list([]) }
        let match = shape.match(place.before, isParameter: analysis.symbols.isParameter)
        if place.kind == .number { return list(units(match.expected)) }
        if let dot = place.typed.lastIndex(of: ".") { return list(members(String(place.typed[..<dot]), match.expected)) }
        return list(match.expected.flatMap { items($0, word, context) })
    }

    private func list(_ items: [JSONValue]) -> JSONValue { ["isIncomplete": false, "items": .array(items)] }

    private func item(_ label: String, _ kind: ItemKind, detail: String? = nil, documentation: String? = nil, insert: String? = nil, isSnippet: Bool = false,
                      range: TextRange? = nil, order: String = "5") -> JSONValue {
        var result: [String: JSONValue] = ["label": .string(label), "kind": .int(kind.rawValue), "sortText": .string(order + label)]
        if let detail { result["detail"] = .string(detail) }
        if let documentation { result["documentation"] = ["kind": "markdown", "value": .string(documentation)] }
        let snippet = isSnippet && supportsSnippets
        result["insertTextFormat"] = .int(snippet ? 2 : 1)
        let text = isSnippet && !supportsSnippets ? label : insert ?? label
        result["textEdit"] = ["range": analysis.lines.json(range ?? place.range), "newText": .string(text)]
        return .object(result)
    }

    // MARK: clauses

    private func clauses(_ context: ClauseContext) -> [JSONValue] {
        ClauseRegistry.keywords(in: context).sorted().compactMap { keyword in
            guard let schema = ClauseRegistry.schema(keyword, in: context) else { return nil }
            return item(keyword, .keyword, detail: schema.arguments.isEmpty ? nil : "\(keyword) \(schema.arguments)", documentation: ClauseText.markdown(schema),
                        insert: ClauseText.snippet(schema, context), isSnippet: ClauseText.snippet(schema, context) != nil)
        }
    }

    // MARK: arguments

    private func items(_ expected: Expected, _ word: String, _ context: ClauseContext) -> [JSONValue] {
        switch expected {
        case .word(let word): return [item(word, .word, order: "3")]
        case .mark: return []
        case .type(let type):
            var result: [JSONValue] = []
            switch type {
            case .color: result = colors()
            case .easing: result = ClauseShapes.easings.map { item($0, .word) } + [item("bezier(…)", .function, insert: "bezier(${1:0.3}, ${2:0}, ${3:0.7}, ${4:1})", isSnippet: true)]
            case .time: result = events()
            case .style: result = TextStyle.builtIn.keys.sorted().map { item($0, .constant, detail: "built-in style") }
            default: break
            }
            if !type.kinds.isEmpty { result += names { type.kinds.contains($0) } }
            if type != .name { result += parameters(type) }
            return result
        }
    }

    private func names(_ fits: (SymbolKind) -> Bool) -> [JSONValue] {
        analysis.names.visible(in: analysis.tree.file.path).filter { fits($0.declaration.kind) }.map { entry in
            item(entry.written, Self.kind(entry.declaration.kind), detail: entry.declaration.kind.word, documentation: HoverText.asset(entry.written, analysis), order: "1")
        }
    }
    private static func kind(_ kind: SymbolKind) -> ItemKind {
        switch kind {
        case .asset(.persona): .type
        case .asset: .variable
        case .motion: .function
        case .style: .constant
        case .parameter: .variable
        case .shot: .event
        case .prefix: .module
        }
    }

    /// Params whose value may stand there.
    private func parameters(_ type: ValueType) -> [JSONValue] {
        let kinds: Set<Parameter.Kind> = switch type {
        case .string: [.text, .file]
        case .number: [.number]
        case .time: [.duration]
        case .angle, .value: [.angle]
        case .color: [.color]
        case .length, .level, .rate, .percent, .offset: [.number]
        default: []
        }
        return (analysis.document?.parameters ?? []).filter { kinds.contains($0.kind) }.map { item($0.name, .variable, detail: "param: \($0.kind.rawValue)", order: "2") }
    }

    private func colors() -> [JSONValue] {
        (ColorNames.all + ["transparent"]).sorted().map { name in
            item(name, .color, documentation: ColorNames.color(name).map { HoverText.hex($0) }, order: "7")
        }
    }

    /// `hello.end`, `shot.end`: what is heard or seen in time.
    private func events() -> [JSONValue] {
        var subjects = ["shot"]
        for entry in analysis.names.visible(in: analysis.tree.file.path) {
            switch entry.declaration.kind {
            case .asset(.audio), .asset(.video), .shot: subjects.append(entry.written)
            default: break
            }
        }
        return subjects.flatMap { subject in ["end", "start", "duration"].map { item("\(subject).\($0)", .event, order: "4") } }
    }

    /// Behind a dot: names of an imported file, or the events of a name.
    private func members(_ prefix: String, _ expected: [Expected]) -> [JSONValue] {
        var result: [JSONValue] = []
        let types = Set(expected.compactMap { if case .type(let type) = $0 { type } else { nil } })
        let kinds = types.reduce(into: Set<SymbolKind>()) { $0.formUnion($1.kinds) }
        for entry in analysis.names.visible(in: analysis.tree.file.path) where entry.written.hasPrefix(prefix + ".") {
            guard kinds.contains(entry.declaration.kind) || types.contains(.time) else { continue }
            result.append(item(entry.written, Self.kind(entry.declaration.kind), detail: entry.declaration.kind.word, order: "1"))
        }
        let isTimed = prefix == "shot" || analysis.names.resolve(prefix.split(separator: ".").map(String.init), in: analysis.tree.file.path).map {
            [.asset(.audio), .asset(.video), .shot].contains($0.declaration.kind)
        } ?? false
        if types.contains(.time), isTimed { result += ["end", "start", "duration"].map { item("\(prefix).\($0)", .event) } }
        return result
    }

    /// Behind the digits of a number.
    private func units(_ expected: [Expected]) -> [JSONValue] {
        let digits = String(place.typed.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" })
        var units: [String] = []
        for case .type(let type) in expected { for unit in type.units where !units.contains(unit) { units.append(unit) } }
        guard !digits.isEmpty else { return [] }
        return units.enumerated().map { item(digits + $0.element, .unit, order: "\($0.offset)") }
    }

    // MARK: strings and comments

    private func insideString() -> [JSONValue] {
        if let open = place.typed.range(of: "\\(", options: .backwards), !place.typed[open.upperBound...].contains(")") {
            let start = offset - place.typed[open.upperBound...].utf8.count
            return (analysis.document?.parameters ?? []).map {
                item($0.name, .variable, detail: "param: \($0.kind.rawValue)", insert: "\($0.name))", range: TextRange(start, offset))
            }
        }
        guard let context = place.context, let word = place.word, let endings = FileEndings.of(word, context) else { return [] }
        let typed = String(place.typed.dropFirst())
        let folderPart = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
        let start = offset - typed.utf8.count + folderPart.utf8.count
        let scene = analysis.tree.file.path
        let folder = folderPart.isEmpty ? AssetPath.folder(of: scene) : AssetPath.join(String(folderPart.dropLast()), relativeToFile: scene)
        let project = disk.projectFolder(ofScene: scene)
        guard disk.allowsOutsideProject || AssetPath.isInside(disk.canonicalPath(folder), folder: disk.canonicalPath(project)) else { return [] }
        var result: [JSONValue] = []
        for entry in disk.entries(folder).prefix(2000) where !entry.name.hasPrefix(".") {
            let ending = entry.name.split(separator: ".").last.map { $0.lowercased() } ?? ""
            if entry.isFolder { result.append(item(entry.name + "/", .folder, range: TextRange(start, offset), order: "6")) }
            else if endings.isEmpty || endings.contains(ending) { result.append(item(entry.name, .file, range: TextRange(start, offset), order: "1")) }
        }
        return result
    }

    /// Behind `// studio:allow` the findings of this text.
    private func comment() -> JSONValue {
        guard place.typed.hasPrefix("//"), let mark = place.typed.range(of: "studio:allow ") else { return list([]) }
        let typed = place.typed[mark.upperBound...]
        guard !typed.contains(" ") else { return list([]) }
        let ids = Set(analysis.findings.filter { $0.severity != .error }.map(\.id)).sorted()
        return list(ids.map { item($0, .text, range: TextRange(offset - typed.utf8.count, offset)) })
    }
}

/// Endings of the files that a clause takes.
enum FileEndings {
    /// nil: the string is no file; empty: any file.
    static func of(_ word: String, _ context: ClauseContext) -> Set<String>? {
        switch (context, word) {
        case (.file, "import"): ["scene"]
        case (.file, "persona"): ["persona"]
        case (.file, "audio"): ["wav", "flac", "mp3", "m4a", "aac", "ogg", "opus", "aif", "aiff", "mp4", "mov", "mkv", "webm"]
        case (.file, "video"): ["mp4", "mov", "mkv", "webm", "avi", "mxf", "m4v", "mpg", "ts"]
        case (.file, "image"): ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "exr"]
        case (.file, "captions"): ["srt", "vtt", "ttml", "xml", "dfxp"]
        case (.file, "font"): ["ttf", "otf", "ttc", "woff", "woff2"]
        case (.file, "lipdub"), (.footage, "lips"): ["lipdub"]
        case (.file, "path"): ["csv", "json", "txt", "npy"]
        case (.file, "blink"), (.file, "curve"): ["csv"]
        case (.performs, "motion"): []
        default: nil
        }
    }
}
