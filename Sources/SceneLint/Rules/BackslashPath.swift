// Backslashes in a path.
import Diagnostics
import SceneModel

struct BackslashPath: LintRule {
    let id = "backslash-path"
    let kind = RuleKind.file
    let explanation = "Folders are parted by `/` on every system. A backslash is an ordinary letter of a file's name, so that a file of that odd name is meant."
    let wrong = """
        shot for 1s { background black }
        output "films\\\\a.mp4"
        """
    let right = """
        shot for 1s { background black }
        output "films/a.mp4"
        """
    let nearMiss = """
        shot for 1s { background black ; title "C:\\\\films" }
        """
    let fixChangesFilm = true

    func check(_ context: LintContext) -> [Diagnostic] {
        var places = context.document.ownAssets.filter { $0.writtenPath.contains("\\") }.map(\.pathPlace)
        places += context.document.outputs.filter { $0.isWritten && $0.path.contains("\\") }.map(\.place)
        return places.map { place in
            let text = place.file.text(place.range)
            let fix = text.contains("\\\\") ? Fix("write `/`", edits: [TextEdit(place.range, text.replacing("\\\\", with: "/"))], applicability: .unsafe) : nil
            return warning("folders are parted by `/`, not by a backslash", place, help: "write `/`", fix: fix)
        }
    }
}
