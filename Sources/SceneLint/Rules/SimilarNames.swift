// Names that are hard to tell apart.
import Diagnostics
import SceneModel

struct SimilarNames: LintRule {
    let id = "similar-names"
    let kind = RuleKind.file
    let explanation = "Two names differ only in capitals or in `-` and `_`. One is easily written for the other, and both exist."
    let wrong = """
        image logo = "logo.png"
        image Logo = "big-logo.png"
        shot for 1s { background black ; picture logo ; picture Logo }
        """
    let right = """
        image logo = "logo.png"
        image big-logo = "big-logo.png"
        shot for 1s { background black ; picture logo ; picture big-logo }
        """
    let nearMiss = """
        image logo = "logo.png"
        image logo2 = "big-logo.png"
        shot for 1s { background black ; picture logo ; picture logo2 }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        let document = context.document
        var names: [(name: String, place: Place)] = document.ownAssets.map { ($0.name, $0.place) }
        names += document.motions.map { ($0.key, $0.value.place) } + document.styles.map { ($0.key, $0.value.place) } + document.parameters.map { ($0.name, $0.place) }
        let own = names.filter { context.isInMainFile($0.place) }.sorted { $0.place.range.start < $1.place.range.start }
        var first: [String: (name: String, place: Place)] = [:]
        var result: [Diagnostic] = []
        for found in own {
            let plain = found.name.lowercased().filter { $0 != "-" && $0 != "_" }
            if let before = first[plain] {
                result.append(warning("`\(found.name)` is nearly `\(before.name)`", found.place, labels: [before.place.label("the other one")], help: "choose names that differ"))
            } else { first[plain] = found }
        }
        return result
    }
}
