// A title that nobody can read in time.
import Base
import Diagnostics
import SceneModel

struct TitleTooBrief: LintRule {
    let id = "title-too-brief"
    let kind = RuleKind.time
    let explanation = "People read about 20 letters a second, after half a second to look. The title is gone before it is read."
    let wrong = """
        shot for 3s { background black ; title "Head of research and development" { from 1s to 1.8s } }
        """
    let right = """
        shot for 5s { background black ; title "Head of research and development" { from 1s to 4s } }
        """
    let nearMiss = """
        shot for 3s { background black ; title "Go" { from 1s to 1.8s } }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.compactMap { _, layer in
            guard case .title(let title) = layer.layer.content, !layer.range.isEmpty else { return nil }
            let letters = (title.text + (title.subtitle ?? "")).filter { !$0.isWhitespace }.count
            let needed = 0.5 + Double(letters) / 20
            let shown = layer.range.duration.doubleValue
            guard letters > 0, shown < needed - 1e-9 else { return nil }
            return warning("\(letters) letters stand for \(Words.number(shown))s; reading them takes \(Words.number((needed * 10).rounded(.up) / 10))s", layer.layer.place, help: "leave it longer, or write less")
        }
    }
}
