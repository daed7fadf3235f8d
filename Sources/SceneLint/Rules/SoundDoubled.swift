// A sound that is heard twice at once.
import Base
import Diagnostics
import SceneModel

struct SoundDoubled: LintRule {
    let id = "sound-doubled"
    let kind = RuleKind.time
    let explanation = "The same file is heard twice at the same time: as a voice and as a sound, or from two shots that overlap. It becomes louder and hollow."
    let wrong = """
        persona nova = "nova.persona"
        audio hello = "hello.wav"
        shot { actor nova { speaks hello } ; sound hello }
        """
    let right = """
        persona nova = "nova.persona"
        audio hello = "hello.wav"
        shot { actor nova { speaks hello } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        audio hello = "hello.wav"
        shot { actor nova { speaks hello silently } ; sound hello }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        guard let timeline = context.timeline else { return [] }
        return Dictionary(grouping: timeline.sounds, by: \.asset.path).sorted { $0.key < $1.key }.flatMap { _, sounds in
            Timeline.overlaps(sounds) { $0.range }.filter { $0.first.place.range != $0.second.place.range && Self.sameMoment($0.first, $0.second) }.map { first, second in
                warning("`\(second.asset.name)` is heard twice at once", second.place, labels: [first.place.label("heard here too")], help: "keep one of them, or write `speaks … silently`")
            }
        }
    }
    /// Two stretches of one file may sound together, as where music goes over from one shot to the next; the same moment of it may not.
    private static func sameMoment(_ a: PlacedSound, _ b: PlacedSound) -> Bool {
        let shift = (a.fileStart - a.range.start) - (b.fileStart - b.range.start)
        return shift.doubleValue.magnitude < 0.25
    }
}
