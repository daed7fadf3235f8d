// A path that only exists on this machine.
import Diagnostics
import SceneModel

struct AbsolutePath: LintRule {
    let id = "absolute-path"
    let kind = RuleKind.file
    let explanation = "A path that begins with `/` names a place of this one machine. On any other one the scene does not render."
    let wrong = """
        shot for 1s { background black }
        output "/films/a.mp4"
        """
    let right = """
        shot for 1s { background black }
        output "films/a.mp4"
        """
    let nearMiss = """
        shot for 1s { background black }
        output "../films/a.mp4"
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        var paths = context.document.ownAssets.map { ($0.writtenPath, $0.pathPlace) }
        paths += context.document.outputs.filter(\.isWritten).map { ($0.path, $0.place) }
        return paths.filter { $0.0.hasPrefix("/") && context.isInMainFile($0.1) && isWritten(context, $0.1) }.map { warning("`\($0.0)` only exists on this machine", $0.1, help: "write it relative to the scene's folder") }
    }
    /// The slash stands in the text: it does not come from a param or from where the scene itself lies.
    private func isWritten(_ context: LintContext, _ place: Place) -> Bool { context.document.file.text(place.range).hasPrefix("\"/") }
}
