// What a lint rule is, and what it looks at.
import Diagnostics
import SceneModel
import SceneSyntax

/// What a rule needs to see: the text alone, the times, or the files.
package enum RuleKind: String, Sendable, CaseIterable {
    case file, time, media
}

/// A scene as the rules see it.
package struct LintContext: Sendable {
    package let document: SceneDocument
    /// nil where the scene has errors.
    package let timeline: Timeline?
    /// Asked about fonts; files were asked about when the scene was loaded.
    package let resolver: any AssetResolver
    /// Clauses of the main file with the blocks they stand in.
    let clauses: [WrittenClause]
    /// Every layer with its shot; none where the scene has errors.
    let placedLayers: [(shot: PlacedShot, layer: PlacedLayer)]

    init(document: SceneDocument, timeline: Timeline?, resolver: any AssetResolver) {
        self.document = document
        self.timeline = timeline
        self.resolver = resolver
        clauses = document.trees.first.map(WrittenClause.all) ?? []
        placedLayers = (timeline?.shots ?? []).flatMap { shot in shot.layers.map { (shot, $0) } }
    }

    func isInMainFile(_ place: Place) -> Bool { place.file === document.file }
}

/// One rule: its examples are its test and its page. It lives in one file of `Rules`, and in the registry.
package protocol LintRule: Sendable {
    /// Kebab case, permanent.
    var id: String { get }
    var kind: RuleKind { get }
    /// What it means and why it matters, for `studio explain`.
    var explanation: String { get }
    /// A scene in which only this rule speaks.
    var wrong: String { get }
    /// The same scene as its author should have written it.
    var right: String { get }
    /// A scene that comes close and is right all the same.
    var nearMiss: String { get }
    /// A fix of this rule changes the film, and says so in its title; every other one leaves the compiled timeline as it was.
    var fixChangesFilm: Bool { get }
    func check(_ context: LintContext) -> [Diagnostic]
}

extension LintRule {
    package var fixChangesFilm: Bool { false }

    func warning(_ message: String, _ place: Place, labels: [Label] = [], help: String? = nil, fix: Fix? = nil) -> Diagnostic {
        Diagnostic(id, .warning, message, at: place.label(), labels: labels, help: help, fix: fix)
    }
    func note(_ message: String, _ place: Place, labels: [Label] = [], help: String? = nil, fix: Fix? = nil) -> Diagnostic {
        Diagnostic(id, .note, message, at: place.label(), labels: labels, help: help, fix: fix)
    }
    /// Only for what foretells a failed or wrong render.
    func error(_ message: String, _ place: Place, labels: [Label] = [], help: String? = nil, fix: Fix? = nil) -> Diagnostic {
        Diagnostic(id, .error, message, at: place.label(), labels: labels, help: help, fix: fix)
    }
}

/// Lint of a loaded scene.
package enum SceneLinter {
    /// Findings of the load and of some rules (all of them), without those that a comment allows, in the order of the text.
    package static func findings(_ result: SceneLoader.Result, rules: [any LintRule] = RuleRegistry.rules) -> [Diagnostic] {
        guard let document = result.document else { return result.diagnostics }
        let context = LintContext(document: document, timeline: result.timeline, resolver: result.resolver)
        var sink = DiagnosticSink()
        for finding in result.diagnostics { sink.report(finding) }
        for rule in rules { for finding in rule.check(context) { sink.report(finding) } }
        return Suppression.apply(sink.inTextOrder, document.trees)
    }
}
