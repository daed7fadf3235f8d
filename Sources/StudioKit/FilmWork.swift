// One output of a scene: its frames to segments on disk, the segments and the sound to a film.
import Base
import Engines
import Foundation
import Imaging
import Media
import RenderGraph
import RenderNodes
import SceneCompiler
import SceneModel
import Sound

/// Renders one output. The film is always put together from segments, so that one that was interrupted has the same bytes.
struct FilmWork {
    let scene: CompiledScene
    let output: PlacedOutput
    let target: String
    private let options: RenderOptions
    private let engines: EngineCatalog
    let frames: Range<Int>
    private let progress: ProgressHandler
    private let folder: WorkFolder
    private let reached: LimitReached

    /// Seconds of film in a segment: what an interrupt may cost at most, and the distance of the key frames.
    private static let segmentSeconds = 2

    init(_ scene: CompiledScene, _ output: PlacedOutput, _ target: String, _ options: RenderOptions, _ engines: EngineCatalog, _ progress: @escaping ProgressHandler) throws {
        let rate = scene.timeline.rate
        let whole = rate.nearestFrame(to: output.range.start)..<max(rate.nearestFrame(to: output.range.start), rate.nearestFrame(to: output.range.end))
        let asked = try options.frames?.range(in: scene.timeline, rate: rate, numbering: output.rate)
        let frames = asked?.clamped(to: whole) ?? whole
        guard !frames.isEmpty else {
            throw StudioFailure(2, "\(options.output == "-" ? "-" : target): there is no frame in the range that was asked for", advice: "it has frames \(Self.words(whole, rate, output.rate))")
        }
        if let asked, case .numbers? = options.frames, asked != frames {
            options.notice?("\(options.output == "-" ? "-" : target): it has frames \(Self.words(whole, rate, output.rate)); those that are asked for beyond them are left out")
        }
        (self.scene, self.output, self.target, self.options, self.engines, self.frames) = (scene, output, target, options, engines, frames)
        let reached = LimitReached()
        self.reached = reached
        self.progress = { report in
            if let limit = options.stop { reached.note(limit) }
            return progress(report) && reached.limit == nil
        }
        // What is kept of a stream is known by the file that the scene names.
        folder = WorkFolder(output: options.output == "-" && !options.keepsNothing ? output.request.path : target, work: options.work, isOwn: options.keepsNothing)
    }

    /// What the film is called in words.
    private var shown: String { options.output == "-" ? "standard output" : target }

    /// Frames that this work writes.
    var frameCount: Int { frames.count }

    /// `0-189`, as `--frames` counts them: at the output's own rate.
    private static func words(_ frames: Range<Int>, _ rate: FrameRate, _ numbering: FrameRate) -> String {
        guard rate != numbering else { return "\(frames.lowerBound)-\(frames.upperBound - 1)" }
        return "\(numbering.nearestFrame(to: rate.time(ofFrame: frames.lowerBound)))-\(max(numbering.nearestFrame(to: rate.time(ofFrame: frames.upperBound)), 1) - 1)"
    }

    /// The file that this work writes. Refuses what could not be written in the end.
    func checkedTarget() throws -> OutputTarget {
        let result = OutputTarget(path: target, place: options.output == nil && output.request.isWritten ? output.request.place : nil, frames: frames)
        try result.check(video: videoSettings.codec, audio: audioSettings?.codec)
        return result
    }

    func run() async throws {
        defer { if options.keepsNothing { folder.remove() } }
        let made = try OutputFolder.make(for: target)
        let start = Date()
        do {
            try await folder.locked(film: shown) {
                if options.isFresh { folder.keepOnly([]) }
                do { try await make() } catch {
                    folder.removeIfEmpty()
                    throw error
                }
            }
        } catch {
            OutputFolder.takeAway(made)
            throw error
        }
        let seconds = max(Date().timeIntervalSince(start), 1e-3)
        options.talk?(String(format: "%@: %d frames in %.1f s, %.1f a second; at most %@ of memory", shown, frames.count, seconds, Double(frames.count) / seconds, MemoryLimit.words(MemoryLimit.peak)))
    }

    private func make() async throws {
        if let name = NumberedName(target) { return try await pictures(name) }
        let settings = videoSettings
        let audio = audioSettings
        // Opened first: what the container or the encoder refuses is said before the first frame.
        let writer = try FilmWriter(path: target, video: settings, audio: audio, metadata: metadata, keeping: try keptSounds)
        var kept = 0
        do {
            let segments = try await self.segments(settings) { kept = $0 }
            try assemble(writer, segments, audio)
            try writer.finish()
        } catch {
            writer.cancel()
            throw explained(error, kept)
        }
        folder.remove()
    }

    // MARK: settings

    var videoSettings: VideoSettings {
        var video = VideoSettings(width: max(output.size.width & ~1, 2), height: max(output.size.height & ~1, 2), rate: scene.timeline.rate)
        video.codec = FilmContainer.usual(target).video
        if options.quality == .draft { video.quality = 40 }
        guard let request = output.request.video else { return video }
        video.codec = request.codec
        video.profile = request.profile
        video.pixelFormat = request.pixelFormat
        switch request.control {
        case .quality(let q): video.quality = q
        case .crf(let c): video.crf = c
        case .bitrate(let b): video.bitrate = b
        case nil: break
        }
        return video
    }

    /// nil: the film is silent.
    private var audioSettings: AudioSettings? {
        guard !scene.mix.isEmpty, output.request.audio?.codec != "none" else { return nil }
        var audio = AudioSettings()
        audio.codec = FilmContainer.usual(target).audio
        guard let request = output.request.audio else { return audio }
        audio.codec = request.codec
        audio.bitrate = request.bitrate
        audio.is24Bit = request.bits == 24
        return audio
    }

    private var keptSounds: [KeptSound] {
        get throws {
            guard output.request.keepsAudio else { return [] }
            let start = scene.timeline.rate.time(ofFrame: frames.lowerBound)
            guard let kept = SceneCompiler.keptSound(scene.timeline, from: start) else {
                throw StudioFailure(4, "\(target): `keep audio` finds no footage with sound that plays at its own speed", advice: "take `keep audio` out of the output")
            }
            return [kept]
        }
    }

    /// What the container says of itself: synthetic media, by which tool, from which personas.
    private var metadata: [String: String] {
        var result = ["title": scene.timeline.title]
        for (key, value) in output.request.metadata { result[key] = value }
        if let language = output.request.language { result["language"] = language }
        if output.request.provenance {
            let personas = scene.timeline.assets.values.filter { $0.kind == .persona }.map(\.name).sorted().joined(separator: ", ")
            result["comment"] = "Synthetic media (IPTC digitalSourceType compositeSynthetic), made with studio \(Studio.version)" + (personas.isEmpty ? "" : "; personas: \(personas)")
            result["digitalSourceType"] = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"
        }
        return result
    }

    // MARK: pictures

    /// The scene at the output's size; another shape stands in the middle, over black.
    func root(_ width: Int, _ height: Int) -> any PictureNode {
        let size = scene.timeline.size
        guard size.width != width || size.height != height else { return scene.root }
        let nearly = abs(size.width - width) <= 1 && abs(size.height - height) <= 1
        return FitNode(scene.root, mode: nearly ? .stretch : .contain, area: PixelRect(x: 0, y: 0, width: Double(width), height: Double(height)),
                       width: width, height: height, isStill: false, origin: nil)
    }

    /// What engines make once for all frames.
    private func prepare() throws {
        do { try engines.prepare(threads: options.threads, progress: progress) } catch EngineError.interrupted { throw CancellationError() }
    }

    /// Evaluates frames as the limits allow. The bytes of the film do not depend on them.
    private func scheduler() throws -> FrameScheduler {
        // The stills of a moment fit at any size of picture.
        let picture = 16 * max(scene.timeline.size.width * scene.timeline.size.height, output.size.width * output.size.height)
        var share = MemoryLimit.Share(threads: options.threads, cacheBytes: max(256 << 20, 10 * picture))
        if let most = options.memoryLimit { share = try MemoryLimit(most: most).share(threads: share.threads, roomyCache: share.cacheBytes, picture: picture, now: MemoryLimit.resident) }
        options.talk?("\(shown): \(output.size) at \(scene.timeline.rate), \(frames.count) frames, \(share.threads) thread\(share.threads == 1 ? "" : "s"), \(MemoryLimit.words(share.cacheBytes)) for stills")
        return FrameScheduler(session: RenderSession(budget: .single, threads: share.threads, cacheBytes: share.cacheBytes), threads: share.threads)
    }

    /// The most memory that the whole process will hold, about: what it held so far at its most (its engines are open and one frame
    /// was drawn at a time), and the pictures that more threads work on and that wait for their turn.
    func memory(threads: Int) -> Int {
        let picture = 16 * max(scene.timeline.size.width * scene.timeline.size.height, output.size.width * output.size.height)
        let all = MemoryLimit.peak + (threads + 2 + 4 * (threads - 1)) * picture
        guard let most = options.memoryLimit else { return all }
        return min(all, most)
    }
    /// Bits a second where the output asks for so many.
    var bitrate: Double? {
        if case .bitrate(let bits)? = output.request.video?.control { return bits }
        return nil
    }
    /// Bytes of a second of coded sound, about.
    var soundBytesPerSecond: Double {
        guard let audio = audioSettings else { return 0 }
        let plain = Double(audio.sampleRate * audio.channels * (audio.is24Bit ? 3 : 2))
        switch audio.codec {
        case "pcm": return plain
        case "flac": return 0.6 * plain
        default: return (audio.bitrate ?? 192_000) / 8
        }
    }

    private func key(_ frames: Range<Int>, _ root: any PictureNode, _ settings: VideoSettings) -> ContentKey {
        var key = ContentKey("segment")
        key.mix(WorkFolder.program)
        key.mix("\(settings)")
        key.mix(URL(fileURLWithPath: target).pathExtension)
        for frame in frames { key.mix(root.contentKey(frame)) }
        return key
    }

    private func segmentLength(_ settings: VideoSettings) -> Int { max((Rational(Self.segmentSeconds) * settings.rate.framesPerSecond).ceiling, 1) }
    private func pieces(_ settings: VideoSettings) -> [Range<Int>] {
        let length = segmentLength(settings)
        return stride(from: frames.lowerBound, to: frames.upperBound, by: length).map { $0..<min($0 + length, frames.upperBound) }
    }
    private func path(of piece: Range<Int>, _ key: ContentKey) -> String { folder.path + "/\(piece.lowerBound)-\(key).segment" }

    /// Renders what is not there yet. `keeps` hears how many frames are safe.
    private func segments(_ settings: VideoSettings, keeps: (Int) -> Void) async throws -> [SegmentReader] {
        let root = root(settings.width, settings.height)
        let length = segmentLength(settings), pieces = pieces(settings)
        let keys = pieces.map { key($0, root, settings) }
        let paths = zip(pieces, keys).map { path(of: $0, $1) }
        folder.keepOnly(Set(paths.map { URL(fileURLWithPath: $0).lastPathComponent }))
        var done = zip(paths, keys).map { SegmentReader(path: $0, key: $1) }
        var safe = zip(pieces, done).reduce(0) { $0 + ($1.1 == nil ? 0 : $1.0.count) }
        keeps(safe)
        if safe > 0 { options.talk?("\(shown): \(safe) frames are kept in \(folder.path)") }
        let missing = pieces.indices.filter { done[$0] == nil }
        var writer: SegmentWriter?
        var rendered = safe
        if safe > 0, !progress(ProgressReport(phase: "render", done: safe, total: frames.count)) { throw CancellationError() }
        do {
            if !missing.isEmpty { try prepare() }
            try await scheduler().run(root, frames: missing.flatMap { pieces[$0] }) { frame, picture in
                let index = (frame - frames.lowerBound) / length
                if writer == nil { writer = try SegmentWriter(path: paths[index], film: target, key: keys[index], settings: settings) }
                try writer?.write(picture)
                rendered += 1
                if frame == pieces[index].upperBound - 1 {
                    try writer?.finish()
                    writer = nil
                    guard let reader = SegmentReader(path: paths[index], key: keys[index]) else { throw MediaError.failedCheck(path: paths[index], reason: "a segment did not come back from the disk as it was written") }
                    done[index] = reader
                    safe += pieces[index].count
                    keeps(safe)
                }
                return progress(ProgressReport(phase: "render", done: rendered, total: frames.count))
            }
        } catch {
            writer?.cancel()
            throw error
        }
        return done.compactMap { $0 }
    }

    /// Segments and sound into the container, side by side.
    private func assemble(_ film: FilmWriter, _ segments: [SegmentReader], _ audio: AudioSettings?) throws {
        let rate = scene.timeline.rate
        var mixer: SoundMixer?
        if audio != nil {
            mixer = scene.mix.mixer(gain: try scene.mix.gain { if !progress(ProgressReport(phase: "loudness", done: 0, total: frames.count)) { throw CancellationError() } })
        }
        var frame = frames.lowerBound
        let delay = segments.map(\.delay).max() ?? 0
        for segment in segments {
            try film.append(segment, delay: delay)
            for _ in 0..<segment.frameCount {
                if let mixer {
                    let (start, count) = FilmClock(rate: rate).samples(of: frame)
                    try film.write(mixer.block(start: start, count: count))
                }
                frame += 1
            }
            if !progress(ProgressReport(phase: "write", done: frame - frames.lowerBound, total: frames.count)) { throw CancellationError() }
        }
    }

    /// An interrupt says what is kept and how to go on.
    private func explained(_ error: any Error, _ kept: Int) -> any Error {
        guard error is CancellationError else { return error }
        let kept = options.keepsNothing ? 0 : kept
        let advice = kept > 0 ? "the same command goes on there; --fresh starts again" : "the same command starts again"
        let words = "\(shown): \(kept) of \(frames.count) frames are kept" + (kept > 0 ? " in \(folder.path)" : "")
        switch reached.limit {
        case .time?: return StudioFailure(6, "the time that --timeout allows is over; " + words, advice: advice)
        case .memory?: return StudioFailure(6, "the memory that --max-memory allows is used up; " + words, advice: "allow more, or take fewer --threads; " + advice)
        case nil: break
        }
        return StudioFailure(130, "interrupted; " + words, advice: advice)
    }

    // MARK: what is kept

    /// Stretches of the film and whether they are kept; for other outputs than films, all frames as one stretch.
    func standing() -> [(frames: Range<Int>, words: String)] {
        if NumberedName(target) != nil { return [(frames, FileManager.default.fileExists(atPath: folder.path) ? "some pictures are kept; those that are still right stay" : "not kept: nothing is there")] }
        let settings = videoSettings, root = root(settings.width, settings.height)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return pieces(settings).map { piece in
            let key = key(piece, root, settings), path = path(of: piece, key)
            if SegmentReader(path: path, key: key) != nil { return (piece, "kept") }
            if FileManager.default.fileExists(atPath: path) { return (piece, "not kept: the piece is damaged") }
            let isOther = names.contains { $0.hasPrefix("\(piece.lowerBound)-") && $0.hasSuffix(".segment") }
            return (piece, isOther ? "not kept: the scene, a file of it, the output's settings or the program changed since" : "not kept: it was not rendered, or its film is finished")
        }
    }

    // MARK: picture sequences

    /// Every frame to a file of its own. A list beside them says which are there and what they were made from.
    private func pictures(_ name: NumberedName) async throws {
        let root = root(output.size.width, output.size.height)
        let list = folder.path + "/pictures.txt"
        func entry(_ frame: Int) -> String {
            var key = ContentKey("picture")
            key.mix(WorkFolder.program)
            key.mix(root.contentKey(frame))
            return "\(frame) \(key)"
        }
        let old = Set(String(decoding: FileManager.default.contents(atPath: list) ?? Data(), as: UTF8.self).split(separator: "\n").map(String.init))
        let missing = frames.filter { !(old.contains(entry($0)) && FileManager.default.fileExists(atPath: name.name($0 + 1))) }
        var done = frames.count - missing.count
        guard let file = fopen(list, "a") else { throw MediaError.unwritable(path: list, reason: String(cString: strerror(errno))) }
        defer { fclose(file) }
        do {
            if !missing.isEmpty { try prepare() }
            try await scheduler().run(root, frames: missing) { frame, picture in
                try ImageFile.write(picture, to: name.name(frame + 1))
                fputs(entry(frame) + "\n", file)
                fflush(file)
                done += 1
                return progress(ProgressReport(phase: "render", done: done, total: frames.count))
            }
        } catch {
            if done == 0 { folder.remove() }
            throw explained(error, done)
        }
        folder.remove()
    }
}

/// Samples that belong to each frame: the boundaries are exact, so nothing drifts.
struct FilmClock: Sendable {
    let rate: FrameRate
    func samples(of frame: Int) -> (start: Int, count: Int) {
        let r = Rational(SoundMix.sampleRate)
        let start = (rate.time(ofFrame: frame) * r).rounded, end = (rate.time(ofFrame: frame + 1) * r).rounded
        return (start, end - start)
    }
}
