// From text to document and timeline: the entry of this room.
import Base
import Diagnostics
import SceneSyntax

package enum SceneLoader {
    package struct Result: Sendable {
        /// With holes where mistakes stand.
        package var document: SceneDocument?
        /// nil where an error stands against it.
        package var timeline: Timeline?
        package var diagnostics: [Diagnostic]
        /// The door that the load went through; lint asks it about fonts.
        package var resolver: any AssetResolver
        package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
    }

    /// Parses, resolves and places a scene. `parameters` are the values of `--set`, `parameterFolders` the folders from which those
    /// that name files count (absolute; else the scene's own), `seed` replaces the scene's.
    package static func load(path: String, bytes: [UInt8], resolver: some AssetResolver, parameters: [String: String] = [:], parameterFolders: [String: String] = [:],
                             requiresParameters: Bool = true, seed: Int? = nil) -> Result {
        let resolution = Resolution(resolver: resolver, parameters: parameters, parameterFolders: parameterFolders, mainPath: path, requiresParameters: requiresParameters)
        var document = resolution.resolve(SourceFile(path: path, bytes: bytes))
        if let seed { document.scene.seed.value = seed }
        var placing = Placing(document: document, sink: resolution.sink)
        let timeline = placing.timeline()
        return Result(document: document, timeline: placing.sink.hasErrors ? nil : timeline, diagnostics: placing.sink.inTextOrder, resolver: resolver)
    }

    package static func load(path: String, text: String, resolver: some AssetResolver, parameters: [String: String] = [:],
                             requiresParameters: Bool = true) -> Result {
        load(path: path, bytes: Array(text.utf8), resolver: resolver, parameters: parameters, requiresParameters: requiresParameters)
    }
}
