// From a scene file to findings, a compiled scene, stills and films.
import Base
import Diagnostics
import Engines
import Foundation
import Imaging
import Media
import RenderGraph
import RenderNodes
import SceneCompiler
import SceneLint
import SceneModel
import Sound
import Typography

/// How a scene is rendered.
package struct RenderOptions: Sendable {
    package var parameters: [String: String] = [:]
    /// Folders from which params that name files count, by name: the current one for `--set`, the table's for `--each`.
    package var parameterFolders: [String: String] = [:]
    package var threads = 2
    package var seed: Int?
    package var allowsOutsideProject = false
    /// Output path instead of the scene's; `-` is standard output.
    package var output: String?
    package var frames: FrameSelection?
    /// Asked before a file is replaced.
    package var mayReplace: @Sendable (String) throws -> Bool = { _ in true }
    /// Where finished pieces are kept; nil: beside the output.
    package var work: String?
    /// Forget what an interrupted render kept.
    package var isFresh = false
    /// Neither take nor leave finished pieces.
    package var keepsNothing = false
    package var quality = RenderQuality.final
    /// The most memory that the process may hold, bytes.
    package var memoryLimit: Int?
    /// When the render stops at the latest.
    package var deadline: Date?
    /// Hears what the author may not expect, a line at a time.
    package var notice: (@Sendable (String) -> Void)?
    /// Hears what is done, a line at a time.
    package var talk: (@Sendable (String) -> Void)?
    package init() {}

    /// Sets a param. `folder`: where it was said, for relative paths.
    package mutating func set(_ name: String, _ value: String, from folder: String) {
        parameters[name] = value
        parameterFolders[name] = URL(fileURLWithPath: folder).standardizedFileURL.path
    }

    /// `NAME=VALUE` pairs of the command line.
    package mutating func set(_ pairs: [String]) throws {
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else { throw StudioFailure(2, "--set \(pair): expected NAME=VALUE") }
            set(String(pair[..<equals]), String(pair[pair.index(after: equals)...]), from: ".")
        }
    }

    /// Why the work has to stop now; nil: it may go on.
    var stop: RenderStop? {
        if let deadline, Date() >= deadline { return .time }
        if let memoryLimit, MemoryLimit(most: memoryLimit).isExceeded { return .memory }
        return nil
    }
}

/// A limit of the command line that ended a render.
enum RenderStop: Sendable { case time, memory }

/// Verbs on scenes.
package enum SceneWork {
    /// Reads, checks and places a scene; findings at error level stop it.
    package static func load(_ path: String, _ options: RenderOptions) throws -> (SceneDocument, Timeline, [Diagnostic]) {
        guard let data = FileManager.default.contents(atPath: path) else { throw StudioFailure(3, "\(path): there is no such scene") }
        let result = SceneLoader.load(path: path, bytes: Array(data), resolver: DiskResolver(allowsOutsideProject: options.allowsOutsideProject), parameters: options.parameters,
                                      parameterFolders: options.parameterFolders, seed: options.seed)
        let errors = result.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty, let document = result.document, let timeline = result.timeline else {
            throw refusal(errors)
        }
        let unbuilt = EngineCheck.findings(document)
        guard unbuilt.isEmpty else { throw StudioFailure(1, "the scene asks for engines that are not built", findings: unbuilt) }
        return (document, timeline, result.diagnostics)
    }

    /// Exit code 3 is for files that are not there or not to be read, 2 for params that the command line sets wrongly or not at all;
    /// mistakes of the text are 1.
    private static func refusal(_ errors: [Diagnostic]) -> StudioFailure {
        let kinds = Set(errors.map(\.id))
        // No line of the scene is to blame for a param that it does not have.
        if kinds == ["unknown-parameter"] { return StudioFailure(2, errors.map(\.message).joined(separator: ", "), advice: errors.first?.help) }
        let code: Int32 = kinds.isEmpty ? 1 : kinds.isSubset(of: ["missing-file", "unreadable-file"]) ? 3 : kinds.isSubset(of: ["missing-parameter", "bad-parameter", "unknown-parameter"]) ? 2 : 1
        return StudioFailure(code, "the scene has \(errors.count) error\(errors.count == 1 ? "" : "s")", findings: errors)
    }

    /// The graph, for a few pictures: a field that has a baked form is drawn exactly.
    package static func compile(_ path: String, _ options: RenderOptions) throws -> CompiledScene {
        let (_, timeline, _) = try load(path, options)
        return try compiled(timeline, rate: nil, EngineCatalog(quality: options.quality.field, baking: .never))
    }

    /// The rate at which an output is rendered.
    private static func rate(of output: PlacedOutput, _ options: RenderOptions) -> FrameRate {
        options.quality == .draft ? FrameRate(output.rate.framesPerSecond / Rational(2)) : output.rate
    }

    /// The graph of a placed scene at a rate; nil: its own.
    static func compiled(_ timeline: Timeline, rate: FrameRate?, _ provider: EngineCatalog) throws -> CompiledScene {
        do { return try SceneCompiler.compile(timeline, rate: rate, provider: provider) } catch { throw StudioFailure.of(error) }
    }

    /// The files that a render would write.
    package static func targets(_ path: String, _ options: RenderOptions) throws -> [String] {
        if let output = options.output { return [output] }
        return try load(path, options).1.outputs.map(\.request.path)
    }

    /// One frame at a time of the scene.
    package static func still(_ scene: CompiledScene, at time: Rational, threads: Int) throws -> Frame {
        let frame = min(max(scene.timeline.rate.frame(at: time), 0), max(scene.timeline.frameCount - 1, 0))
        let session = RenderSession(budget: ComputeBudget(threads: threads))
        do { return try session.picture(scene.root, frame) } catch { throw StudioFailure.of(error) }
    }

    /// A contact sheet: frames spread over the scene with their times.
    package static func sheet(_ scene: CompiledScene, columns: Int, rows: Int, threads: Int) throws -> Frame {
        let width = 320, height = max(width * scene.timeline.size.height / max(scene.timeline.size.width, 1), 16), gap = 6, label = 22
        let canvas = (width: columns * (width + gap) + gap, height: rows * (height + label + gap) + gap)
        var sheet = Frame.filled(width: canvas.width, height: canvas.height, SIMD4(0.07, 0.075, 0.085, 1))
        let count = columns * rows
        for index in 0..<count {
            let frame = scene.timeline.frameCount * (2 * index + 1) / (2 * count)
            let time = scene.timeline.rate.time(ofFrame: frame)
            let picture = try still(scene, at: time, threads: threads)
            let (x, y) = (Double(gap + (index % columns) * (width + gap)), Double(gap + (index / columns) * (height + label + gap)))
            sheet = picture.drawn(into: PixelRect(x: x, y: y, width: Double(width), height: Double(height)), canvasWidth: canvas.width, canvasHeight: canvas.height).over(sheet)
            var setting = TextSetting()
            setting.size = 14
            setting.color = InkColor(0.75, 0.77, 0.8, 1)
            let text = try TextPainter.paint(TextBlock(paragraphs: [(text: String(format: "%.2f s", time.doubleValue), setting: setting)]))
            sheet = text.frame.drawn(into: PixelRect(x: x, y: y + Double(height) + 1, width: Double(text.frame.width), height: Double(text.frame.height)),
                                     canvasWidth: canvas.width, canvasHeight: canvas.height).over(sheet)
        }
        return sheet
    }

    /// What a render would write, a line an output: path, size, rate, frames.
    package static func dryRun(_ path: String, _ options: RenderOptions) throws -> [String] {
        try works(path, options, provider: EngineCatalog(quality: options.quality.field)) { _ in true }.map { work in
            let film = work.film
            let replaces = work.isStream ? "" : try film.checkedTarget().existing == nil ? "" : "  replaces what is there"
            return "\(work.isStream ? "-" : film.target)  \(film.output.size)  \(film.scene.timeline.rate)  \(film.frameCount) frame\(film.frameCount == 1 ? "" : "s")\(replaces)"
        }
    }

    /// Renders every output of a scene. Returns the paths that were written.
    package static func render(_ path: String, _ options: RenderOptions, provider: EngineCatalog? = nil, progress: @escaping ProgressHandler) async throws -> [String] {
        let works = try works(path, options, provider: provider ?? EngineCatalog(quality: options.quality.field), progress)
        // What stands in the way of any output is said before the first frame of the first one.
        for work in works where !work.isStream {
            if let existing = try work.film.checkedTarget().existing, try !options.mayReplace(existing) {
                throw StudioFailure(2, "\(existing): is there already", advice: "--overwrite always replaces it, -o names another file")
            }
        }
        var written: [String] = []
        for work in works {
            do { if work.isStream { try await stream(work.film) } else { try await work.film.run() } } catch { throw StudioFailure.of(error) }
            written.append(work.isStream ? "-" : work.film.target)
        }
        return written
    }

    /// One output in the making; a stream goes to standard output.
    private struct Work {
        var film: FilmWork
        var isStream: Bool
    }

    /// The outputs of a scene, or the one of the command line.
    private static func works(_ path: String, _ options: RenderOptions, provider: EngineCatalog, _ progress: @escaping ProgressHandler) throws -> [Work] {
        let timeline = try load(path, options).1
        var scenes: [FrameRate: CompiledScene] = [:]
        return try (options.output == nil ? timeline.outputs : Array(timeline.outputs.prefix(1))).map { output in
            let rate = rate(of: output, options)
            let scene = try scenes[rate] ?? compiled(timeline, rate: rate, provider)
            scenes[rate] = scene
            guard options.output == "-" else { return Work(film: try FilmWork(scene, output, options.output ?? output.request.path, options, provider, progress), isStream: false) }
            return Work(film: try FilmWork(scene, output, streamFile(output), streamed(options), provider, progress), isStream: true)
        }
    }

    /// A file of its own beside the system's temporary files, with the ending of the scene's output.
    private static func streamFile(_ output: PlacedOutput) throws -> String {
        let name = URL(fileURLWithPath: output.request.path).lastPathComponent
        guard NumberedName(name) == nil else { throw StudioFailure(2, "-o -: a sequence of pictures is no stream") }
        return FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(UUID().uuidString)").appendingPathComponent(name).path
    }

    /// A stream has no place of its own: without `--work` nothing is kept of it.
    private static func streamed(_ options: RenderOptions) -> RenderOptions {
        var result = options
        result.keepsNothing = options.keepsNothing || options.work == nil
        return result
    }

    /// To standard output: the film is made whole and checked first.
    private static func stream(_ film: FilmWork) async throws {
        defer { try? FileManager.default.removeItem(at: URL(fileURLWithPath: film.target).deletingLastPathComponent()) }
        try await film.run()
        guard let handle = FileHandle(forReadingAtPath: film.target) else { throw StudioFailure(4, "\(film.target): went away") }
        defer { try? handle.close() }
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            var rest = piece[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw StudioFailure(errno == ENOSPC ? 6 : 4, "standard output cannot be written: \(String(cString: strerror(errno)))", advice: "the program or the disk that it goes to takes no more") }
                rest = rest.dropFirst(count)
            }
        }
    }
}

/// Facts of the program.
package enum Studio {
    package static let version = "0.1.0"
    /// Whether the compiler took its time over this build.
    package static var isOptimised: Bool {
        #if DEBUG
        false
        #else
        true
        #endif
    }
    /// Once, before any verb.
    package static func start() { MediaLog.quiet() }
}
