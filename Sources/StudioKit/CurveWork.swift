// Paths, blinks, curves and whole actors as numbers over time: what `studio curve` draws.
import Base
import Foundation
import Interchange
import Motion
import SceneModel

/// One motion over time, sampled at every frame.
package struct DrawnMotion: Sendable {
    package struct Channel: Sendable {
        package var name: String
        /// `deg`, `cm`, or empty for a plain number.
        package var unit: String
        package var values: [Double]
    }
    package var name: String
    /// `path`, `blink`, `curve` or `actor`.
    package var kind: String
    /// Seconds: of the motion's own clock, of an actor that of its shot.
    package var times: [Double]
    package var channels: [Channel]
    /// Where keyframes stand, in seconds.
    package var keys: [Double]
    /// What the numbers hang on, in words.
    package var note: String
}

package enum CurveWork {
    /// Seconds shown of a motion that has no end.
    private static let endless = Rational(10)
    private static let mostSamples = 100_000

    /// The motion of a name, or all that the file declares and all that its actors do.
    package static func motions(_ path: String, name: String?, _ options: RenderOptions) throws -> [DrawnMotion] {
        let (document, timeline, _) = try SceneWork.load(path, options)
        var result: [DrawnMotion] = []
        for declaration in document.motions.values.sorted(by: { ($0.place.range.start, $0.name) < ($1.place.range.start, $1.name) }) where name == nil || declaration.name == name {
            result.append(try draw(declaration, document, timeline))
        }
        for shot in timeline.shots {
            for layer in shot.layers {
                guard let actor = layer.actor else { continue }
                let own = (shot.shot.name ?? "\(shot.index + 1)") + "." + actor.persona.name
                if name == nil || own == name { result.append(try draw(actor, own, shot, timeline)) }
            }
        }
        guard !result.isEmpty else {
            let known = document.motions.keys.sorted() + timeline.shots.flatMap { shot in shot.layers.compactMap { $0.actor.map { (shot.shot.name ?? "\(shot.index + 1)") + "." + $0.persona.name } } }
            guard let name else { throw StudioFailure(2, "\(path): the scene has no motion to draw") }
            throw StudioFailure(2, "\(path): there is no motion named “\(name)”", advice: known.isEmpty ? nil : "there are \(known.joined(separator: ", "))")
        }
        return result
    }

    private static func times(_ end: Rational, _ rate: FrameRate) -> [Rational] {
        let count = min(max(rate.nearestFrame(to: end), 1), mostSamples)
        return (0...count).map { rate.time(ofFrame: $0) }
    }

    // MARK: declared motions

    private static func draw(_ declaration: MotionDeclaration, _ document: SceneDocument, _ timeline: Timeline) throws -> DrawnMotion {
        var resolved = ResolvedTimes(document)
        // Times may hang on events, which only have values inside a shot that knows them.
        let places: [Int?] = [nil] + document.shots.indices.map { $0 }
        let kind = declaration.kind.rawValue
        switch declaration.source {
        case .file(let file, _, let column, let scale):
            do {
                if declaration.kind == .path {
                    let samples = try MotionFile.poses(file)
                    return pose(declaration.name, kind, end: Rational(approximating: samples.times.last ?? 0), timeline.rate, keys: [], note: "from \(file)") { samples.pose(at: $0.doubleValue) }
                }
                let samples = try MotionFile.values(file, column: column, scale: scale)
                return scalar(declaration.name, kind, end: Rational(approximating: samples.times.last ?? 0), timeline.rate, keys: [], note: "from \(file)") { samples.value(at: $0.doubleValue) }
            } catch { throw StudioFailure.of(error) }
        case .samples(let samples, let file):
            return scalar(declaration.name, kind, end: Rational(approximating: samples.times.last ?? 0), timeline.rate, keys: [], note: "from \(file)") { samples.value(at: $0.doubleValue) }
        case .poseKeys, .wander:
            for place in places {
                guard let path = resolved.path(declaration.source, inShot: place) else { continue }
                var keys: [Double] = []
                if case .keyed(let list) = path { keys = list.map(\.time.doubleValue) }
                let isEndless = path.duration <= .zero
                return pose(declaration.name, kind, end: isEndless ? endless : path.duration, timeline.rate, keys: keys, note: isEndless ? "goes on without an end" : "holds its last pose") { path.pose(at: $0) }
            }
        case .scalarKeys:
            for place in places {
                guard let curve = resolved.curve(declaration.source, inShot: place) else { continue }
                let last = curve.keys.last?.time ?? .zero
                let end = curve.period.map { $0 * Rational(2) } ?? (last > .zero ? last : endless)
                return scalar(declaration.name, kind, end: end, timeline.rate, keys: curve.keys.map(\.time.doubleValue), note: curve.period == nil ? "holds its last value" : "repeats") { curve.value(at: $0) }
            }
        case .blinks(let every, let tolerance, let lasting, let seed):
            guard let interval = resolved.seconds(every, inShot: nil) else { break }
            let blink = BlinkCurve.every(interval: interval, tolerance: tolerance.flatMap { resolved.seconds($0, inShot: nil) } ?? .zero,
                                         duration: lasting.flatMap { resolved.seconds($0, inShot: nil) } ?? Rational(4, 25), seed: seed ?? timeline.seed)
            let note = seed == nil ? "with the scene's seed; an actor adds its own name to it" : "seed \(seed ?? 0)"
            return scalar(declaration.name, kind, end: endless, timeline.rate, keys: blink.starts(until: endless).map(\.doubleValue), note: note) { Double(blink.closure(at: $0)) }
        case .never: return scalar(declaration.name, kind, end: endless, timeline.rate, keys: [], note: "never") { _ in 0 }
        case .hole: break
        }
        throw StudioFailure(1, "\(declaration.name): its times hang on an event that no shot gives a value", advice: "draw the actor instead: SHOT.PERSONA")
    }

    private static func pose(_ name: String, _ kind: String, end: Rational, _ rate: FrameRate, keys: [Double], note: String, _ at: (Rational) -> HeadPose) -> DrawnMotion {
        let times = times(end, rate)
        let poses = times.map(at)
        return DrawnMotion(name: name, kind: kind, times: times.map(\.doubleValue), channels: channels(poses), keys: keys, note: note)
    }
    private static func scalar(_ name: String, _ kind: String, end: Rational, _ rate: FrameRate, keys: [Double], note: String, _ at: (Rational) -> Double) -> DrawnMotion {
        let times = times(end, rate)
        return DrawnMotion(name: name, kind: kind, times: times.map(\.doubleValue), channels: [.init(name: kind == "blink" ? "closure" : "value", unit: "", values: times.map(at))], keys: keys, note: note)
    }

    /// The channels that move; yaw where none does.
    private static func channels(_ poses: [HeadPose]) -> [DrawnMotion.Channel] {
        func degrees(_ value: Float) -> Double { Double(value) * 180 / .pi }
        let all: [DrawnMotion.Channel] = [
            .init(name: "yaw", unit: "deg", values: poses.map { degrees($0.yaw) }), .init(name: "pitch", unit: "deg", values: poses.map { degrees($0.pitch) }),
            .init(name: "roll", unit: "deg", values: poses.map { degrees($0.roll) }), .init(name: "x", unit: "cm", values: poses.map { Double($0.translation.x) }),
            .init(name: "y", unit: "cm", values: poses.map { Double($0.translation.y) }), .init(name: "z", unit: "cm", values: poses.map { Double($0.translation.z) }),
        ]
        // Half a tenth of a degree or a millimetre is nothing that anybody sees.
        let moving = all.filter { channel in channel.values.contains { abs($0) > (channel.unit == "cm" ? 0.1 : 0.05) } }
        return moving.isEmpty ? [all[0]] : moving
    }

    // MARK: actors

    private static func draw(_ actor: PlacedActor, _ name: String, _ shot: PlacedShot, _ timeline: Timeline) throws -> DrawnMotion {
        let times = times(shot.range.duration, timeline.rate).dropLast()
        var notes: [String] = []
        var poses = [HeadPose](repeating: .neutral, count: times.count)
        for source in actor.motion.poses {
            switch source {
            case .use(let use): for (index, time) in times.enumerated() { poses[index] = poses[index] + use.pose(at: time) }
            case .recorded: notes.append("the persona's recorded motion is not drawn")
            case .file(let path, _, let use):
                do {
                    let samples = try MotionFile.poses(path)
                    for (index, time) in times.enumerated() { poses[index] = poses[index] + samples.pose(at: (time * use.speed + use.offset).doubleValue) }
                } catch { throw StudioFailure.of(error) }
            }
        }
        var closure = DrawnMotion.Channel(name: "closure", unit: "", values: [])
        switch actor.motion.blinks {
        case .curve(let curve): closure.values = times.map { Double(curve.closure(at: $0)) }
        case .recorded: notes.append("the persona's recorded blinks are not drawn")
        case .file(let path, _, let column, let scale):
            do {
                let samples = try MotionFile.values(path, column: column, scale: scale)
                closure.values = times.map { min(max(samples.value(at: $0.doubleValue), 0), 1) }
            } catch { throw StudioFailure.of(error) }
        }
        return DrawnMotion(name: name, kind: "actor", times: times.map(\.doubleValue), channels: channels(poses) + (closure.values.isEmpty ? [] : [closure]), keys: [],
                           note: (["all poses added up"] + notes).joined(separator: "; "))
    }
}
