// A name that nothing uses.
import Diagnostics
import SceneModel
import SceneSyntax

struct UnusedName: LintRule {
    let id = "unused-name"
    let kind = RuleKind.file
    let explanation = "An asset, motion, style or param is declared, but no shot uses it. It is a slip of the pen, or a left-over."
    let wrong = """
        curve soft { at 0s 0 ; at 1s 1 }
        shot for 1s { background black }
        """
    let right = """
        curve soft { at 0s 0 ; at 1s 1 }
        shot for 1s { background black { opacity soft } }
        """
    let nearMiss = """
        param who: text = "Ann"
        shot for 1s { background black ; title "Hi \\(who)" }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        // In a scene with errors the use may be what is wrong.
        guard context.timeline != nil else { return [] }
        let document = context.document
        var names: [(kind: String, name: String, place: Place)] = []
        for asset in document.assets.values { names.append((asset.kind.rawValue, asset.name, asset.place)) }
        for (name, motion) in document.motions { names.append((motion.kind.rawValue, name, motion.place)) }
        for (name, style) in document.styles { names.append(("style", name, style.place)) }
        for parameter in document.parameters { names.append(("param", parameter.name, parameter.place)) }
        let unused = names.filter { context.isInMainFile($0.place) && !document.usedNames.contains($0.name) }.sorted { $0.place.range.start < $1.place.range.start }
        guard !unused.isEmpty else { return [] }
        var declarations: [Int: Int] = [:]
        for (index, written) in context.clauses.enumerated() where written.parent == nil {
            if let name = written.clause.arguments.first { declarations[name.range.start] = index }
        }
        return unused.map { found in
            let edit = declarations[found.place.range.start].flatMap { context.removal(of: $0) }
            return warning("nothing uses the \(found.kind) `\(found.name)`", found.place, help: "use it or remove it",
                           fix: edit.map { Fix("remove the \(found.kind)", edits: [$0], applicability: .unsafe) })
        }
    }
}
