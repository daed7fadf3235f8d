// Engines are handed to the compiler: it names none.
import Engines

/// Opens personas and finds feature extractors.
package protocol EngineProvider: Sendable {
    func persona(_ path: String) throws(EngineError) -> any PersonaEngine
    func extractor(kind: String) throws(EngineError) -> any AudioFeatureExtractor
}
