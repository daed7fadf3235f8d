// A line that is longer than the time it has.
import Base
import Diagnostics
import SceneModel

struct SpeechCutOff: LintRule {
    let id = "speech-cut-off"
    let explanation = "The shot, or the range of the line, ends before the voice does: the last words are lost."
    let wrong = "persona nova = \"nova.persona\"\naudio hello = \"hello.wav\"\nshot for 3s { actor nova { speaks hello } }"
    let right = "persona nova = \"nova.persona\"\naudio hello = \"hello.wav\"\nshot { actor nova { speaks hello } }"

    func check(_ document: SceneDocument, _ timeline: Timeline?) -> [Diagnostic] {
        guard let timeline else { return [] }
        return timeline.shots.flatMap { shot in
            shot.layers.flatMap { layer in
                (layer.actor?.speech ?? []).compactMap { speech -> Diagnostic? in
                    guard let whole = speech.asset.facts?.duration else { return nil }
                    let end = min(speech.asset.to?.constant(at: timeline.rate) ?? whole, whole)
                    let lost = end - speech.fileStart - speech.range.duration
                    guard lost > timeline.rate.frameDuration else { return nil }
                    return warning("the last \((lost.doubleValue * 100).rounded() / 100)s of `\(speech.asset.name)` are cut off", speech.place,
                                   help: "leave away the length of the shot, or end the asset earlier with `to`")
                }
            }
        }
    }
}
