// A background that hides what was listed before it.
import Diagnostics
import SceneModel
import SceneSyntax

struct CoveredLayer: LintRule {
    let id = "covered-layer"
    let kind = RuleKind.time
    let explanation = "Layers are listed from the bottom up. A background that stands behind other layers covers them, and nothing of them is seen while it is on."
    let wrong = """
        persona nova = "nova.persona"
        audio hello = "hello.wav"
        shot { actor nova { speaks hello } ; background black }
        """
    let right = """
        persona nova = "nova.persona"
        audio hello = "hello.wav"
        shot { background black ; actor nova { speaks hello } }
        """
    let nearMiss = """
        persona nova = "nova.persona"
        audio hello = "hello.wav"
        shot { actor nova { speaks hello } ; background black { opacity 0.3 } }
        """
    let fixChangesFilm = true

    func check(_ context: LintContext) -> [Diagnostic] {
        (context.timeline?.shots ?? []).flatMap { shot -> [Diagnostic] in
            var below: [PlacedLayer] = []
            var result: [Diagnostic] = []
            for layer in shot.layers {
                if Self.covers(layer), let hidden = below.first(where: { $0.frames.overlaps(layer.frames) }), context.isInMainFile(layer.layer.place) {
                    result.append(warning("this background covers what stands above it in the list", layer.layer.place, labels: [hidden.layer.place.label("not seen")],
                                          help: "list layers from the bottom up: the background first", fix: move(layer, shot, context)))
                }
                if !Self.isBackground(layer), !layer.frames.isEmpty { below.append(layer) }
            }
            return result
        }
    }

    private static func isBackground(_ layer: PlacedLayer) -> Bool {
        if case .background = layer.layer.content { return true }
        return false
    }
    /// A background that lets nothing through.
    private static func covers(_ layer: PlacedLayer) -> Bool {
        guard case .background(let background) = layer.layer.content, case .constant(1) = layer.layer.opacity, layer.layer.fit.value == .cover else { return false }
        if case .color(let color) = background.source { return color.alpha == 255 }
        return true
    }

    /// The clause to the head of its block; nil where a comment stands beside it, which would be left behind.
    private func move(_ layer: PlacedLayer, _ shot: PlacedShot, _ context: LintContext) -> Fix? {
        guard let tree = context.document.trees.first, let first = shot.shot.layers.first,
              let index = context.clauses.firstIndex(where: { $0.context == .shot && $0.clause.wordRange.start == layer.layer.place.range.start }),
              let removal = context.removal(of: index) else { return nil }
        let clause = context.clauses[index].clause
        guard !tree.tokens[clause.tokens].contains(where: { $0.kind == .lineComment || $0.kind == .blockComment }) else { return nil }
        let start = first.place.range.start
        let lineStart = tree.file.bytes[..<start].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let indent = tree.file.bytes[lineStart..<start]
        let separator = indent.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? "\n" + String(decoding: indent, as: UTF8.self) : " ; "
        return Fix("move the background to the bottom (this changes the film)",
                   edits: [TextEdit(TextRange(start, start), tree.file.text(clause.range) + separator), removal], applicability: .unsafe)
    }
}
