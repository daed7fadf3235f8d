// Nodes without inputs: colours, stills, footage, text, persons.
import Base
import Engines
import Foundation
import Imaging
import Media
import RenderGraph
import Synchronization

/// One colour over the whole picture (premultiplied RGBA).
package struct ColorNode: PictureNode {
    package let kind = "color"
    package let origin: Origin?
    let size: (width: Int, height: Int)
    let color: SIMD4<Float>
    package init(width: Int, height: Int, color: SIMD4<Float>, origin: Origin? = nil) {
        size = (width, height)
        self.color = color
        self.origin = origin
    }
    package var summary: String { Self.words(color) + ", \(size.width)x\(size.height)" }
    /// `#20303c`, `#20303c80`: as an author writes it.
    private static func words(_ color: SIMD4<Float>) -> String {
        let alpha = color.w
        func byte(_ value: Float) -> Int { Int((min(max(value, 0), 1) * 255).rounded()) }
        let parts = (0..<3).map { byte(alpha > 0 ? color[$0] / alpha : 0) } + (byte(alpha) == 255 ? [] : [byte(alpha)])
        return "#" + parts.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    package func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(size.width); key.mix(size.height)
        for c in 0..<4 { key.mix(color[c]) }
        return key
    }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame { .filled(width: size.width, height: size.height, color) }
}

/// A picture that is there already: a persona's plate, a test's pattern.
package struct StillNode: PictureNode {
    package let kind: String
    package let origin: Origin?
    package let summary: String
    let frame: Frame
    private let key: ContentKey
    /// `key` names what the picture was made from.
    package init(kind: String, frame: Frame, key: ContentKey, summary: String = "", origin: Origin? = nil) {
        self.kind = kind
        self.frame = frame
        self.key = key
        self.summary = summary
        self.origin = origin
    }
    package func contentKey(_ frame: Int) -> ContentKey { key }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame { self.frame }
}

/// A picture that is made when it is asked for, the same for all frames: an image file, painted text. A long film with many of
/// them holds only those of the moment.
package struct MadeNode: PictureNode {
    package let kind: String
    package let origin: Origin?
    package let summary: String
    private let key: ContentKey
    private let make: @Sendable () throws -> Frame
    /// `key` names everything that the picture is made from.
    package init(kind: String, key: ContentKey, summary: String = "", origin: Origin? = nil, make: @escaping @Sendable () throws -> Frame) {
        self.kind = kind
        self.key = key
        self.summary = summary
        self.origin = origin
        self.make = make
    }
    package func contentKey(_ frame: Int) -> ContentKey { key }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame { try make() }

    /// An image file, with what it is now in its key.
    package static func image(_ path: String, summary: String, origin: Origin?) -> MadeNode {
        MadeNode(kind: "image", key: FileStamp.key(path), summary: summary, origin: origin) { try ImageFile.read(path) }
    }
}

/// What a file is now: a key that changes with its bytes.
package enum FileStamp {
    /// Name, length, time of the last change and the first bytes of a file.
    package static func key(_ path: String) -> ContentKey {
        var key = ContentKey("file")
        key.mix(path)
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        key.mix((facts?[.size] as? NSNumber)?.int64Value.description ?? "")
        key.mix((facts?[.modificationDate] as? Date)?.timeIntervalSinceReferenceDate ?? 0)
        if let handle = FileHandle(forReadingAtPath: path) {
            key.mix(bytes: (try? handle.read(upToCount: 65_536)) ?? Data())
            try? handle.close()
        }
        return key
    }
}

/// Pictures of a video by their time stamps.
package final class FootageNode: PictureNode {
    package let kind = "footage"
    package let origin: Origin?
    private let path: String
    private let stamp: ContentKey
    private let firstFrame: Int
    private let start: Rational
    private let speed: Rational
    private let rate: FrameRate
    private struct State { var reader: VideoReader?; var recent: [(time: Rational, frame: Frame)] = [] }
    private let state: Mutex<State>

    /// Scene frame `firstFrame` shows the file at `start` seconds.
    package init(path: String, firstFrame: Int, start: Rational, speed: Rational, rate: FrameRate, origin: Origin?) {
        self.path = path
        stamp = FileStamp.key(path)
        self.firstFrame = firstFrame
        self.start = start
        self.speed = speed
        self.rate = rate
        self.origin = origin
        state = Mutex(State())
    }
    package var summary: String { path }

    private func fileTime(_ frame: Int) -> Rational { start + rate.time(ofFrame: max(frame - firstFrame, 0)) * speed }

    package func contentKey(_ frame: Int) -> ContentKey {
        var key = ContentKey(kind)
        key.mix(stamp)
        key.mix(fileTime(frame))
        return key
    }

    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame {
        let time = fileTime(frame)
        return try state.withLock { state in
            // Frames are asked for nearly in order: the last few pictures, without a gap, save going back.
            if let index = state.recent.lastIndex(where: { $0.time <= time }), index + 1 < state.recent.count { return state.recent[index].frame }
            if state.reader == nil { state.reader = try VideoReader(path: path) }
            var recent = state.recent
            guard let picture = try state.reader?.picture(at: time, passing: { picture, follows in
                if !follows { recent.removeAll() }
                recent.append((picture.time, picture.frame))
                if recent.count > session.window { recent.removeFirst() }
            }) else { throw MediaError.noVideo(path: path) }
            state.recent = recent
            return picture.frame
        }
    }
}

/// A persona; every condition was baked before the first pixel.
package struct ActorNode: PictureNode {
    package let kind = "actor"
    package let origin: Origin?
    let engine: any PersonaEngine
    let firstFrame: Int
    let track: ConditionTrack

    /// Scene frame `firstFrame` shows the first conditions of the track.
    package init(engine: any PersonaEngine, firstFrame: Int, track: ConditionTrack, origin: Origin?) {
        self.engine = engine
        self.firstFrame = firstFrame
        self.track = track
        self.origin = origin
    }
    package var summary: String { "\(engine.facts.name) (\(engine.facts.engine), \(engine.facts.width)x\(engine.facts.height))" }

    private func conditions(_ frame: Int) -> ActorConditions { track[frame - firstFrame] }

    package func contentKey(_ frame: Int) -> ContentKey {
        let c = conditions(frame)
        var key = ContentKey(kind)
        key.mix(engine.contentKey)
        key.mix(c.pose.yaw); key.mix(c.pose.pitch); key.mix(c.pose.roll)
        for k in 0..<3 { key.mix(c.pose.translation[k]) }
        key.mix(c.eyeClosure)
        for value in c.audioCode { key.mix(value) }
        key.mix(c.identity ?? -1)
        key.mix(c.torso)
        return key
    }
    package func evaluate(_ frame: Int, _ session: RenderSession) throws -> Frame { try engine.render(conditions(frame), budget: session.budget) }
}
