// A channel that the file does not have.
import Diagnostics
import SceneModel

struct NoSuchChannel: LintRule {
    let id = "no-such-channel"
    let kind = RuleKind.media
    let explanation = "An asset asks for a channel that its file does not have. What would be heard is silence."
    let wrong = """
        audio voice = "hello.wav" { channel 3 }
        shot for 5s { background black ; sound voice }
        """
    let right = """
        audio voice = "hello.wav" { channel 1 }
        shot for 5s { background black ; sound voice }
        """
    let nearMiss = """
        audio voice = "hello.wav" { channel left }
        shot for 5s { background black ; sound voice }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.document.ownAssets.compactMap { asset in
            guard case .number(let number) = asset.channel, let count = asset.facts?.channels, number > count else { return nil }
            return error("`\(asset.writtenPath)` has \(count) channel\(count == 1 ? "" : "s"), not \(number)", asset.place, help: "write `channel 1`\(count > 1 ? " to `channel \(count)`" : ""), or leave it away")
        }
    }
}
