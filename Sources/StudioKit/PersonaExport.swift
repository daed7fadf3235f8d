// `studio persona export`: a persona for the original project's program.
import Foundation
import TalkingHead

extension PersonaWork {
    /// Writes a persona's weights as the original's checkpoint. Camera, plate and recorded motion are not part of that layout.
    package static func exportCheckpoint(_ persona: String, output: String) throws {
        guard ["pth", "pt"].contains(URL(fileURLWithPath: output).pathExtension.lowercased()) else { throw StudioFailure(2, "-o \(output): a checkpoint is a .pth file") }
        do {
            let package = try NamedInput.persona(persona)
            guard package.manifest.facts.engine == "er-nerf" else {
                throw StudioFailure(4, "\(persona): is a persona of \(package.manifest.facts.engine); only those of er-nerf go out as a checkpoint")
            }
            _ = try FieldConfiguration(checking: package.weights, path: persona)
            try OutputFolder.make(for: output)
            try CheckpointExport.write(package.weights, speechEncoder: package.speechEncoder, to: output)
        } catch { throw StudioFailure.of(error) }
    }
}
