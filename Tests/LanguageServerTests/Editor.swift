// An editor for tests: a session in this process, with a disk of names.
import Base
import LanguageServer
import SceneModel
import Testing

/// Files by path; everything is found unless its name says `missing`.
struct NamedDisk: ServerDisk {
    var texts: [String: String] = [:]
    var folders: [String: [FolderEntry]] = [:]

    func readText(_ path: String) throws(AssetProblem) -> String {
        guard let text = texts[path] else { throw .missing(folder: AssetPath.folder(of: path), nearest: nil) }
        return text
    }
    func facts(of kind: AssetKind, path: String) throws(AssetProblem) -> AssetFacts {
        if path.contains("missing") { throw .missing(folder: AssetPath.folder(of: path), nearest: "present.wav") }
        switch kind {
        case .persona:
            return AssetFacts(persona: .init(name: "Nova", engine: "er-nerf", size: PixelSize(width: 512, height: 512), hasTorso: true, hasBackground: true,
                                             recordedFrames: 0, identityCount: 200, range: [.yaw: -0.3...0.3], licence: "Apache-2.0", consent: "synthetic"))
        case .audio: return AssetFacts(duration: Rational(5), hasAudio: true, sampleRate: 16000)
        case .video: return AssetFacts(duration: Rational(12), size: PixelSize(width: 640, height: 360), rate: FrameRate(25), hasVideo: true, hasAudio: true, sampleRate: 48000)
        case .image: return AssetFacts(size: PixelSize(width: 800, height: 600), hasVideo: true)
        default: return AssetFacts()
        }
    }
    func projectFolder(ofScene path: String) -> String { "/p" }
    func stamp(_ path: String) -> FileStamp? { path.contains("missing") ? nil : FileStamp(size: 1, changed: 1) }
    func entries(_ folder: String) -> [FolderEntry] { folders[folder] ?? [] }
}

/// Drives a server as an editor does. `|` in a text marks the cursor.
final class Editor {
    let server: LanguageServer
    private var nextID = 1
    private(set) var published: [String: [JSONValue]] = [:]

    init(_ disk: NamedDisk = NamedDisk(), snippets: Bool = true) {
        server = LanguageServer(disk: disk, version: "test")
        _ = request("initialize", ["processId": .null, "rootUri": .null,
                                   "capabilities": ["textDocument": ["completion": ["completionItem": ["snippetSupport": .bool(snippets)]]]]])
        notify("initialized", [:])
    }

    func send(_ message: JSONValue) -> [JSONValue] {
        let answers = server.handle(.message(message))
        return answers + settle()
    }
    private func settle() -> [JSONValue] {
        let notices = server.idle()
        for notice in notices where notice["method"] == "textDocument/publishDiagnostics" {
            published[notice["params"]?["uri"]?.string ?? ""] = notice["params"]?["diagnostics"]?.array ?? []
        }
        return notices
    }
    /// The whole answer.
    @discardableResult
    func request(_ method: String, _ params: JSONValue) -> JSONValue {
        nextID += 1
        let answers = send(["jsonrpc": "2.0", "id": .int(nextID), "method": .string(method), "params": params])
        return answers.first { $0["id"] == .int(nextID) } ?? .null
    }
    func result(_ method: String, _ params: JSONValue) -> JSONValue { request(method, params)["result"] ?? .null }
    func notify(_ method: String, _ params: JSONValue) { _ = send(["jsonrpc": "2.0", "method": .string(method), "params": params]) }

    static let uri = "file:///p/scenes/test.scene"

    /// Opens a text; gives the position of its `|`, if it has one.
    @discardableResult
    func open(_ marked: String, uri: String = Editor.uri) -> JSONValue {
        let parts = marked.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        let text = parts.joined()
        notify("textDocument/didOpen", ["textDocument": ["uri": .string(uri), "languageId": "scene", "version": 1, "text": .string(text)]])
        let place = TextLines(Array(text.utf8)).position(of: parts[0].utf8.count)
        return ["line": .int(place.line), "character": .int(place.character)]
    }
    func at(_ position: JSONValue, uri: String = Editor.uri, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["textDocument": ["uri": .string(uri)], "position": position].merging(more) { _, last in last })
    }
    /// Labels that completion offers at the `|`.
    func offers(_ marked: String) -> [String] {
        let position = open(marked)
        return (result("textDocument/completion", at(position))["items"]?.array ?? []).compactMap { $0["label"]?.string }
    }
    func hover(_ marked: String) -> String {
        let position = open(marked)
        return result("textDocument/hover", at(position))["contents"]?["value"]?.string ?? ""
    }
    /// Ids of the findings shown for a document.
    func findings(_ uri: String = Editor.uri) -> [String] { (published[uri] ?? []).compactMap { $0["code"]?.string } }
}

let intro = """
scene "Welcome" { size 1280x720 ; rate 25fps ; seed 7 }

persona nova  = "../personas/nova.persona"
audio   hello = "audio/hello.wav"
image   loft  = "backgrounds/loft.png"

path glance {
    at 0s    yaw 0deg
    at 1.8s  yaw 14deg pitch -4deg ease in-out
    at 4s    yaw 0deg  pitch 0deg
}

shot greeting {
    background loft { blur 8px }
    actor nova {
        speaks hello
        pose glance
        blinks every 3.5s ± 1s
        place center 50% 58% height 90%
    }
    title "Nova" { subtitle "your presenter" ; style lower-third ; from 0.5s to hello.end - 0.5s }
}

output "../renders/intro.mp4"

"""
