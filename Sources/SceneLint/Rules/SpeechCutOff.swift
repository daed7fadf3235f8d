// A line that is longer than the time it has.
import Base
import Diagnostics
import SceneModel

struct SpeechCutOff: LintRule {
    let id = "speech-cut-off"
    let kind = RuleKind.time
    let explanation = "The shot, or the range of the line, ends before the voice does: the last words are lost."
    let wrong = """
        persona nova = "nova.persona"
        audio hello = "hello.wav"
        shot for 3s { actor nova { speaks hello } }
        """
    let right = """
        persona nova = "nova.persona"
        audio hello = "hello.wav"
        shot { actor nova { speaks hello } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        audio hello = "hello.wav" { to 3s }
        shot for 3s { actor nova { speaks hello } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        return context.placedLayers.flatMap { _, layer in
            (layer.actor?.speech ?? []).compactMap { speech -> Diagnostic? in
                guard let whole = speech.asset.facts?.duration, !speech.range.isEmpty else { return nil }
                let end = min(speech.asset.to?.constant(at: timeline.rate) ?? whole, whole)
                let lost = end - speech.fileStart - speech.range.duration
                guard lost > timeline.rate.frameDuration else { return nil }
                return warning("the last \(Words.seconds(lost)) of `\(speech.asset.name)` are cut off", speech.place,
                               help: "leave away the length of the shot, or end the asset earlier with `to`")
            }
        }
    }
}
