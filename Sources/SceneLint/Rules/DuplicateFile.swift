// One file under two names.
import Diagnostics
import SceneModel

struct DuplicateFile: LintRule {
    let id = "duplicate-file"
    let kind = RuleKind.file
    let explanation = "Two assets are the same file with the same settings. One name would do; with two, a change of one is easily forgotten for the other."
    let wrong = """
        image loft = "loft.png"
        image room = "loft.png"
        shot for 1s { background loft ; picture room }
        """
    let right = """
        image loft = "loft.png"
        shot for 1s { background loft ; picture loft }
        """
    let nearMiss = """
        audio first = "hello.wav" { to 2s }
        audio second = "hello.wav" { from 2s }
        shot for 5s { background black ; sound first ; sound second at 2s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        struct Key: Hashable { var kind: AssetKind, path: String, gain: Double, channel: Asset.Channel, range: String }
        var first: [Key: Asset] = [:]
        var result: [Diagnostic] = []
        for asset in context.document.ownAssets where !asset.path.isEmpty {
            let range = [asset.from, asset.to].map { $0.map { $0.place.file.text($0.place.range) } ?? "" }.joined(separator: "…")
            let key = Key(kind: asset.kind, path: asset.path, gain: asset.gain, channel: asset.channel, range: range)
            if let before = first[key] {
                result.append(warning("`\(asset.name)` is the same file as `\(before.name)`", asset.pathPlace, labels: [before.pathPlace.label("named here first")], help: "use one name for both"))
            } else { first[key] = asset }
        }
        return result
    }
}
