// A sound that stops in the middle.
import Base
import Diagnostics
import SceneModel
import SceneSyntax

struct SoundCutOff: LintRule {
    let id = "sound-cut-off"
    let kind = RuleKind.time
    let explanation = "The shot ends while the sound goes on, and nothing fades it out: it stops with a click or in the middle of a note."
    let wrong = """
        audio music = "music.wav"
        shot for 3s { background black ; sound music }
        """
    let right = """
        audio music = "music.wav"
        shot for 3s { background black ; sound music { fade out 1s } }
        """
    let nearMiss = """
        audio music = "music.wav"
        shot for 3s { background black ; sound music to 2s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        // An end that somebody wrote is meant.
        let ended = Set(context.clauses.filter { $0.clause.word == "sound" && $0.context == .shot && Self.saysItsEnd($0.clause) }.map(\.clause.range.start))
        return timeline.sounds.compactMap { sound in
            guard sound.role == .sound, !sound.range.isEmpty, !sound.loops, sound.fadeOut <= .zero, let end = sound.fileEnd else { return nil }
            let lost = end - sound.fileStart - sound.range.duration
            guard lost > Rational(1, 10), !ended.contains(sound.place.range.start) else { return nil }
            return note("`\(sound.asset.name)` is cut off with \(Words.seconds(lost)) left", sound.place, help: "add `fade out 1s`, or write where it ends")
        }
    }
    private static func saysItsEnd(_ clause: Clause) -> Bool {
        clause.arguments.contains { $0.word == "to" } || (clause.block?.clauses.contains { $0.word == "to" || $0.arguments.contains { $0.word == "to" } } ?? false)
    }
}
