// A loudness that the sound cannot have.
import Diagnostics
import SceneModel

struct LoudnessClips: LintRule {
    let id = "loudness-clips"
    let kind = RuleKind.media
    let explanation = "To reach the loudness of the scene the sound would have to be raised above full scale: its peaks stand too high over its mean."
    let wrong = """
        scene { loudness -8LUFS }
        audio music = "music.wav"
        shot for 5s { background black ; sound music }
        """
    let right = """
        scene { loudness -16LUFS }
        audio music = "music.wav"
        shot for 5s { background black ; sound music }
        """
    let nearMiss = """
        scene { loudness -14LUFS }
        audio music = "music.wav"
        shot for 5s { background black ; sound music }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline, let target = timeline.loudness else { return [] }
        // The loudest file decides: others are heard under it.
        let loudest = timeline.sounds.filter { !$0.range.isEmpty }.compactMap { sound -> (sound: PlacedSound, loudness: Double, peak: Double)? in
            guard let facts = sound.asset.facts?.sound, let loudness = facts.loudness, let peak = facts.peak else { return nil }
            return (sound, loudness + sound.gain, peak + sound.gain)
        }.max { $0.loudness < $1.loudness }
        guard let loudest, loudest.peak + target - loudest.loudness > 0.1 else { return [] }
        let most = ((loudest.loudness - loudest.peak) - 1).rounded(.down)
        return [warning("`\(loudest.sound.asset.name)` would reach \(Words.decibels(loudest.peak + target - loudest.loudness)) above full scale", context.document.scene.loudness.place,
                        labels: [loudest.sound.place.label("heard here")], help: "write \(Words.number(most))LUFS or less")]
    }
}
