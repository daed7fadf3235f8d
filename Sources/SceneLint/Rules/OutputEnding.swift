// An output whose ending names no film.
import Diagnostics
import SceneModel

struct OutputEnding: LintRule {
    let id = "output-ending"
    let kind = RuleKind.file
    let explanation = "The ending of an output chooses the container. This one is none that holds films; single pictures need a number in their name, like `%05d.png`."
    let wrong = """
        shot for 1s { background black }
        output "a.mpeg4"
        """
    let right = """
        shot for 1s { background black }
        output "a.mp4"
        """
    let nearMiss = """
        shot for 1s { background black }
        output "frames/%05d.png"
        """

    static let containers: Set<String> = ["mp4", "m4v", "mov", "mkv", "webm", "avi", "nut", "ts", "mxf"]
    private static let pictures: Set<String> = ["png", "jpg", "jpeg", "exr", "tif", "tiff", "bmp", "webp"]

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.outputs.filter(\.isWritten).compactMap { output in
            let ending = Self.ending(output.path)
            if output.path.contains("%") ? Self.pictures.contains(ending) : Self.containers.contains(ending) { return nil }
            if Self.pictures.contains(ending) {
                return warning("a film does not fit into one picture", output.place, help: "put a number into the name: `%05d.\(ending)`")
            }
            return warning(ending.isEmpty ? "the output has no ending that names its container" : "`.\(ending)` names no container of films", output.place,
                           help: "write .mp4, .mov, .mkv or .webm")
        }
    }
    /// In small letters, without the dot; empty where there is none.
    static func ending(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
