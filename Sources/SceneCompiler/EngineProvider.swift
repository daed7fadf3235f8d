// Engines are handed to the compiler: it names none.
import Engines

/// Opens personas and finds what hears for them.
package protocol EngineProvider: Sendable {
    func persona(_ path: String) throws(EngineError) -> any PersonaEngine
    /// Makes from sound the features that the persona was trained on.
    func extractor(for engine: any PersonaEngine) throws(EngineError) -> any AudioFeatureExtractor
}
