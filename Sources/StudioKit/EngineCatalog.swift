// The one place that names concrete engines.
import Engines
import Foundation
import SceneCompiler
import Speech
import Synchronization
import TalkingHead

/// Opens personas by the engine in their manifests, once each.
package final class EngineCatalog: EngineProvider {
    private let personas = Mutex<[String: any PersonaEngine]>([:])
    private let quality: FieldQuality?
    /// `quality` of radiance fields; nil: each engine draws as it usually does.
    package init(quality: FieldQuality? = nil) { self.quality = quality }

    package func persona(_ path: String) throws(EngineError) -> any PersonaEngine {
        if let known = personas.withLock({ $0[path] }) { return known }
        let made = try PersonaOpening.open(PersonaPackage.read(path), path: path, quality: quality)
        personas.withLock { $0[path] = made }
        return made
    }

    package func extractor(for engine: any PersonaEngine) throws(EngineError) -> any AudioFeatureExtractor {
        switch engine.facts.audioKind {
        case HeardMouthExtractor.kind: return HeardMouthExtractor(try SpeechEncoder(tensors: engine.speechEncoder, path: engine.facts.name))
        case LogMelExtractor.kind: return LogMelExtractor()
        case let kind:
            throw .badInput("audio features of kind “\(kind)” are not made from sound by this version; it makes \(HeardMouthExtractor.kind) and \(LogMelExtractor.kind)")
        }
    }
}
