// Footage with more colours than the film has.
import Diagnostics
import SceneModel

struct WideColor: LintRule {
    let id = "wide-color"
    let kind = RuleKind.media
    let explanation = "The footage is in BT.2020, as HDR footage is. Pictures are composed in BT.709: its most vivid colours and brightest lights clip."
    let wrong = """
        video hdr = "hdr.mp4"
        shot { footage hdr }
        """
    let right = """
        video sdr = "ceo.mp4"
        shot { footage sdr }
        """
    let nearMiss = """
        video hdr = "hdr.mp4"
        shot for 3s { background black ; sound hdr to 3s }
        """

    func check(_ context: LintContext) -> [Diagnostic] {
        context.placedLayers.compactMap { _, layer in
            guard case .footage(let footage) = layer.layer.content, let matrix = context.document.assets[footage.asset]?.facts?.colorMatrix, matrix.hasPrefix("bt2020") else { return nil }
            return warning("`\(footage.asset)` is in BT.2020: vivid colours will clip", layer.layer.place, help: "convert it to BT.709 first, with a tone curve of your choice")
        }
    }
}
