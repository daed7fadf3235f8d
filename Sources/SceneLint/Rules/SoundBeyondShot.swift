// A sound that lies outside its shot.
import Base
import Diagnostics
import SceneModel

struct SoundBeyondShot: LintRule {
    let id = "sound-beyond-shot"
    let kind = RuleKind.time
    let explanation = "The sound or the line begins after its shot has ended, so that it is never heard."
    let wrong = """
        audio hello = "hello.wav"
        shot for 2s { background black ; sound hello at 3s }
        """
    let right = """
        audio hello = "hello.wav"
        shot for 9s { background black ; sound hello at 3s }
        """
    let nearMiss = """
        audio hello = "hello.wav" { to 1s }
        shot for 2s { background black ; sound hello at 1s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        (context.timeline?.sounds ?? []).filter { $0.range.isEmpty }.map { warning("`\($0.asset.name)` is never heard: its shot has ended before", $0.place, help: "begin it earlier, or make the shot longer") }
    }
}
