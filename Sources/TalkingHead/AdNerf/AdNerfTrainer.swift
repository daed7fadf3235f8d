// A whole training of AD-NeRF: the head over the plate, then the torso over the finished head (engine specification, 4.5).
import Base
import Engines
import Foundation
import Motion
import Tensors

/// Trains on footage; the state can be kept and taken up again, to the same bytes.
package final class AdNerfTrainer {
    private let footage: any TrainingFootage
    private let recipe: AdNerfRecipe
    private let budget: ComputeBudget
    private let configuration: AdNerfConfiguration
    private let bounds: (near: Float, far: Float)
    private let rays: AdNerfRays
    private let plate: [UInt8]
    let head: AdNerfStage
    let torso: AdNerfStage?
    private let audio: AudioNetwork
    private var errors: [Double] = []

    package init(footage: any TrainingFootage, recipe: AdNerfRecipe, budget: ComputeBudget) throws(EngineError) {
        guard !footage.train.isEmpty else { throw .badInput("\(footage.name) has no training frames") }
        guard footage.features.steps == 16 || footage.features.steps == 2 else { throw .badInput("audio rows of \(footage.features.steps) steps are not read; 16 or 2 are") }
        for frame in footage.train where frame.audioID >= footage.features.rows.count {
            throw .badInput("frame \(frame.imageID) of \(footage.name) has audio row \(frame.audioID), the features have \(footage.features.rows.count)")
        }
        if let bad = recipe.complaint { throw .badInput("the recipe's \(bad.name) is \(bad.value); expected \(bad.expected)") }
        self.footage = footage
        self.recipe = recipe
        self.budget = budget
        configuration = AdNerfConfiguration(sizes: recipe.sizes, audioChannels: footage.features.channels, hasTorso: recipe.torsoSteps > 0)
        bounds = AdNerfFrame.bounds(footage.train.map(\.cameraToWorld))
        plate = footage.background
        rays = AdNerfRays(width: footage.width, height: footage.height)
        head = AdNerfStage(configuration.headShapes, part: "head", signal: recipe.sizes.headSignal, recipe: recipe)
        torso = configuration.hasTorso ? AdNerfStage(configuration.torsoShapes, part: "torso", signal: recipe.sizes.torsoSignal, recipe: recipe) : nil
        audio = AudioNetwork(layout: head.layout, channels: footage.features.channels)
    }

    /// Runs both stages. `keep` is called now and then, and before an interrupt is thrown; `look` every fifty steps.
    package func run(_ progress: ProgressHandler, keep: () throws(EngineError) -> Void, look: () throws(EngineError) -> Void = {}) throws(EngineError) {
        try stage(head, phase: "head", steps: recipe.headSteps, progress, keep, look) { step throws(EngineError) in try headStep(step) }
        if let torso { try stage(torso, phase: "torso", steps: recipe.torsoSteps, progress, keep, look) { step throws(EngineError) in try torsoStep(torso, step) } }
    }

    /// Decibels over the last steps.
    private var recent: Double { errors.isEmpty ? 0 : -10 * log10(max(errors.reduce(0, +) / Double(errors.count), 1e-12)) }

    private func stage(_ stage: AdNerfStage, phase: String, steps: Int, _ progress: ProgressHandler, _ keep: () throws(EngineError) -> Void,
                       _ look: () throws(EngineError) -> Void, _ body: (Int) throws(EngineError) -> AdNerfBatch.Result) throws(EngineError) {
        errors = []
        var dead = 0, restarts: UInt64 = 0
        while stage.step < steps {
            let result = try body(stage.step)
            let error = result.fineError / Double(3 * max(result.fine.count, 1))
            guard error.isFinite else { throw .notFinite("the \(phase)'s error in step \(stage.step)") }
            errors.append(error)
            if errors.count > 50 { errors.removeFirst() }
            // A network that is empty everywhere gets no gradient: it begins again from other numbers.
            dead = result.isDead ? dead + 1 : 0
            if dead >= 20 {
                (dead, restarts) = (0, restarts + 1)
                stage.begin(seed: recipe.seed &+ restarts &* 1_000_003)
            }
            let goesOn = progress(ProgressReport(phase: phase, done: stage.step, total: steps, detail: String(format: "%.2f dB", recent)))
            if !goesOn || stage.step % 500 == 0 { try keep() }
            if !goesOn { throw .interrupted }
            if stage.step % 50 == 0 { try look() }
        }
    }

    private func draw(_ step: Int, _ stream: UInt64) -> SeededRandom { SeededRandom(seed: recipe.seed, stream: UInt64(step) &* 8 &+ stream) }
    private func jitter(_ step: Int, _ stream: UInt64) -> AdNerfBatch.Jitter { .init(coarse: draw(step, stream), fine: draw(step, stream + 1)) }
    private func camera(_ pose: Matrix4) -> AdNerfCamera {
        AdNerfCamera(pose: pose, focal: footage.focal, center: footage.center, width: footage.width, height: footage.height)
    }

    /// What each of some pixels should be, over what stands behind it.
    private func teachers(_ chosen: [Int], _ camera: AdNerfCamera, target: (Int) -> SIMD3<Float>) -> [AdNerfTeacher] {
        chosen.enumerated().map { index, pixel in
            let d = camera.direction(pixel / footage.width, pixel % footage.width)
            let behind = rgb(plate, pixel)
            return AdNerfTeacher(direction: d, length: (d * d).sum().squareRoot(), index: index, target: target(pixel), coarseBackground: behind, fineBackground: behind)
        }
    }
    private func rgb(_ bytes: [UInt8], _ pixel: Int) -> SIMD3<Float> {
        SIMD3(Float(bytes[3 * pixel]), Float(bytes[3 * pixel + 1]), Float(bytes[3 * pixel + 2])) / 255
    }

    // MARK: the head

    private func headStep(_ step: Int) throws(EngineError) -> AdNerfBatch.Result {
        let frame = footage.train[draw(step, 0).integer(0, below: footage.train.count)]
        let pixels = try footage.pixels(of: frame), camera = camera(frame.cameraToWorld)
        var window = rays.face(frame.landmarks)
        if recipe.transposedRectangles { window = rays.transposed(window) }
        let chosen = rays.draw(recipe.headRays, share: recipe.faceShare, within: window, mouth: rays.mouth(frame.landmarks), mouthShare: recipe.mouthShare, random: draw(step, 1))
        // The head over the plate: everything else of the person is painted away.
        let list = teachers(chosen, camera) { FrameTargets.isHead(pixels.parsing[$0]) ? rgb(pixels.image, $0) : rgb(plate, $0) }
        let attends = step >= recipe.smoothFrom
        let heard = hear(frame.audioID, attends: attends)
        let result = head.run(list, origin: camera.origin, frame: bounds, signal: heard.code, jitter: jitter(step, 2), learns: true, budget: budget)
        let dCode = Array(UnsafeBufferPointer(start: head.signalGradient.pointer, count: head.signalGradient.count))
        if attends {
            audio.backward(head.parameters.pointer, heard.trace, dCode, head.gradient.pointer)
        } else {
            audio.rowBackward(head.parameters.pointer, heard.trace.slots[0], heard.trace.lengths, dCode, head.gradient.pointer)
        }
        head.update(attends: attends, budget: budget)
        return result
    }

    /// The audio code of a frame: of its own row, or mixed from eight.
    private func hear(_ row: Int, attends: Bool) -> (code: [Float], trace: AudioNetwork.Trace) {
        let features = footage.features
        if attends {
            let trace = audio.forward(head.parameters.pointer, audioWindow(features.rows, at: row, width: features.channels * features.steps), steps: features.steps)
            return (trace.code, trace)
        }
        let (activations, lengths) = audio.rowCode(head.parameters.pointer, features.rows[row], steps: features.steps)
        var trace = AudioNetwork.Trace()
        (trace.slots, trace.lengths) = ([activations], lengths)
        return (activations[activations.count - 1], trace)
    }

    // MARK: the torso

    private func torsoStep(_ torso: AdNerfStage, _ step: Int) throws(EngineError) -> AdNerfBatch.Result {
        let frame = footage.train[draw(step, 4).integer(0, below: footage.train.count)]
        let pixels = try footage.pixels(of: frame), seen = camera(frame.cameraToWorld), fixed = camera(footage.train[0].cameraToWorld)
        var window = rays.lowerHalf
        if recipe.transposedRectangles { window = rays.transposed(window) }
        let chosen = rays.draw(recipe.torsoRays, share: 0.5, within: window, mouth: nil, mouthShare: 0, random: draw(step, 5))
        let code = hear(frame.audioID, attends: true).code
        // The finished head, coarse and fine, stands behind the torso.
        let faces = teachers(chosen, seen) { rgb(pixels.image, $0) }
        let behind = head.run(faces, origin: seen.origin, frame: bounds, signal: code, jitter: jitter(step, 6), learns: false, budget: budget)
        var list = teachers(chosen, fixed) { rgb(pixels.image, $0) }
        for i in list.indices { (list[i].coarseBackground, list[i].fineBackground) = (behind.coarse[i], behind.fine[i]) }
        let result = torso.run(list, origin: fixed.origin, frame: bounds, signal: code + seen.poseSignal, jitter: jitter(step, 1 << 40), learns: true, budget: budget)
        torso.update(attends: false, budget: budget)
        return result
    }

    // MARK: what comes out

    package func state() -> [String: Tensor] { head.state().merging(torso?.state() ?? [:]) { a, _ in a } }

    package func restore(_ tensors: [String: Tensor]) throws(EngineError) {
        guard head.restore(tensors), torso.map({ $0.restore(tensors) }) ?? true else { throw .badInput("the kept training is not of this recipe") }
    }

    /// Weights with the grids that drawing fast needs, and the frame that belongs to them.
    package func result() -> (weights: FieldWeights, frame: AdNerfFrame) {
        var tensors = head.layout.tensors(from: head.block)
        if let torso { tensors.merge(torso.layout.tensors(from: torso.block)) { a, _ in a } }
        let m = footage.train[0].cameraToWorld
        var frame = AdNerfFrame(sizes: recipe.sizes, audioChannels: footage.features.channels, near: bounds.near, far: bounds.far,
                                torsoPose: (0..<4).flatMap { r in (0..<4).map { m[r, $0] } })
        (frame.coarse, frame.draws) = (recipe.coarse, recipe.draws)
        let weights = AdNerfCulling.add(to: FieldWeights(tensors: tensors, occupancy: []), &frame, hasTorso: torso != nil, footage: footage, budget: budget)
        return (weights, frame)
    }
}

/// Builds the grids of a set of weights.
package enum AdNerfCulling {
    /// Frames whose sounds and poses the grids must hold.
    private static let witnesses = 6

    package static func add(to weights: FieldWeights, _ frame: inout AdNerfFrame, hasTorso: Bool, footage: any TrainingFootage, budget: ComputeBudget) -> FieldWeights {
        let configuration = AdNerfConfiguration(sizes: frame.sizes, audioChannels: frame.audioChannels, hasTorso: hasTorso)
        let layout = ParameterLayout(configuration.headShapes + configuration.torsoShapes)
        let block = layout.block(from: weights.tensors)
        let audio = AudioNetwork(layout: layout, channels: frame.audioChannels)
        func camera(_ pose: Matrix4) -> AdNerfCamera { AdNerfCamera(pose: pose, focal: footage.focal, center: footage.center, width: footage.width, height: footage.height) }
        let count = footage.train.count
        let frames = (0..<min(witnesses, count)).map { footage.train[$0 * count / min(witnesses, count)] }
        let codes = block.withUnsafeBufferPointer { p in
            frames.map { f -> [Float] in
                guard let p = p.baseAddress else { return [] }
                return audio.forward(p, audioWindow(footage.features.rows, at: f.audioID, width: footage.features.channels * footage.features.steps), steps: footage.features.steps).code
            }
        }
        var result = weights
        func grid(_ part: String, _ cameras: [AdNerfCamera], _ signals: [[Float]]) -> AdNerfGrid {
            let renderer = AdNerfRenderer(layout: layout, block: block, part: part, frame: frame, signal: signals[0].count)
            let box = AdNerfGrid.box(cameras, near: frame.near, far: frame.far)
            return AdNerfGrid.build(renderer.fine, block, signals: signals, low: box.low, size: box.size, budget: budget)
        }
        let headGrid = grid("head", footage.train.map { camera($0.cameraToWorld) }, codes)
        (result.occupancy, frame.headBox) = (headGrid.bits, headGrid.box)
        if hasTorso {
            let signals = zip(codes, frames).map { $0 + camera($1.cameraToWorld).poseSignal }
            let torsoGrid = grid("torso", [camera(frame.torsoMatrix)], signals)
            result.tensors[AdNerfPersona.torsoGridKey] = Tensor(shape: [torsoGrid.bits.count], values: torsoGrid.bits.map { Float($0) })
            frame.torsoBox = torsoGrid.box
        }
        return result
    }
}
