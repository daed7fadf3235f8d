// A head turned further than the persona was recorded.
import Base
import Diagnostics
import Motion
import SceneModel

struct PoseBeyondRecording: LintRule {
    let id = "pose-beyond-recording"
    let explanation = "A persona only saw the poses of its footage. A pose outside of them renders, but the head may tear or blur there."
    let wrong = "persona nova = \"nova.persona\"\nshot for 4s { actor nova { pose { hold yaw 60deg } } }"
    let right = "persona nova = \"nova.persona\"\nshot for 4s { actor nova { pose { hold yaw 10deg } } }"

    func check(_ document: SceneDocument, _ timeline: Timeline?) -> [Diagnostic] {
        guard let timeline else { return [] }
        return timeline.shots.flatMap { shot in
            shot.layers.compactMap { layer in layer.actor.flatMap { check($0, layer, shot, timeline.rate) } }
        }
    }

    private func check(_ actor: PlacedActor, _ layer: PlacedLayer, _ shot: PlacedShot, _ rate: FrameRate) -> Diagnostic? {
        guard let range = actor.persona.facts?.persona?.range, case .actor(let written) = layer.layer.content, let clause = written.poses.first else { return nil }
        let uses = actor.motion.poses.compactMap { pose -> PoseUse? in if case .use(let use) = pose { use } else { nil } }
        guard !uses.isEmpty else { return nil }
        // A frame in eight, at most 2,000: a path is smooth.
        let step = max(8, shot.frames.count / 2000)
        for frame in stride(from: 0, to: max(1, shot.frames.count), by: step) {
            let pose = uses.reduce(HeadPose.neutral) { $0 + $1.pose(at: rate.time(ofFrame: frame)) }
            for (channel, value) in [(PoseChannel.yaw, pose.yaw), (.pitch, pose.pitch), (.roll, pose.roll)] {
                guard let allowed = range[channel], !allowed.contains(Double(value)), abs(Double(value)) > 1e-6 else { continue }
                return warning("\(channel.rawValue) reaches \(degrees(Double(value))) at \(seconds(frame, rate)); `\(actor.persona.name)` was recorded from \(degrees(allowed.lowerBound)) to \(degrees(allowed.upperBound))",
                               clause.place, help: "stay inside the range, or look at that frame with `studio still`")
            }
        }
        return nil
    }
    private func degrees(_ radians: Double) -> String { "\(Int((radians * 180 / .pi).rounded()))deg" }
    private func seconds(_ frame: Int, _ rate: FrameRate) -> String { "\((rate.time(ofFrame: frame).doubleValue * 100).rounded() / 100)s" }
}
