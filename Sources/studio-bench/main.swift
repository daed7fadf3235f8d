// Whole frames of a persona and of the presenter, against the machine's own limits in the same run.
//
// usage: studio-bench [PERSONA] [--write FILE] [--peer PYTHON] [--losses FRAMES] [--speech FEATURES.npy] [--only exact|fast] [--lanes 8|16]
// --only: frames of one quality and nothing else, as long as --peer and --losses are not asked for.
// --losses: what fast frames lose, and how much what stands still moves in them, over some frames of recorded poses and some far apart.
// --lanes: floats that the long loops take at a time; the peak stays that of the machine.
// --speech: rows of `studio speech features`, which --losses then draws far apart too.
import Base
import Engines
import Foundation
import Imaging
import Kernels
import Motion
import Presenter
import TalkingHead
import Tensors

/// Processor seconds of one call behind a first one: the best of some rounds of several.
func seconds(_ calls: Int, rounds: Int = 3, _ body: () throws -> Void) rethrows -> Double {
    try body()
    return try ProcessorTime.least(rounds: rounds, calls: calls, body)
}

/// Multiply-adds a second of a fully connected layer and of its weight gradient on tiles, one core.
func layerRates(_ inputs: Int, _ outputs: Int) -> (forward: Double, gradient: Double) {
    let memory = Buffer<Float>(count: (inputs + outputs + 16) * tileWidth + 2 * paddedInputs(inputs) * max(outputs, tileWidth) + inputs * outputs)
    let x = memory.pointer, y = x + (inputs + 8) * tileWidth, transposed = y + (outputs + 8) * tileWidth
    let gradient = transposed + paddedInputs(inputs) * tileWidth, weights = gradient + paddedInputs(inputs) * outputs
    let work = Double(inputs * outputs * tileWidth)
    let forward = seconds(8_000) { denseForward(weights, inputs: inputs, outputs: outputs, x, y, count: tileWidth, rectify: true) }
    let backward = seconds(8_000) {
        transposeTile(x, inputs: inputs, count: tileWidth, into: transposed)
        denseWeightGradient(y, outputs: outputs, transposed, stride: paddedInputs(inputs), columns: paddedInputs(inputs), count: tileWidth, into: gradient)
    }
    return (work / forward / 1e9, work / backward / 1e9)
}

func line(_ format: String, _ values: any CVarArg...) { print(String(format: format, arguments: values)) }

var arguments = Array(CommandLine.arguments.dropFirst())
@MainActor func option(_ name: String) -> String? {
    guard let i = arguments.firstIndex(of: name), i + 1 < arguments.count else { return nil }
    defer { arguments.removeSubrange(i...(i + 1)) }
    return arguments[i + 1]
}
let written = option("--write"), peer = option("--peer"), lossFrames = option("--losses").flatMap { Int($0) }, spoken = option("--speech")
let only = option("--only").flatMap { FieldQuality(rawValue: $0) }
if let lanes = option("--lanes").flatMap({ Int($0) }).flatMap({ Lanes(rawValue: $0) }) { Lanes.take(lanes) }
let path = arguments.first ?? "personas/nova.persona"
let threads = ProcessInfo.processInfo.activeProcessorCount
let budget = ComputeBudget(threads: threads)
let machine = MachineSpeed.measure()
let peak = machine.multiplyAdds / 1e9
line("one core: %.1f G multiply-adds/s (%.0f GFLOP/s) with registers of %d bits, %.1f GB/s from memory", peak, 2 * peak, machine.registerBits, machine.memoryBytes / 1e9)
if only == nil {
    for (inputs, outputs) in [(36, 64), (64, 64), (81, 64), (100, 64)] {
        let rate = layerRates(inputs, outputs)
        line("layer %d -> %d: %.1f G/s forward (%.0f %% of the peak), %.1f G/s weight gradient (%.0f %%)", inputs, outputs, rate.forward, 100 * rate.forward / peak,
             rate.gradient, 100 * rate.gradient / peak)
    }
    let presenter = PresenterRenderer(size: 512, budget: budget)
    let drawn = seconds(1) { _ = presenter.render(PresenterRig(), budget: budget) }
    line("presenter 512x512: %.0f ms of processor time a frame, %.1f frames/s on %d cores", drawn * 1000, Double(threads) / drawn, threads)
}

/// Milliseconds of processor time that each quality takes for a frame.
var costs: [FieldQuality: Double] = [:]
do {
    for quality in FieldQuality.allCases where only == nil || quality == only {
        let persona = try ErnerfPersona(path: path, quality: quality)
        let code = [Float](repeating: 0, count: 32)
        let conditions = ActorConditions(pose: .neutral, eyeClosure: 0, audioCode: code)
        let moving = (0..<8).map { ActorConditions(pose: persona.recordedPose($0 * 41) ?? .neutral, eyeClosure: $0 % 4 == 3 ? 0.6 : 0, audioCode: code) }
        let start = ProcessorTime.now
        let first = try persona.render(conditions, budget: budget)
        let opening = ProcessorTime.now - start
        if quality == .exact, let written {
            try first.withPixels { try Data(buffer: $0).write(to: URL(fileURLWithPath: written)) }
        }
        let frame = try seconds(4) { _ = try persona.render(conditions, budget: budget) }
        var next = 0
        let film = try seconds(moving.count) {
            _ = try persona.render(moving[next % moving.count], budget: budget)
            next += 1
        }
        costs[quality] = frame * 1000
        let cost = try persona.frameCost(conditions)
        let head = cost.head, work = Double(head.multiplyAdds + cost.torsoMultiplyAdds)
        line("%@ %@ %dx%d: %.1f ms of processor time a frame = %.1f frames/s on %d cores; recorded poses and blinks %.1f ms; first frame %.1f s", persona.facts.name,
             quality.rawValue, persona.facts.width, persona.facts.height, frame * 1000, Double(threads) / frame, threads, film * 1000, opening)
        line("  %d densities, %d colours, %.2f G multiply-adds in the head and %.2f G in the torso: %.0f %% of the peak over the whole frame", head.densities, head.colors,
             Double(head.multiplyAdds) / 1e9, Double(cost.torsoMultiplyAdds) / 1e9, 100 * work / frame / machine.multiplyAdds)
        if quality == .exact {
            line("  passes over %.0f MB a frame, counted: %.1f %% of what memory could bring in that time, if no cache held any of it", Double(cost.bytes) / 1e6,
                 100 * Double(cost.bytes) / frame / machine.memoryBytes)
        }
        let stages = FrameStages(), frames = 4
        for _ in 0..<frames { try persona.render(conditions, stages: stages) }
        let spent = FrameStages.Stage.allCases.filter { stages[$0] > 0 }
        print("  milliseconds: " + spent.map { String(format: "%@ %.1f", $0.rawValue, 1000 * stages[$0] / Double(frames)) }.joined(separator: ", "))
        switch persona.bakedStorage {
        case .file(let file): print("  baked field: \(file)")
        case .memory(let reason): print("  baked field in memory only: \(reason)")
        case nil: break
        }
    }
    if let lossFrames { try compareFilms(path, frames: max(lossFrames, 2)) }
    if let peer, let exact = costs[.exact], let fast = costs[.fast] { try comparePeer(peer, exact: exact, fast: fast) }
} catch { print("\(error)") }

/// Draws the same frames exactly and fast: signal to noise, and the change from frame to frame of regions that hardly change. Once with
/// the recorded poses, once with a head that is held still; and frames that have nothing to do with one another.
@MainActor func compareFilms(_ path: String, frames: Int) throws {
    let exact = try ErnerfPersona(path: path), fast = try ErnerfPersona(path: path, quality: .fast)
    let codes = exact.sampleSpeech(frames)
    for (name, moves) in [("recorded poses", true), ("a head held still", false)] {
        var difference = FilmDifference()
        for k in 0..<frames {
            let pose = exact.recordedPose(moves ? k : 0) ?? .neutral, eye: Float = moves ? exact.recordedClosure(k) ?? 0 : 0
            let conditions = ActorConditions(pose: pose, eyeClosure: eye, audioCode: codes[k % codes.count])
            difference.add(reference: try exact.render(conditions, budget: budget), other: try fast.render(conditions, budget: budget))
        }
        line("fast against exact, %d frames of %@: %.1f dB on average, %.1f dB at worst; regions that stand still change %.2f times as much", frames, name,
             difference.decibels.reduce(0, +) / Double(frames), difference.decibels.min() ?? 0, difference.flicker)
    }
    var sounds = [("made-up", exact.sampleSpeech(400))]
    if let spoken { sounds.append(("recorded", try exact.audioCodes(for: features(spoken)))) }
    for (name, many) in sounds {
        // Two poses far apart for each of many sounds.
        var apart = FilmDifference()
        for k in 0..<4 * frames {
            let sound = k / 2 * many.count / (2 * frames), pose = 41 * sound + 700 * (k % 2)
            let conditions = ActorConditions(pose: exact.recordedPose(pose) ?? .neutral, eyeClosure: exact.recordedClosure(pose) ?? 0, audioCode: many[sound])
            apart.add(reference: try exact.render(conditions, budget: budget), other: try fast.render(conditions, budget: budget))
        }
        line("fast against exact, %d frames far apart of %@ speech: %.1f dB on average, %.1f dB at worst; %d under 45 dB", 4 * frames, name,
             apart.decibels.reduce(0, +) / Double(4 * frames), apart.decibels.min() ?? 0, apart.decibels.filter { $0 < 45 }.count)
    }
}

/// Rows of an array [rows, steps, channels], as the audio net takes them.
func features(_ path: String) throws -> SpeechFeatures {
    let array = try NumpyFile.read(path)
    guard array.shape.count == 3, array.values.allSatisfy(\.isFinite) else { throw EngineError.unreadable(path: path, reason: "shape \(array.shape) is not [rows, steps, channels]") }
    let (steps, channels) = (array.shape[1], array.shape[2])
    let rows = (0..<array.shape[0]).map { n in (0..<channels).flatMap { c in (0..<steps).map { array.values[(n * steps + $0) * channels + c] } } }
    return SpeechFeatures(rows: rows, channels: channels, steps: steps)
}

/// Runs the same persona, frame and threads in PyTorch and prints ratios of processor time.
@MainActor func comparePeer(_ python: String, exact: Double, fast: Double) throws {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["scripts/peers/field_pytorch.py", path, "--threads", "\(threads)"] + (written.map { ["--compare", $0] } ?? [])
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    print(text, terminator: "")
    // “… ms a frame, N ms of processor time, …”
    guard let match = text.firstMatch(of: /, (\d+) ms of processor time/), let theirs = Double(match.1) else {
        print("the peer did not say how long it took (status \(process.terminationStatus))")
        return
    }
    line("PyTorch takes %.1f times the processor time of exact frames, %.1f times that of fast ones", theirs / exact, theirs / fast)
}
