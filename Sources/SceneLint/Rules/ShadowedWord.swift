// A name that hides a word of the language.
import Diagnostics
import SceneModel

struct ShadowedWord: LintRule {
    let id = "shadowed-word"
    let kind = RuleKind.file
    let explanation = "A name is also a word of the language: a picture named like a colour, a blink named `never`, a param named `left`. Where both could stand the name wins, and the word can no longer be said."
    let wrong = """
        image red = "red.png"
        shot for 1s { background red }
        """
    let right = """
        image red-wall = "red.png"
        shot for 1s { background red-wall }
        """
    let nearMiss = """
        image reddish = "red.png"
        shot for 1s { background red ; picture reddish }
        """

    /// Words that stand where a value may stand: a param of that name takes their place.
    private static let valueWords: Set<String> = [
        "on", "off", "left", "right", "top", "bottom", "center", "full", "cover", "contain", "stretch", "linear", "in", "out", "in-out", "hold",
        "largest", "nearest", "id", "mix", "dissolve", "fade", "wipe", "up", "down", "close", "source", "lost", "turned", "covered", "keep", "error",
        "h264", "h265", "av1", "vp9", "prores", "dnxhr", "png", "exr", "ffv1", "aac", "opus", "flac", "pcm", "none", "quality", "crf", "bitrate", "pixel",
        "head", "blink", "face", "sway",
    ]

    func check(_ context: LintContext) -> [Diagnostic] {
        var result: [Diagnostic] = []
        for asset in context.document.ownAssets {
            if asset.name == "original" || ColorNames.color(asset.name) != nil {
                result.append(speak(asset.name, asset.name == "original" ? "the persona's own plate" : "the colour", asset.place))
            }
        }
        for (name, motion) in context.document.motions.sorted(by: { $0.key < $1.key }) where context.isInMainFile(motion.place) {
            let words: Set<String> = motion.kind == .blink ? ["never", "every", "recorded"] : motion.kind == .path ? ["recorded"] : []
            if words.contains(name) { result.append(speak(name, "what `\(motion.kind == .blink ? "blinks" : "pose") \(name)` says otherwise", motion.place)) }
        }
        for parameter in context.document.parameters where Self.valueWords.contains(parameter.name) || ColorNames.color(parameter.name) != nil {
            result.append(speak(parameter.name, "the word", parameter.place))
        }
        return result
    }
    private func speak(_ name: String, _ what: String, _ place: Place) -> Diagnostic {
        warning("the name `\(name)` hides \(what)", place, help: "choose another name")
    }
}
