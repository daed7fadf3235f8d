// The one place that names concrete engines.
import Base
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
    private let baking: PersonaOpening.Baking
    /// `quality` of radiance fields; nil: each engine draws as it usually does.
    package init(quality: FieldQuality? = nil, baking: PersonaOpening.Baking = .asNeeded) { (self.quality, self.baking) = (quality, baking) }

    /// Makes what the first frames of all open personas would make else, by the names of their files.
    func prepare(threads: Int, progress: ProgressHandler) throws(EngineError) {
        for (path, persona) in personas.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            try persona.prepare(budget: ComputeBudget(threads: threads)) { report in
                var named = report
                named.detail = URL(fileURLWithPath: path).lastPathComponent
                return progress(named)
            }
        }
    }

    package func persona(_ path: String) throws(EngineError) -> any PersonaEngine {
        if let known = personas.withLock({ $0[path] }) { return known }
        let made = try PersonaOpening.open(PersonaPackage.read(path), path: path, quality: quality, baking: baking)
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
