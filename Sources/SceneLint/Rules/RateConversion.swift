// Footage whose frame rate is not the scene's.
import Diagnostics
import SceneModel

struct RateConversion: LintRule {
    let id = "rate-conversion"
    let explanation = "Footage of another frame rate is shown by repeating or leaving out frames: movements may stutter."
    let wrong = "scene { rate 25fps }\nvideo ceo = \"ceo.mp4\"\nshot { footage ceo }"
    let right = "scene { like ceo }\nvideo ceo = \"ceo.mp4\"\nshot { footage ceo }"

    func check(_ document: SceneDocument, _ timeline: Timeline?) -> [Diagnostic] {
        guard let timeline else { return [] }
        return timeline.shots.flatMap { shot in
            shot.layers.compactMap { layer -> Diagnostic? in
                guard case .footage(let footage) = layer.layer.content, let facts = timeline.assets[footage.asset]?.facts else { return nil }
                if facts.isVariableRate { return warning("`\(footage.asset)` has a variable frame rate; it is read by time stamps", layer.layer.place) }
                guard let rate = facts.rate, rate != timeline.rate else { return nil }
                return warning("`\(footage.asset)` has \(rate), the scene \(timeline.rate)", layer.layer.place, help: "write `scene { like \(footage.asset) }`")
            }
        }
    }
}
