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
    package var threads = 2
    package var seed: Int?
    package var allowsOutsideProject = false
    /// Output path instead of the scene's.
    package var output: String?
    package var frames: Range<Int>?
    package var overwrites = true
    package init() {}
}

/// Verbs on scenes.
package enum SceneWork {
    /// Reads, checks and places a scene; findings at error level stop it.
    package static func load(_ path: String, _ options: RenderOptions) throws -> (SceneDocument, Timeline, [Diagnostic]) {
        guard let data = FileManager.default.contents(atPath: path) else { throw StudioFailure(3, "\(path): there is no such scene") }
        let result = SceneLoader.load(path: path, bytes: Array(data), resolver: DiskResolver(allowsOutsideProject: options.allowsOutsideProject), parameters: options.parameters)
        let errors = result.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty, let document = result.document, var timeline = result.timeline else {
            // Exit code 3 is for files that are not there or not to be read; mistakes of the text are 1.
            let onlyFiles = !errors.isEmpty && errors.allSatisfy { $0.id == "missing-file" || $0.id == "unreadable-file" }
            throw StudioFailure(onlyFiles ? 3 : 1, "the scene has \(errors.count) error\(errors.count == 1 ? "" : "s")", findings: errors)
        }
        let unbuilt = EngineCheck.findings(document)
        guard unbuilt.isEmpty else { throw StudioFailure(1, "the scene asks for engines that are not built", findings: unbuilt) }
        if let seed = options.seed { timeline.seed = seed }
        return (document, timeline, result.diagnostics)
    }

    package static func compile(_ path: String, _ options: RenderOptions) throws -> CompiledScene {
        let (_, timeline, _) = try load(path, options)
        do { return try SceneCompiler.compile(timeline, provider: EngineCatalog()) } catch { throw StudioFailure.of(error) }
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

    /// Renders every output of a scene. Returns the paths that were written.
    package static func render(_ path: String, _ options: RenderOptions, progress: @escaping ProgressHandler) async throws -> [String] {
        let scene = try compile(path, options)
        var written: [String] = []
        for output in scene.timeline.outputs {
            let target = options.output ?? output.request.path
            if !options.overwrites, FileManager.default.fileExists(atPath: target) { throw StudioFailure(2, "\(target): is there already; --overwrite always replaces it") }
            do { try await film(scene, output, target, options, progress) } catch { throw StudioFailure.of(error) }
            written.append(target)
            if options.output != nil { break }
        }
        return written
    }

    private static func film(_ scene: CompiledScene, _ output: PlacedOutput, _ target: String, _ options: RenderOptions, _ progress: @escaping ProgressHandler) async throws {
        let timeline = scene.timeline
        let rate = timeline.rate
        let whole = rate.nearestFrame(to: output.range.start)..<rate.nearestFrame(to: output.range.end)
        let frames = options.frames?.clamped(to: whole) ?? whole
        guard !frames.isEmpty else { throw StudioFailure(2, "\(target): there is no frame in the range that was asked for; it has frames \(whole.lowerBound)-\(whole.upperBound - 1)") }
        guard output.rate == rate else { throw StudioFailure(4, "\(target): an output of another rate than the scene's is not rendered yet") }
        if let name = NumberedName(target) { return try await images(scene, name, target, frames, options, progress) }
        var video = VideoSettings(width: output.size.width & ~1, height: output.size.height & ~1, rate: rate)
        if let request = output.request.video {
            video.codec = request.codec
            video.profile = request.profile
            switch request.control {
            case .quality(let q): video.quality = q
            case .crf(let c): video.crf = c
            case .bitrate(let b): video.bitrate = b
            case nil: break
            }
        }
        var audio: AudioSettings? = AudioSettings()
        if let request = output.request.audio {
            if request.codec == "none" { audio = nil } else {
                audio?.codec = request.codec
                audio?.bitrate = request.bitrate
            }
        }
        if scene.mix.stretches.isEmpty { audio = nil }
        try OutputFolder.make(for: target)
        let writer = try FilmWriter(path: target, video: video, audio: audio, metadata: metadata(timeline, output))
        let clock = FilmClock(rate: rate, first: frames.lowerBound)
        let total = frames.count
        let session = RenderSession(budget: .single)
        do {
            try await FrameScheduler(session: session, threads: options.threads).run(scene.root, frames: frames) { frame, picture in
                let sized = picture.width == video.width && picture.height == video.height ? picture
                    : picture.drawn(into: PixelRect(x: 0, y: 0, width: Double(video.width), height: Double(video.height)), canvasWidth: video.width, canvasHeight: video.height)
                try writer.write(sized)
                if audio != nil {
                    let (start, count) = clock.samples(of: frame)
                    try writer.write(scene.mix.block(start: start, count: count))
                }
                return progress(ProgressReport(phase: "render", done: frame - frames.lowerBound + 1, total: total))
            }
            try writer.finish()
        } catch {
            writer.cancel()
            throw error
        }
    }

    /// What the container says of itself: synthetic media, by which tool, from which personas.
    private static func metadata(_ timeline: Timeline, _ output: PlacedOutput) -> [String: String] {
        var result = ["title": timeline.title]
        for (key, value) in output.request.metadata { result[key] = value }
        if let language = output.request.language { result["language"] = language }
        if output.request.provenance {
            let personas = timeline.assets.values.filter { $0.kind == .persona }.map(\.name).sorted().joined(separator: ", ")
            result["comment"] = "Synthetic media (IPTC digitalSourceType compositeSynthetic), made with studio \(Studio.version)" + (personas.isEmpty ? "" : "; personas: \(personas)")
            result["digitalSourceType"] = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"
        }
        return result
    }

    private static func images(_ scene: CompiledScene, _ name: NumberedName, _ target: String, _ frames: Range<Int>, _ options: RenderOptions, _ progress: @escaping ProgressHandler) async throws {
        try OutputFolder.make(for: target)
        let session = RenderSession(budget: .single)
        try await FrameScheduler(session: session, threads: options.threads).run(scene.root, frames: frames) { frame, picture in
            try ImageFile.write(picture, to: name.name(frame + 1))
            return progress(ProgressReport(phase: "render", done: frame - frames.lowerBound + 1, total: frames.count))
        }
    }
}

/// Samples that belong to each frame: the boundaries are exact, so nothing drifts.
struct FilmClock: Sendable {
    let rate: FrameRate
    let first: Int
    func samples(of frame: Int) -> (start: Int, count: Int) {
        let r = Rational(SoundMix.sampleRate)
        let start = (rate.time(ofFrame: frame) * r).rounded, end = (rate.time(ofFrame: frame + 1) * r).rounded
        return (start, end - start)
    }
}

/// Facts of the program.
package enum Studio {
    package static let version = "0.1.0"
    /// Once, before any verb.
    package static func start() { MediaLog.quiet() }
}
