// Which speech encoder a persona hears with: its own, or one that is taught for it.
import Base
import Capture
import Engines
import Foundation
import Speech
import TalkingHead
import Tensors

enum SpeechHearing {
    /// The encoder that a persona carries; nil where its features are of another kind.
    static func encoder(of persona: any PersonaEngine) throws(EngineError) -> SpeechEncoder? {
        guard persona.facts.audioKind == HeardMouthExtractor.kind else { return nil }
        return try SpeechEncoder(tensors: persona.speechEncoder, path: persona.facts.name)
    }

    /// A persona whose encoder hears for another one.
    struct Teacher: Sendable {
        let name: String, encoder: SpeechEncoder
        /// Of the encoder's weights.
        var key: ContentKey {
            var key = ContentKey("speech encoder", version: 1)
            for value in encoder.values { key.mix(value) }
            return key
        }
    }

    /// - Parameter advice: what to do where the persona has no encoder.
    static func teacher(_ path: String, advice: String) throws -> Teacher {
        let persona = try NamedInput.persona(path), facts = persona.manifest.facts
        guard facts.audioKind == HeardMouthExtractor.kind else {
            throw StudioFailure(3, "\(path): has no speech encoder of its own: it hears \(facts.audioKind)", advice: advice)
        }
        return Teacher(name: facts.name, encoder: try SpeechEncoder(tensors: persona.speechEncoder, path: path))
    }

    private static func kept(_ path: String) throws(EngineError) -> SpeechEncoder {
        do { return try SpeechEncoder(tensors: SafetensorsFile.read(path), path: path) } catch let error as CheckpointError {
            throw .unreadable(path: path, reason: error.reason)
        } catch let error as EngineError { throw error } catch { throw .unreadable(path: path, reason: "\(error)") }
    }

    /// The encoder of a training: the one that the training folder keeps, else the data set's own, else one taught on its lessons.
    /// Nil where there are no lessons, or the recipe wants none: then the features that lie in the data set are used.
    static func encoder(for dataset: DatasetFootage, recipe: TrainingRecipe, keptIn folder: String, budget: ComputeBudget,
                        progress: ProgressHandler) throws(EngineError) -> SpeechEncoder? {
        guard recipe.speechSteps > 0 else { return nil }
        let path = folder + "/speech.safetensors"
        if FileManager.default.fileExists(atPath: path) { return try kept(path) }
        // A captured data set brings an encoder that was taught already.
        if let own = dataset.folder.encoderPath { return try kept(own) }
        guard let lessons = dataset.lessons else { return nil }
        let trainer = try SpeechEncoderTrainer(steps: lessons.steps, loudness: lessons.loudness, mouths: lessons.mouths)
        let encoder = try trainer.train(steps: recipe.speechSteps, seed: recipe.seed, budget: budget, progress: progress)
        do { try SafetensorsFile.write(encoder.tensors, to: path) } catch { throw .writing(path, error) }
        return encoder
    }
}
