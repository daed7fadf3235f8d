// What a lint rule is, and all of them.
import Diagnostics
import SceneModel

/// One rule: its examples are its test and its page.
package protocol LintRule: Sendable {
    var id: String { get }
    /// What it means and why it matters, for `studio explain`.
    var explanation: String { get }
    /// A scene in which it speaks, and one in which it is silent.
    var wrong: String { get }
    var right: String { get }
    /// `timeline` is nil where the scene has errors.
    func check(_ document: SceneDocument, _ timeline: Timeline?) -> [Diagnostic]
}

extension LintRule {
    func warning(_ message: String, _ place: Place, labels: [Label] = [], help: String? = nil) -> Diagnostic {
        Diagnostic(id, .warning, message, at: place.label(), labels: labels, help: help)
    }
}

package enum RuleRegistry {
    package static let rules: [any LintRule] = [
        UnusedName(), KeysOutOfOrder(), BlinkRate(), PoseBeyondRecording(), BeyondShot(), RateConversion(), ProvenanceOff(), SpeechCutOff(),
    ]
}

/// Lint of a loaded scene.
package enum SceneLinter {
    /// Findings of the load and of all rules, without those that a comment allows, in the order of the text.
    package static func findings(_ result: SceneLoader.Result) -> [Diagnostic] {
        guard let document = result.document else { return result.diagnostics }
        var sink = DiagnosticSink()
        for finding in result.diagnostics { sink.report(finding) }
        for rule in RuleRegistry.rules { for finding in rule.check(document, result.timeline) { sink.report(finding) } }
        return Suppression.apply(sink.inTextOrder, document.trees)
    }
}
