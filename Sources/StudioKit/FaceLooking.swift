// Faces under dubbed lines, as lint asks for them: looked at a few times a second and remembered between runs.
import Base
import Engines
import Faces
import Foundation
import Media
import SceneModel

/// Answers of `DiskResolver` about faces.
enum FaceLooking {
    /// Seconds from look to look; longer where a stretch is so long that there would be more than `mostLooks`.
    private static let interval = Rational(1, 5)
    private static let mostLooks = 1500
    /// Remembered stretches; beyond it the oldest go.
    private static let mostKept = 512

    static func knowledge(of path: String, during range: TimeRange) -> FaceKnowledge {
        guard let file = FaceModelFile.find(near: path) else { return .noModel }
        do {
            let models = try FaceModels(path: file)
            let interval = max(Self.interval, range.duration / Rational(mostLooks))
            var key = ContentKey("face facts")
            key.mix(WorkFolder.program)
            key.mix(models.contentKey)
            key.mix(filmKey(path))
            for time in [range.start, range.end, interval] { key.mix(time) }
            if let kept = kept(key) { return .seen(kept) }
            let found = try FootageFaces.look(at: path, models: models, from: range.start, to: range.end, interval: interval)
            let facts = facts(found, interval.doubleValue)
            keep(facts, key)
            return .seen(facts)
        } catch { return .unreadable((error as? MediaError)?.words ?? "\(error)") }
    }

    private static func facts(_ found: FootageFaces, _ interval: Double) -> FaceFacts {
        var faces: [Int: [FaceFacts.Face]] = [:]
        for track in found.tracks {
            for look in track.looks {
                let s = look.sighting
                faces[look.frame, default: []].append(.init(number: track.number, x: Double(s.center.x) / Double(found.width), y: Double(s.center.y) / Double(found.height),
                                                            height: Double(s.size.y), mouth: Double(s.mouthWindow), yaw: Double(s.yaw)))
            }
        }
        return FaceFacts(interval: interval, looks: found.moments.map { .init(time: $0.time, faces: faces[$0.frame] ?? []) })
    }

    // MARK: remembering

    /// Size, time of the last change and sixteen pieces of a film: the same film under another name keeps its facts.
    private static func filmKey(_ path: String) -> ContentKey {
        var key = ContentKey("film")
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        let size = (facts?[.size] as? NSNumber)?.intValue ?? 0
        key.mix(size)
        key.mix((facts?[.modificationDate] as? Date)?.timeIntervalSinceReferenceDate ?? 0)
        guard let handle = FileHandle(forReadingAtPath: path) else { return key }
        defer { try? handle.close() }
        for k in 0..<16 {
            // A piece that cannot be read is left out of the key; reading the film itself will say why.
            try? handle.seek(toOffset: UInt64(size / 16 * k))
            key.mix(bytes: (try? handle.read(upToCount: 16_384)) ?? Data())
        }
        return key
    }

    /// The user's cache, `…/studio/faces`; nil where the system names none.
    private static var folder: URL? {
        FileManager.default.urls(for: .cachesDirectory, in: .userDomainMask).first?.appendingPathComponent("studio/faces")
    }
    private static func kept(_ key: ContentKey) -> FaceFacts? {
        guard let file = folder?.appendingPathComponent("\(key).json"), let data = FileManager.default.contents(atPath: file.path) else { return nil }
        // What cannot be read is looked at again.
        return try? JSONDecoder().decode(FaceFacts.self, from: data)
    }
    /// Where it cannot be kept, the next run looks again: nothing is lost but time.
    private static func keep(_ facts: FaceFacts, _ key: ContentKey) {
        guard let folder, let data = try? JSONEncoder().encode(facts) else { return }
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? data.write(to: folder.appendingPathComponent("\(key).json"), options: .atomic)
        let known = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.contentModificationDateKey])) ?? []
        guard known.count > mostKept else { return }
        func age(_ file: URL) -> Date { (try? file.resourceValues(forKeys: [.contentModificationDateKey]))?.contentModificationDate ?? .distantPast }
        for file in known.map({ ($0, age($0)) }).sorted(by: { $0.1 < $1.1 }).prefix(known.count - mostKept) { try? FileManager.default.removeItem(at: file.0) }
    }
}
