// A scene as its timeline sees it, and small verbs.
import Base
import Foundation
import Imaging
import Media
import RenderGraph
import SceneCompiler
import SceneLint
import SceneModel

package enum PlanText {
    /// Shots, layers, sounds and outputs with exact times.
    package static func describe(_ t: Timeline) -> String {
        func time(_ r: TimeRange) -> String { String(format: "%.3f s – %.3f s", r.start.doubleValue, r.end.doubleValue) }
        var lines = ["\(t.title.isEmpty ? "scene" : "“\(t.title)”"): \(t.size), \(t.rate), seed \(t.seed), \(t.frameCount) frames, \(String(format: "%.3f", t.duration.doubleValue)) s"]
        for shot in t.shots {
            lines.append("shot \(shot.shot.name ?? "\(shot.index + 1)")  \(time(shot.range))  frames \(shot.frames.lowerBound)–\(shot.frames.upperBound - 1)")
            for layer in shot.layers {
                let name = switch layer.layer.content {
                case .background: "background"
                case .footage(let f): "footage \(f.asset)"
                case .actor(let a): "actor \(a.persona)"
                case .picture(let p): "picture \(p)"
                case .title(let title): "title “\(title.text)”"
                case .captions(let c): "captions \(c.asset)"
                }
                lines.append("  \(name)  \(time(layer.range))")
                if let actor = layer.actor {
                    for speech in actor.speech { lines.append("    speaks \(speech.asset.name)  \(time(speech.range))") }
                    lines.append("    \(actor.motion.poses.count) pose\(actor.motion.poses.count == 1 ? "" : "s")")
                }
            }
        }
        for sound in t.sounds { lines.append("sound \(sound.asset.name) (\(sound.role))  \(time(sound.range))  \(String(format: "%.1f", sound.gain)) dB") }
        for output in t.outputs { lines.append("output \(output.request.path)  \(output.size)  \(output.rate)  \(output.frameCount) frames") }
        return lines.joined(separator: "\n") + "\n"
    }

    package static func graph(_ scene: CompiledScene, dot: Bool) -> String { dot ? GraphText.dot(scene.root) : GraphText.text(scene.root) }
}

/// Verbs on single files.
package enum PictureWork {
    package static func write(_ frame: Frame, to path: String) throws {
        do { try ImageFile.write(frame, to: path) } catch { throw StudioFailure.of(error) }
    }
    package static func probe(_ path: String) throws -> String {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(MediaProbe.probe(path)), as: UTF8.self)
        } catch { throw StudioFailure.of(error) }
    }
}
