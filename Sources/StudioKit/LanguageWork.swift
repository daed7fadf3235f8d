// The verbs of the scene language: findings, explanations.
import Diagnostics
import SceneLint
import SceneModel

/// Verbs on the text of scenes.
package enum LanguageWork {
    /// All findings of a file, in the order of the text.
    package static func lint(path: String, bytes: [UInt8], parameters: [String: String], readsMedia: Bool, allowsOutside: Bool) -> [Diagnostic] {
        let result = SceneLoader.load(path: path, bytes: bytes, resolver: DiskResolver(allowsOutsideProject: allowsOutside, readsMedia: readsMedia), parameters: parameters,
                                      requiresParameters: false)
        return SceneLinter.findings(result)
    }

    package static func explanation(_ id: String) -> String? { Explanation.text(id) }
}
