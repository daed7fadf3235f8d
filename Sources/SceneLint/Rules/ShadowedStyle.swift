// A declared style that replaces a built-in one.
import Diagnostics
import SceneModel
import SceneSyntax

struct ShadowedStyle: LintRule {
    let id = "shadowed-style"
    let kind = RuleKind.file
    let explanation = "A style has the name of a built-in one and does not start from it: size, place and colour of the built-in one are gone, for every text that did not name a style too."
    let wrong = """
        style headline { color gold }
        shot for 2s { background black ; title "Hello" }
        """
    let right = """
        style headline { like headline ; color gold }
        shot for 2s { background black ; title "Hello" }
        """
    let nearMiss = """
        style golden { like headline ; color gold }
        shot for 2s { background black ; title "Hello" { style golden } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.clauses.filter { $0.parent == nil && $0.clause.word == "style" }.compactMap { written in
            guard let name = written.clause.arguments.first?.word, TextStyle.builtIn[name] != nil, let block = written.clause.block,
                  !block.clauses.contains(where: { $0.word == "like" }) else { return nil }
            return note("the built-in style `\(name)` is replaced as a whole", Place(context.document.file, written.clause.arguments[0].range),
                        help: "write `like \(name)` in it to keep what it does not say")
        }
    }
}
