// What a render would do and take: its nodes, what is kept already, time, memory and disk.
import Base
import Foundation
import Imaging
import RenderGraph
import SceneCompiler
import SceneModel
import Sound

/// The part of `studio plan` that looks at the machine.
package struct RenderForecast: Sendable, Encodable {
    /// One node of the graph and how often it works.
    package struct Node: Sendable, Encodable {
        package var id: Int
        package var kind: String
        package var summary: String
        package var inputs: [Int]
        /// `file:line` of the clause that asked for it.
        package var origin: String?
        /// How deep it stands below the film.
        package var depth: Int
        /// Frames in which it is asked for; half open.
        package var firstFrame: Int
        package var endFrame: Int
        /// Different pictures among them: 1 for what stands still.
        package var pictures: Int
    }
    /// A stretch of an output and whether an earlier render left it.
    package struct Stretch: Sendable, Encodable {
        package var firstFrame: Int
        package var endFrame: Int
        package var isKept: Bool
        /// `kept`, or why not.
        package var state: String
    }
    package struct Output: Sendable, Encodable {
        package var path: String
        package var size: String
        package var rate: String
        package var frames: Int
        package var stretches: [Stretch]
        package var keptFrames: Int
        package var estimate: Estimate?
    }
    /// From frames that were drawn and coded here; nil parts of a plan that drew none.
    package struct Estimate: Sendable, Encodable {
        package var seconds: Double
        package var drawSecondsPerFrame: Double
        package var codeSecondsPerFrame: Double
        package var openSeconds: Double
        package var memoryBytes: Int
        /// The finished file, and the most that lies on the disk while it is made.
        package var fileBytes: Int
        package var diskBytes: Int
        package var freeDiskBytes: Int?
        package var drawnFrames: Int
    }
    package var threads: Int
    package var nodes: [Node]
    package var outputs: [Output]

    /// `draws`: some frames are drawn and coded for the estimates.
    package init(_ timeline: Timeline, _ options: RenderOptions, draws: Bool) throws {
        let catalog = EngineCatalog(quality: options.quality.field, baking: .ifKept)
        threads = options.threads
        var scenes: [FrameRate: CompiledScene] = [:]
        func compiled(_ rate: FrameRate) throws -> CompiledScene {
            if let known = scenes[rate] { return known }
            let made = try SceneWork.compiled(timeline, rate: rate, catalog)
            scenes[rate] = made
            return made
        }
        nodes = Self.nodes(try compiled(timeline.rate))
        outputs = try timeline.outputs.map { output in
            let scene = try compiled(output.rate)
            let work = try FilmWork(scene, output, output.request.path, options, catalog) { _ in true }
            return try Self.output(work, output, scene, draws: draws, threads: options.threads)
        }
    }

    /// More frames than this are not looked through for different pictures.
    private static let mostFrames = 20_000

    /// All nodes, the film first, each behind the one that asks for it.
    private static func nodes(_ scene: CompiledScene) -> [Node] {
        var result: [Node] = []
        func visit(_ node: any PictureNode, _ frames: Range<Int>, _ depth: Int) -> Int {
            let id = result.count
            let origin = node.origin.map { "\($0.label.file.path):\($0.label.file.position(of: $0.label.range.start).line)" }
            let pictures = Set(frames.prefix(mostFrames).map { node.contentKey($0) }).count
            result.append(Node(id: id, kind: node.kind, summary: node.summary, inputs: [], origin: origin, depth: depth,
                               firstFrame: frames.lowerBound, endFrame: frames.upperBound, pictures: pictures))
            for (index, input) in node.inputs.enumerated() { result[id].inputs.append(visit(input, node.frames(ofInput: index, frames), depth + 1)) }
            return id
        }
        _ = visit(scene.root, 0..<scene.timeline.frameCount, 0)
        return result
    }

    private static func output(_ work: FilmWork, _ output: PlacedOutput, _ scene: CompiledScene, draws: Bool, threads: Int) throws -> Output {
        let stretches = work.standing().map { Stretch(firstFrame: $0.frames.lowerBound, endFrame: $0.frames.upperBound, isKept: $0.words == "kept", state: $0.words) }
        let kept = stretches.filter(\.isKept).reduce(0) { $0 + $1.endFrame - $1.firstFrame }
        var result = Output(path: output.request.path, size: "\(output.size)", rate: "\(output.rate)", frames: work.frameCount, stretches: stretches, keptFrames: kept, estimate: nil)
        guard draws else { return result }
        do { result.estimate = try estimate(work, work.trial(), stretches, output, scene, threads) } catch { throw StudioFailure.of(error) }
        return result
    }

    private static func estimate(_ work: FilmWork, _ trial: FilmTrial, _ stretches: [Stretch], _ output: PlacedOutput, _ scene: CompiledScene, _ threads: Int) -> Estimate {
        let missing = stretches.filter { !$0.isKept }
        let toDraw = missing.reduce(0) { $0 + $1.endFrame - $1.firstFrame }
        // Frames of a shot that are still to be drawn, times what one of them takes. Shots overlap where they cross: both are drawn.
        let drawing = zip(scene.timeline.shots, trial.drawing).reduce(0.0) { sum, shot in
            sum + shot.1 * Double(missing.reduce(0) { $0 + shot.0.frames.clamped(to: $1.firstFrame..<$1.endFrame).count })
        }
        let hands = Double(min(threads, ProcessInfo.processInfo.activeProcessorCount))
        let isPictures = NumberedName(output.request.path) != nil
        let coding = trial.coding * Double(toDraw) / (isPictures ? 1 : hands)
        let video: Double
        if let bitrate = work.bitrate { video = bitrate / 8 * output.range.duration.doubleValue } else {
            // Every stretch begins with a key frame.
            video = isPictures ? trial.laterBytes * Double(work.frameCount)
                : stretches.reduce(0.0) { $0 + trial.firstBytes + trial.laterBytes * Double($1.endFrame - $1.firstFrame - 1) }
        }
        let sound = isPictures ? 0 : work.soundBytesPerSecond * output.range.duration.doubleValue
        let folder = URL(fileURLWithPath: output.request.path).deletingLastPathComponent().path
        return Estimate(seconds: (toDraw > 0 ? trial.opening : 0) + drawing / hands + coding, drawSecondsPerFrame: toDraw > 0 ? drawing / Double(toDraw) : trial.drawing.max() ?? 0,
                        codeSecondsPerFrame: trial.coding, openSeconds: trial.opening, memoryBytes: work.memory(threads: threads),
                        fileBytes: Int(video + sound), diskBytes: Int(isPictures ? video : 2 * video + sound), freeDiskBytes: free(folder), drawnFrames: trial.drawn)
    }

    /// Free bytes where a folder lies, or will lie.
    private static func free(_ folder: String) -> Int? {
        var path = URL(fileURLWithPath: folder.isEmpty ? "." : folder).standardizedFileURL
        while !FileManager.default.fileExists(atPath: path.path), path.path != "/" { path.deleteLastPathComponent() }
        return ((try? FileManager.default.attributesOfFileSystem(forPath: path.path))?[.systemFreeSize] as? NSNumber)?.intValue
    }
}

extension RenderForecast {
    /// For people: what is drawn how often, then each output.
    func lines() -> [String] {
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        let names = nodes.map { String(repeating: "  ", count: $0.depth + 1) + $0.kind + ($0.summary.isEmpty ? "" : "  " + $0.summary) }
        let widest = min(names.map(\.count).max() ?? 0, 64)
        var lines = ["nodes"]
        for (node, name) in zip(nodes, names) {
            let frames = node.endFrame - node.firstFrame
            let work = frames == 0 ? "in no frame" : node.pictures == 1 ? "once for \(frames) frames" : node.pictures == frames ? "each of \(frames) frames" : "\(node.pictures) pictures for \(frames) frames"
            let line = node.origin?.split(separator: ":").last.map { "line \($0)" } ?? ""
            lines.append((padded(name, widest) + "  " + padded(work, 22) + "  " + line).trimmingTrailingSpace)
        }
        for output in outputs { lines += words(of: output) }
        return lines
    }

    private func words(of output: Output) -> [String] {
        var lines = ["render \(output.path)  \(output.frames) frames, \(output.size), \(output.rate)"]
        switch (output.keptFrames, output.stretches.count) {
        case (0, _): lines.append("  kept    nothing; every frame is drawn")
        case (output.frames, _): lines.append("  kept    all frames; only the file is put together")
        default:
            let kept = output.stretches.filter(\.isKept).map { "\($0.firstFrame)–\($0.endFrame - 1)" }
            lines.append("  kept    \(output.keptFrames) of \(output.frames) frames: " + kept.joined(separator: ", "))
        }
        guard let estimate = output.estimate else { return lines }
        lines.append("  time    about \(Self.words(seconds: estimate.seconds)) with \(threads) thread\(threads == 1 ? "" : "s"): "
            + String(format: "%.0f ms to draw and %.0f ms to code a frame", estimate.drawSecondsPerFrame * 1000, estimate.codeSecondsPerFrame * 1000)
            + (estimate.openSeconds > 0.05 ? String(format: ", %.1f s to open what it needs", estimate.openSeconds) : "") + "; \(estimate.drawnFrames) frames were drawn to say so")
        lines.append("  memory  about \(MemoryLimit.words(estimate.memoryBytes))")
        let free = estimate.freeDiskBytes.map { ", of \(Self.words(bytes: $0)) that are free" } ?? ""
        lines.append("  disk    about \(Self.words(bytes: estimate.fileBytes)); \(Self.words(bytes: estimate.diskBytes)) while it is made\(free)")
        if let bytes = estimate.freeDiskBytes, bytes < estimate.diskBytes { lines.append("  warning: the disk has too little room") }
        return lines
    }

    private static func words(seconds: Double) -> String {
        switch seconds {
        case ..<10: String(format: "%.1f s", seconds)
        case ..<100: String(format: "%.0f s", seconds)
        case ..<6000: String(format: "%d min %02d s", Int(seconds) / 60, Int(seconds) % 60)
        default: String(format: "%d h %02d min", Int(seconds) / 3600, Int(seconds) / 60 % 60)
        }
    }
    private static func words(bytes: Int) -> String {
        bytes < 1 << 20 ? String(format: "%.0f KiB", max(Double(bytes) / 1024, 1)) : bytes < 10 << 20 ? String(format: "%.1f MiB", Double(bytes) / 1_048_576) : MemoryLimit.words(bytes)
    }
}

private extension String {
    var trimmingTrailingSpace: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
