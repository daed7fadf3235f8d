// `studio persona import`: checkpoints of the original projects as personas.
import Base
import Capture
import Engines
import Foundation
import Speech
import TalkingHead

extension PersonaWork {
    /// What `persona import` is asked for.
    package struct Import: Sendable {
        package var checkpoint: String, dataset: String, output: String
        /// AD-NeRF's second file.
        package var body: String?
        /// Options that a checkpoint does not tell; nil is its engine's own.
        package var attention: Int?, smoothLips: Bool?, smoothPath: Bool?, fixedEye: Float?
        package init(checkpoint: String, dataset: String, output: String) { (self.checkpoint, self.dataset, self.output) = (checkpoint, dataset, output) }
    }

    /// Takes in a checkpoint: ER-NeRF or RAD-NeRF by what it holds, AD-NeRF by its `.tar`.
    package static func importCheckpoint(_ request: Import, threads: Int) throws {
        if request.checkpoint.hasSuffix(".tar") || request.body != nil {
            guard request.attention == nil, request.smoothLips == nil, request.smoothPath == nil, request.fixedEye == nil else {
                throw StudioFailure(2, "--att, --smooth-lips, --smooth-path and --fix-eye belong to ER-NeRF and RAD-NeRF; \(request.checkpoint) is AD-NeRF's")
            }
            return try importAdNerf(head: request.checkpoint, body: request.body, dataset: request.dataset, output: request.output, threads: threads)
        }
        if let attention = request.attention, !(0...2).contains(attention) { throw StudioFailure(2, "--att \(attention): expected 0, 1 or 2") }
        if let eye = request.fixedEye, !(eye >= 0 && eye <= 1) { throw StudioFailure(2, "--fix-eye \(eye): expected 0…1") }
        do {
            let target = try PersonaFolder.target(request.output)
            let opened = try CheckpointImport.open(request.checkpoint), kind = opened.kind
            var weights = opened.weights
            let speech = PersonaPackage.takeSpeechEncoder(from: &weights.tensors)
            // What is wrong with the file is said before the data set is read.
            let heard = kind == .ernerf ? try FieldConfiguration(checking: weights, path: request.checkpoint).audioChannels
                : try RadNerfConfiguration(checking: weights, path: request.checkpoint).speech.channels
            let encoder = speech.isEmpty ? nil : try SpeechEncoder(tensors: speech, path: request.checkpoint)
            let footage = try NamedInput.footage(request.dataset, encoder: encoder)
            guard footage.features.channels == heard else {
                throw EngineError.badInput("\(request.checkpoint) hears \(heard) feature channels, the features of \(request.dataset) have \(footage.features.channels)")
            }
            let from = origin(footage, output: target, recipe: "imported checkpoint")
            var options = kind == .radnerf ? FieldOptions.radNerf : FieldOptions()
            options.attention = request.attention ?? options.attention
            options.smoothLips = request.smoothLips ?? options.smoothLips
            options.smoothPath = request.smoothPath ?? options.smoothPath
            options.fixedEye = request.fixedEye
            if kind == .radnerf {
                options.openEyeArea = EyeArea.open(footage) ?? options.openEyeArea
                try PersonaAssembler.assemble(radNerf: weights, options: options, footage: footage, origin: from).write(to: target)
            } else {
                var package = try PersonaAssembler.assemble(weights, footage: footage, origin: from)
                package.speechEncoder = speech
                if options != FieldOptions() { package.manifest.options = options }
                try package.write(to: target)
            }
        } catch { throw StudioFailure.of(error) }
    }

    /// Takes in `NNNNNN_head.tar`, and `NNNNNN_body.tar` where there is one, with the grids that drawing fast needs.
    private static func importAdNerf(head: String, body: String?, dataset: String, output: String, threads: Int) throws {
        do {
            let target = try PersonaFolder.target(output)
            let found = try AdNerfImport.read(head: head, body: body)
            let footage = try NamedInput.footage(dataset)
            guard footage.features.channels == found.configuration.audioChannels else {
                throw EngineError.badInput("\(head) hears \(found.configuration.audioChannels) feature channels, the features of \(dataset) have \(footage.features.channels)")
            }
            guard !footage.train.isEmpty else { throw EngineError.badInput("\(dataset) has no training frames") }
            let bounds = AdNerfFrame.bounds(footage.train.map(\.cameraToWorld))
            let m = footage.train[0].cameraToWorld
            var frame = AdNerfFrame(sizes: found.configuration.sizes, audioChannels: found.configuration.audioChannels, near: bounds.near, far: bounds.far,
                                    torsoPose: (0..<4).flatMap { r in (0..<4).map { m[r, $0] } })
            let weights = AdNerfCulling.add(to: FieldWeights(tensors: found.tensors, occupancy: []), &frame, hasTorso: body != nil, footage: footage,
                                            budget: ComputeBudget(threads: threads))
            let from = origin(footage, output: target, recipe: "imported checkpoint")
            try PersonaAssembler.assemble(weights, frame, hasTorso: body != nil, footage: footage, origin: from).write(to: target)
        } catch { throw StudioFailure.of(error) }
    }
}
