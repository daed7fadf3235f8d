// A name that nothing uses.
import Diagnostics
import SceneModel

struct UnusedName: LintRule {
    let id = "unused-name"
    let explanation = "An asset, motion, style or param is declared, but no shot uses it. It is a slip of the pen, or a left-over."
    let wrong = "curve soft { at 0s 0 ; at 1s 1 }\nshot for 1s { background black }"
    let right = "curve soft { at 0s 0 ; at 1s 1 }\nshot for 1s { background black { opacity soft } }"

    func check(_ document: SceneDocument, _ timeline: Timeline?) -> [Diagnostic] {
        // In a scene with errors the use may be what is wrong.
        guard timeline != nil else { return [] }
        var names: [(kind: String, name: String, place: Place)] = []
        for asset in document.assets.values { names.append((asset.kind.rawValue, asset.name, asset.place)) }
        for (name, motion) in document.motions { names.append((motion.kind.rawValue, name, motion.place)) }
        for (name, style) in document.styles { names.append(("style", name, style.place)) }
        for parameter in document.parameters { names.append(("param", parameter.name, parameter.place)) }
        return names.filter { $0.place.file === document.file && !document.usedNames.contains($0.name) }.sorted { $0.place.range.start < $1.place.range.start }
            .map { warning("nothing uses the \($0.kind) `\($0.name)`", $0.place, help: "use it or remove it") }
    }
}
