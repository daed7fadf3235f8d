// A persona on disk: NAME.persona/ with a manifest, weights, and the plate it was recorded before.
import Base
import Engines
import Foundation
import Tensors

/// Everything that a persona folder holds.
package struct PersonaPackage: Sendable {
    package var manifest: PersonaManifest
    package var weights: FieldWeights
    /// RGB plate, 3 bytes a pixel; empty where there is none.
    package var background: [UInt8]
    /// Recorded camera-to-world matrices (16 numbers each) and closures.
    package var recordedPoses: [[Float]]
    package var recordedClosures: [Float]
    /// Weights of the persona's own speech encoder; empty where its features need none.
    package var speechEncoder: [String: Tensor] = [:]

    package init(manifest: PersonaManifest, weights: FieldWeights, background: [UInt8], recordedPoses: [[Float]], recordedClosures: [Float]) {
        self.manifest = manifest
        self.weights = weights
        self.background = background
        self.recordedPoses = recordedPoses
        self.recordedClosures = recordedClosures
    }

    private static let manifestName = "manifest.json", weightsName = "weights.safetensors"
    /// What stands before the names of the speech encoder's weights, in packages and checkpoints.
    static let speechPrefix = "speech."

    /// Writes the folder under a temporary name and renames it; an older folder of the name is replaced.
    package func write(to path: String) throws(EngineError) {
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        let temporary = folder + ".part"
        let files = FileManager.default
        do {
            try? files.removeItem(atPath: temporary)
            try files.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            try Data(JSONText.of(manifest).utf8).write(to: URL(fileURLWithPath: temporary + "/" + Self.manifestName))
            var tensors = weights.tensors
            // Large tables keep half precision: their values are small and smooth, and the file must be small.
            var precision: [String: StoragePrecision] = [:]
            for key in tensors.keys where key.hasSuffix("embeddings") { precision[key] = .float16 }
            tensors["occupancy"] = Tensor(shape: [weights.occupancy.count], values: weights.occupancy.map { Float($0) })
            tensors["mean_density_torso"] = Tensor(shape: [1], values: [weights.meanDensityTorso])
            for key in tensors.keys where key.hasPrefix("occupancy") { precision[key] = .uint8 }
            if !background.isEmpty {
                tensors["background"] = Tensor(shape: [manifest.facts.height, manifest.facts.width, 3], values: background.map { Float($0) })
                precision["background"] = .uint8
            }
            for (key, tensor) in speechEncoder {
                tensors[Self.speechPrefix + key] = tensor
                precision[Self.speechPrefix + key] = .float16
            }
            if !recordedPoses.isEmpty {
                tensors["recorded_poses"] = Tensor(shape: [recordedPoses.count, 16], values: recordedPoses.flatMap { $0 })
                tensors["recorded_closures"] = Tensor(shape: [recordedClosures.count], values: recordedClosures)
            }
            try SafetensorsFile.write(tensors, precision: precision, to: temporary + "/" + Self.weightsName)
            if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
            try files.moveItem(atPath: temporary, toPath: folder)
        } catch {
            try? files.removeItem(atPath: temporary)
            if case CheckpointError.noSpace = error { throw .noSpace(path: folder) }
            throw .writing(folder, error)
        }
    }

    /// Reads a folder; the first thing that is wrong is named.
    package static func read(_ path: String) throws(EngineError) -> PersonaPackage {
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let data = FileManager.default.contents(atPath: folder + "/" + manifestName) else {
            throw .unreadable(path: folder, reason: "it has no \(manifestName): a persona is a folder NAME.persona")
        }
        let manifest: PersonaManifest
        do { manifest = try JSONDecoder().decode(PersonaManifest.self, from: data) } catch {
            throw .badPackage(path: folder, entry: manifestName, reason: "cannot be understood: \(error)")
        }
        guard manifest.format == PersonaManifest.currentFormat else {
            throw .badPackage(path: folder, entry: manifestName, reason: "has format \(manifest.format); this version reads \(PersonaManifest.currentFormat)")
        }
        guard manifest.neutral.count == 4, manifest.neutral.allSatisfy({ $0.count == 4 }), manifest.center.count == 2, manifest.pivot.count == 3,
              manifest.focal > 0, (16...4096).contains(manifest.facts.width), (16...4096).contains(manifest.facts.height)
        else { throw .badPackage(path: folder, entry: manifestName, reason: "describes an impossible camera") }
        var tensors: [String: Tensor]
        do { tensors = try SafetensorsFile.read(folder + "/" + weightsName) } catch { throw .badPackage(path: folder, entry: weightsName, reason: error.reason) }
        guard let occupancy = tensors.removeValue(forKey: "occupancy") else { throw .badPackage(path: folder, entry: "occupancy", reason: "is missing") }
        let mean = tensors.removeValue(forKey: "mean_density_torso")?.values.first ?? 0
        let plate = tensors.removeValue(forKey: "background")
        let poses = tensors.removeValue(forKey: "recorded_poses"), closures = tensors.removeValue(forKey: "recorded_closures")
        if let plate, plate.shape != [manifest.facts.height, manifest.facts.width, 3] {
            throw .badPackage(path: folder, entry: "background", reason: "has shape \(plate.shape)")
        }
        if let poses, poses.shape.count != 2 || poses.shape[1] != 16 || closures?.count != poses.shape[0] {
            throw .badPackage(path: folder, entry: "recorded_poses", reason: "has shape \(poses.shape)")
        }
        let rows = poses.map { p in (0..<p.shape[0]).map { Array(p.values[(16 * $0)..<(16 * $0 + 16)]) } } ?? []
        let speech = takeSpeechEncoder(from: &tensors)
        var package = PersonaPackage(manifest: manifest,
                              weights: FieldWeights(tensors: tensors, occupancy: occupancy.values.map { $0 > 0 ? UInt8(min($0, 255)) : 0 }, meanDensityTorso: mean),
                              background: plate?.values.map { $0 > 0 ? UInt8(min($0, 255)) : 0 } ?? [], recordedPoses: rows, recordedClosures: closures?.values ?? [])
        package.speechEncoder = speech
        return package
    }

    /// Takes the speech encoder's weights out of a field's.
    package static func takeSpeechEncoder(from tensors: inout [String: Tensor]) -> [String: Tensor] {
        var speech: [String: Tensor] = [:]
        for key in tensors.keys where key.hasPrefix(speechPrefix) { speech[String(key.dropFirst(speechPrefix.count))] = tensors.removeValue(forKey: key) }
        return speech
    }
}
