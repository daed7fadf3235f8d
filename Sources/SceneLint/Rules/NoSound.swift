// A film without sound where its sound is asked for.
import Diagnostics
import SceneModel

struct NoSound: LintRule {
    let id = "no-sound"
    let kind = RuleKind.media
    let explanation = "The file has no sound track, but a voice or a sound is to be taken from it. Rendering it fails."
    let wrong = """
        video mute = "without-sound.mp4"
        shot for 3s { background black ; sound mute to 3s }
        """
    let right = """
        video loud = "ceo.mp4"
        shot for 3s { background black ; sound loud to 3s }
        """
    let nearMiss = """
        video mute = "without-sound.mp4"
        shot { footage mute }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let document = context.document
        func hasNone(_ name: String) -> Bool { document.assets[name]?.facts.map { $0.hasVideo && !$0.hasAudio } ?? false }
        return document.shots.flatMap { shot -> [Diagnostic] in
            var found = shot.sounds.filter { hasNone($0.asset) }.map { ($0.asset, $0.place) }
            for layer in shot.layers {
                switch layer.content {
                case .actor(let actor): found += actor.speech.filter { hasNone($0.asset) }.map { ($0.asset, $0.place) }
                case .footage(let footage): found += footage.dubs.filter { hasNone($0.asset) }.map { ($0.asset, $0.place) }
                default: break
                }
            }
            return found.map { error("`\($0.0)` has no sound", $0.1, labels: document.assets[$0.0].map { [$0.pathPlace.label("this file")] } ?? [], help: "name a file with a sound track") }
        }
    }
}
