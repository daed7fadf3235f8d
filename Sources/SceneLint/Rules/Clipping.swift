// A sound that is raised beyond full scale.
import Diagnostics
import SceneModel

struct Clipping: LintRule {
    let id = "clipping"
    let kind = RuleKind.media
    let explanation = "The loudest moment of the file lies above full scale with the gain that it is given. It will be cut off, which is heard as a crackle."
    let wrong = """
        audio music = "music.wav"
        shot for 5s { background black ; sound music { gain 12dB } }
        """
    let right = """
        audio music = "music.wav"
        shot for 5s { background black ; sound music { gain 3dB } }
        """
    let nearMiss = """
        scene { loudness -23LUFS }
        audio music = "music.wav"
        shot for 5s { background black ; sound music { gain 12dB } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline, timeline.loudness == nil else { return [] }
        return timeline.sounds.compactMap { sound in
            guard !sound.range.isEmpty, sound.volume == nil, let peak = sound.asset.facts?.sound?.peak, sound.gain > 0, peak + sound.gain > 0.1 else { return nil }
            return warning("`\(sound.asset.name)` reaches \(Words.decibels(peak + sound.gain)) above full scale", sound.place, help: "raise it by \(Words.decibels(max(0, (-peak).rounded(.down)))) at most, or write a `loudness` for the scene")
        }
    }
}
