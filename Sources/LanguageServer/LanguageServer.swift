// The server: messages in, messages out. It reads and writes nothing itself.
import Diagnostics
import SceneModel
import SceneSyntax

/// One session of the Language Server Protocol, 3.17. Used from one thread.
package final class LanguageServer {
    private enum Stage { case new, running, shutDown }
    private var stage = Stage.new
    private let disk: KeptDisk
    private let version: String
    private var documents: [String: OpenDocument] = [:]
    private var supportsSnippets = false
    /// Set by `exit`: 0 after a shutdown, 1 without.
    package private(set) var exitCode: Int32?

    package init(disk: any ServerDisk, version: String) {
        self.disk = KeptDisk(disk)
        self.version = version
    }

    /// The session ended in order.
    package var isShutDown: Bool { stage == .shutDown }

    // MARK: messages

    /// Answers to one event; diagnostics come with `idle`.
    package func handle(_ event: WireEvent, isCancelled: Bool = false) -> [JSONValue] {
        switch event {
        case .message(let message): return handle(message, isCancelled: isCancelled)
        case .malformed: return [Self.error(.null, -32700, "the message is no JSON")]
        case .tooLarge(let size): return [Self.error(.null, -32600, "the message has \(size) bytes; at most \(MessageStream.maximumMessage) are read")]
        case .lost(let why): return [Self.error(.null, -32700, "the stream cannot be read further: \(why)")]
        }
    }

    /// Diagnostics of documents that changed: called when nothing waits to be answered.
    package func idle() -> [JSONValue] {
        guard stage == .running else { return [] }
        var result: [JSONValue] = []
        for document in documents.values.sorted(by: { $0.uri < $1.uri }) where !document.isPublished {
            document.isPublished = true
            var params: [String: JSONValue] = ["uri": .string(document.uri), "diagnostics": Findings.diagnostics(document.analysis(disk))]
            if let version = document.version { params["version"] = .int(version) }
            result.append(Self.notification("textDocument/publishDiagnostics", .object(params)))
        }
        return result
    }

    private func handle(_ message: JSONValue, isCancelled: Bool) -> [JSONValue] {
        let id = message["id"]
        guard let method = message["method"]?.string else {
            // An answer to a question of ours; we ask none.
            if message["result"] != nil || message["error"] != nil { return [] }
            return [Self.error(id ?? .null, -32600, "the message has no method")]
        }
        let params = message["params"] ?? .null
        guard let id else { return notice(method, params) }
        if isCancelled { return [Self.error(id, -32800, "cancelled")] }
        switch (stage, method) {
        case (.new, "initialize"):
            stage = .running
            supportsSnippets = params["capabilities"]?["textDocument"]?["completion"]?["completionItem"]?["snippetSupport"]?.bool ?? false
            return [Self.answer(id, capabilities)]
        case (.new, _): return [Self.error(id, -32002, "the session is not initialised")]
        case (.shutDown, _): return [Self.error(id, -32600, "the session is shut down")]
        case (.running, "shutdown"):
            stage = .shutDown
            return [Self.answer(id, .null)]
        case (.running, "initialize"): return [Self.error(id, -32600, "the session is initialised already")]
        default: break
        }
        do throws(Refusal) {
            return [Self.answer(id, try request(method, params))]
        } catch { return [Self.error(id, error.code, error.message)] }
    }

    struct Refusal: Error {
        var code: Int
        var message: String
    }

    private static func answer(_ id: JSONValue, _ result: JSONValue) -> JSONValue { ["jsonrpc": "2.0", "id": id, "result": result] }
    private static func error(_ id: JSONValue, _ code: Int, _ message: String) -> JSONValue {
        ["jsonrpc": "2.0", "id": id, "error": ["code": .int(code), "message": .string(message)]]
    }
    private static func notification(_ method: String, _ params: JSONValue) -> JSONValue { ["jsonrpc": "2.0", "method": .string(method), "params": params] }

    // MARK: notices

    private func notice(_ method: String, _ params: JSONValue) -> [JSONValue] {
        if method == "exit" {
            exitCode = stage == .shutDown ? 0 : 1
            return []
        }
        guard stage == .running else { return [] }
        let item = params["textDocument"]
        let uri = item?["uri"]?.string ?? ""
        switch method {
        case "textDocument/didOpen":
            guard !uri.isEmpty, let text = item?["text"]?.string else { return [] }
            let document = OpenDocument(uri: uri, text: text, version: item?["version"]?.int)
            documents[uri] = document
            disk.setText(text, of: AssetPath.normalised(document.path))
            invalidate(readers: document)
        case "textDocument/didChange":
            guard let document = documents[uri] else { return [] }
            for change in params["contentChanges"]?.array ?? [] { document.apply(change) }
            document.version = item?["version"]?.int
            document.invalidate()
            disk.setText(document.text, of: AssetPath.normalised(document.path))
            invalidate(readers: document)
        case "textDocument/didClose":
            guard let document = documents.removeValue(forKey: uri) else { return [] }
            disk.setText(nil, of: AssetPath.normalised(document.path))
            invalidate(readers: document)
            return [Self.notification("textDocument/publishDiagnostics", ["uri": .string(uri), "diagnostics": []])]
        case "textDocument/didSave", "workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration":
            // Media and folders may have changed beside the text.
            disk.forget()
            for document in documents.values { document.invalidate() }
        default: break
        }
        return []
    }

    /// Documents that import this one are to be read again.
    private func invalidate(readers document: OpenDocument) {
        let path = AssetPath.normalised(document.path)
        for other in documents.values where other !== document && other.readPaths.contains(path) { other.invalidate() }
    }

    // MARK: requests

    private func request(_ method: String, _ params: JSONValue) throws(Refusal) -> JSONValue {
        switch method {
        case "textDocument/completion":
            let (document, analysis, offset) = try cursor(params)
            _ = document
            return Completion(analysis, disk: disk.disk, offset: offset, supportsSnippets: supportsSnippets).items()
        case "textDocument/hover":
            let (_, analysis, offset) = try cursor(params)
            guard let (text, range) = HoverText(analysis: analysis, offset: offset).hover() else { return .null }
            return ["contents": ["kind": "markdown", "value": .string(text)], "range": analysis.lines.json(range)]
        case "textDocument/definition": return definition(try cursor(params))
        case "textDocument/references": return references(try cursor(params), withDeclaration: params["context"]?["includeDeclaration"]?.bool ?? true)
        case "textDocument/documentHighlight":
            let (_, analysis, offset) = try cursor(params)
            guard let symbol = analysis.names.symbol(at: offset, in: analysis.tree.file.path) else { return [] }
            return .array(analysis.names.uses(of: symbol.address, in: analysis.tree.file.path).map { ["range": analysis.lines.json($0), "kind": 2] })
        case "textDocument/prepareRename":
            let (_, analysis, offset) = try cursor(params)
            guard let symbol = analysis.names.symbol(at: offset, in: analysis.tree.file.path) else { return .null }
            return ["range": analysis.lines.json(symbol.range), "placeholder": .string(symbol.address.name)]
        case "textDocument/rename": return try rename(try cursor(params), params["newName"]?.string ?? "")
        case "textDocument/documentSymbol": return Outline.symbols(try analysis(params).1)
        case "textDocument/foldingRange": return Outline.folding(try analysis(params).1)
        case "textDocument/semanticTokens/full":
            return ["data": .array(SemanticTokens.data(try analysis(params).1).map { .int($0) })]
        case "textDocument/semanticTokens/range":
            let analysis = try analysis(params).1
            return ["data": .array(SemanticTokens.data(analysis, in: analysis.lines.range(params["range"])).map { .int($0) })]
        case "textDocument/inlayHint":
            let analysis = try analysis(params).1
            return Outline.hints(analysis, in: analysis.lines.range(params["range"]) ?? TextRange(0, analysis.lines.bytes.count))
        case "textDocument/codeAction":
            let (document, analysis) = try analysis(params)
            let only = (params["context"]?["only"]?.array ?? []).compactMap(\.string)
            return Findings.actions(analysis, uri: document.uri, in: analysis.lines.range(params["range"]) ?? TextRange(0, 0), only: only)
        case "textDocument/formatting":
            let (document, analysis) = try analysis(params)
            return formatting(document, analysis)
        default: throw Refusal(code: -32601, message: "there is no method \(method)")
        }
    }

    private func analysis(_ params: JSONValue) throws(Refusal) -> (OpenDocument, Analysis) {
        guard let uri = params["textDocument"]?["uri"]?.string else { throw Refusal(code: -32602, message: "the params name no document") }
        guard let document = documents[uri] else { throw Refusal(code: -32602, message: "\(uri) is not open") }
        return (document, document.analysis(disk))
    }
    private func cursor(_ params: JSONValue) throws(Refusal) -> (OpenDocument, Analysis, Int) {
        let (document, analysis) = try analysis(params)
        guard let offset = analysis.lines.offset(params["position"]) else { throw Refusal(code: -32602, message: "the params hold no position") }
        return (document, analysis, offset)
    }

    private func location(_ path: String, _ range: TextRange, _ analysis: Analysis) -> JSONValue {
        let lines = path == AssetPath.normalised(analysis.tree.file.path) ? analysis.lines : TextLines(analysis.names.symbols(path)?.file.bytes ?? [])
        return ["uri": .string(uri(path)), "range": lines.json(range)]
    }
    /// As the editor wrote it, where the document is open.
    private func uri(_ path: String) -> String {
        documents.values.first { AssetPath.normalised($0.path) == path }?.uri ?? DocumentAddress.uri(path)
    }

    private func definition(_ cursor: (OpenDocument, Analysis, Int)) -> JSONValue {
        let (_, analysis, offset) = cursor
        if let entry = analysis.symbols.imports.first(where: { $0.pathRange.start <= offset && offset <= $0.pathRange.end }) {
            let path = AssetPath.normalised(entry.path)
            guard analysis.names.symbols(path) != nil else { return .null }
            return location(path, TextRange(0, 0), analysis)
        }
        guard let symbol = analysis.names.symbol(at: offset, in: analysis.tree.file.path) else { return .null }
        return location(symbol.address.path, symbol.declaration.nameRange, analysis)
    }

    /// Scene files of the project that may use a name of this one; bounded.
    private func neighbours(_ analysis: Analysis) -> [String] {
        var result = Set(documents.values.map { AssetPath.normalised($0.path) })
        var folders = [(disk.projectFolder(ofScene: analysis.tree.file.path), 0)]
        var looked = 0
        while let (folder, depth) = folders.popLast(), looked < 2000, result.count < 500 {
            looked += 1
            for entry in disk.disk.entries(folder) where !entry.name.hasPrefix(".") {
                let path = AssetPath.normalised(folder + "/" + entry.name)
                if entry.isFolder { if depth < 8 { folders.append((path, depth + 1)) } } else if entry.name.hasSuffix(".scene") { result.insert(path) }
            }
        }
        return result.sorted()
    }

    private func references(_ cursor: (OpenDocument, Analysis, Int), withDeclaration: Bool) -> JSONValue {
        let (_, analysis, offset) = cursor
        guard let symbol = analysis.names.symbol(at: offset, in: analysis.tree.file.path) else { return [] }
        var result: [JSONValue] = []
        for path in paths(analysis, symbol.address) {
            for range in analysis.names.uses(of: symbol.address, in: path) {
                if !withDeclaration, path == symbol.address.path, range == symbol.declaration.nameRange { continue }
                result.append(location(path, range, analysis))
            }
        }
        return .array(result)
    }
    private func paths(_ analysis: Analysis, _ address: SymbolAddress) -> [String] {
        Array(Set(neighbours(analysis) + [address.path, AssetPath.normalised(analysis.tree.file.path)])).sorted()
    }

    private func rename(_ cursor: (OpenDocument, Analysis, Int), _ newName: String) throws(Refusal) -> JSONValue {
        let (_, analysis, offset) = cursor
        let edits: [String: [TextEdit]]
        do throws(RenameRefusal) {
            edits = try Renaming.edits(analysis, offset: offset, newName: newName, others: neighbours(analysis))
        } catch { throw Refusal(code: -32803, message: error.message) }
        var changes: [String: JSONValue] = [:]
        for (path, list) in edits {
            let lines = path == AssetPath.normalised(analysis.tree.file.path) ? analysis.lines : TextLines(analysis.names.symbols(path)?.file.bytes ?? [])
            changes[uri(path)] = Findings.textEdits(list, lines)
        }
        return ["changes": .object(changes)]
    }

    private func formatting(_ document: OpenDocument, _ analysis: Analysis) -> JSONValue {
        // What is not understood is not laid out anew.
        guard !analysis.tree.diagnostics.contains(where: { $0.severity == .error }) else { return [] }
        guard let text = Formatting.text(analysis.tree), text != document.text else { return [] }
        return Findings.textEdits([Formatting.difference(analysis.lines.bytes, Array(text.utf8))], analysis.lines)
    }

    private var capabilities: JSONValue {
        ["serverInfo": ["name": "studio", "version": .string(version)],
         "capabilities": [
             "positionEncoding": "utf-16",
             "textDocumentSync": ["openClose": true, "change": 2, "save": ["includeText": false]],
             "completionProvider": ["triggerCharacters": [" ", ".", "\"", "/", "(", ":"], "resolveProvider": false],
             "hoverProvider": true, "definitionProvider": true, "referencesProvider": true, "documentHighlightProvider": true,
             "documentSymbolProvider": true, "foldingRangeProvider": true, "documentFormattingProvider": true, "inlayHintProvider": true,
             "renameProvider": ["prepareProvider": true],
             "codeActionProvider": ["codeActionKinds": ["quickfix", "source.fixAll"]],
             "semanticTokensProvider": ["legend": ["tokenTypes": .array(SemanticTokens.types.map { .string($0) }), "tokenModifiers": .array(SemanticTokens.modifiers.map { .string($0) })],
                                        "full": true, "range": true],
         ]]
    }
}
