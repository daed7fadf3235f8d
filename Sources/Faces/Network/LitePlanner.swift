// Checks every step of a `.tflite` graph against the sizes of its tensors and takes its weights out of the file.
import Tensors

/// Turns steps into work whose sizes are known to fit.
struct LitePlanner {
    private let model: LiteModel
    private(set) var work: [LiteWork] = []
    private(set) var multiplications = 0
    private(set) var patchCount = 0
    /// Numbers of every tensor that is computed.
    private(set) var counts: [Int: Int] = [:]
    /// Constants that a step unpacked.
    private var unpacked: [Int: [Float]] = [:]
    private var unpackedCount = 0

    private static let mostMultiplications = 8_000_000_000
    private static let mostElements = 16 << 20
    private static let mostConstants = 64 << 20

    init(_ model: LiteModel) { self.model = model }

    mutating func plan() throws(CheckpointError) {
        for tensor in model.inputs {
            guard model.tensors[tensor].element == .float32 else { throw model.file.fail(0, "its input is not of 32-bit floats") }
            counts[tensor] = try elements(tensor, 0)
        }
        for step in model.steps { try add(step) }
        for tensor in model.outputs where counts[tensor] == nil { throw model.file.fail(0, "one of its outputs is never computed") }
    }

    // MARK: one step

    private mutating func add(_ step: LiteStep) throws(CheckpointError) {
        if step.operation == .dequantize { return try unpack(step) }
        guard counts[step.output] == nil, model.tensors[step.output].bytes == nil else { throw fail(step, "a tensor is written twice") }
        let kind: LiteWork.Kind
        var inputs = Array(step.inputs.prefix(1))
        switch step.operation {
        case .convolution(let window, let activation): kind = try convolution(step, window, activation)
        case .depthwiseConvolution(let window, let activation): kind = try depthwise(step, window, activation)
        case .maxPool(let window, let activation): kind = .maxPool(try pooling(step, window), activation)
        case .meanPool(let window, let activation): kind = .meanPool(try pooling(step, window), activation)
        case .multiply(let activation):
            inputs = [try computed(step, 0), try computed(step, 1)]
            kind = .multiply(try repeats(step, inputs), activation)
        case .enlarge: kind = try enlargement(step)
        case .spread(let window): kind = try spreading(step, window)
        case .hardSwish: kind = try same(step, .hardSwish)
        case .add(let activation):
            inputs = [try computed(step, 0), try computed(step, 1)]
            guard model.tensors[inputs[0]].shape == model.tensors[inputs[1]].shape, model.tensors[inputs[0]].shape == model.tensors[step.output].shape else { throw misfit(step) }
            kind = .add(activation)
        case .concatenation(let axis, let activation):
            inputs = step.inputs
            kind = try concatenation(step, axis, activation)
        case .relu: kind = try same(step, .rectify)
        case .logistic: kind = try same(step, .logistic)
        case .prelu:
            let slopes = try constant(step, 1)
            guard let channels = model.tensors[step.output].shape.last, slopes.count == channels else { throw fail(step, "a slope is not given for each channel") }
            kind = try same(step, .prelu(slopes))
        case .pad: kind = try padding(step)
        case .reshape:
            guard try elements(try computed(step, 0), step.position) == elements(step.output, step.position) else { throw misfit(step) }
            kind = .copy
        case .dequantize: return
        }
        if inputs.isEmpty { throw fail(step, "an operation without input") }
        let count = try elements(step.output, step.position)
        counts[step.output] = count
        work.append(LiteWork(kind: kind, inputs: inputs, inputCounts: inputs.map { counts[$0] ?? 0 }, output: step.output, count: count))
        guard multiplications <= Self.mostMultiplications else { throw fail(step, "it asks for more work than a face model") }
    }

    /// Unpacks a constant of 16-bit floats.
    private mutating func unpack(_ step: LiteStep) throws(CheckpointError) {
        guard step.inputs.count == 1, model.tensors[step.inputs[0]].bytes != nil else { throw fail(step, "only constants are unpacked") }
        guard counts[step.output] == nil, unpacked[step.output] == nil else { throw fail(step, "a tensor is written twice") }
        let values = try floats(step.inputs[0], step)
        guard try elements(step.output, step.position) == values.count else { throw misfit(step) }
        unpacked[step.output] = values
    }

    private mutating func convolution(_ step: LiteStep, _ window: LiteWindow, _ activation: LiteActivation) throws(CheckpointError) -> LiteWork.Kind {
        let from = try map(try computed(step, 0), step), to = try map(step.output, step)
        let (weights, shape) = try filter(step)
        guard shape[0] == to.channels, shape[3] == from.channels else { throw misfit(step) }
        let walk = try walk(window, from, to, shape[2], shape[1], step)
        let bias = try self.bias(step, to.channels)
        let patch = shape[1] * shape[2] * from.channels
        if !walk.readsPlainly { patchCount = max(patchCount, to.height * to.width * patch) }
        guard patchCount <= Self.mostElements else { throw fail(step, "an unfolded picture of \(patchCount) numbers") }
        try count(step, to.height * to.width, weights.count)
        return .convolution(walk, weights: weights, bias: bias, activation)
    }

    private mutating func depthwise(_ step: LiteStep, _ window: LiteWindow, _ activation: LiteActivation) throws(CheckpointError) -> LiteWork.Kind {
        let from = try map(try computed(step, 0), step), to = try map(step.output, step)
        let (weights, shape) = try filter(step)
        guard shape[0] == 1, shape[3] == from.channels, to.channels == from.channels else { throw misfit(step) }
        let walk = try walk(window, from, to, shape[2], shape[1], step)
        try count(step, to.height * to.width, weights.count)
        return .depthwise(walk, weights: weights, bias: try bias(step, to.channels), activation)
    }

    private mutating func count(_ step: LiteStep, _ places: Int, _ weights: Int) throws(CheckpointError) {
        let (product, overflow) = places.multipliedReportingOverflow(by: weights)
        guard !overflow, product <= Self.mostMultiplications else { throw fail(step, "it asks for more work than a face model") }
        multiplications += product
    }

    private func concatenation(_ step: LiteStep, _ axis: Int, _ activation: LiteActivation) throws(CheckpointError) -> LiteWork.Kind {
        let whole = model.tensors[step.output].shape
        let axis = axis < 0 ? axis + whole.count : axis
        guard whole.indices.contains(axis), activation == .none, !step.inputs.isEmpty else { throw misfit(step) }
        var pieces: [Int] = []
        var length = 0
        let inner = whole[(axis + 1)...].reduce(1, *)
        for k in step.inputs.indices {
            let shape = model.tensors[try computed(step, k)].shape
            guard shape.count == whole.count, shape.indices.allSatisfy({ $0 == axis || shape[$0] == whole[$0] }) else { throw misfit(step) }
            pieces.append(shape[axis] * inner)
            length += shape[axis]
        }
        guard length == whole[axis] else { throw misfit(step) }
        return .concatenation(pieces: pieces, times: whole[..<axis].reduce(1, *))
    }

    private func padding(_ step: LiteStep) throws(CheckpointError) -> LiteWork.Kind {
        let from = try map(try computed(step, 0), step), to = try map(step.output, step)
        guard step.inputs.count >= 2, let bytes = model.tensors[step.inputs[1]].bytes, model.tensors[step.inputs[1]].element == .int32, bytes.count == 32 else {
            throw fail(step, "a margin is not given for each side of four")
        }
        var margins: [Int] = []
        for k in 0..<8 { margins.append(try model.file.signed(bytes.lowerBound + 4 * k, 4)) }
        guard margins.allSatisfy({ (0...4096).contains($0) }), margins[0] == 0, margins[1] == 0, from.height + margins[2] + margins[3] == to.height,
              from.width + margins[4] + margins[5] == to.width, from.channels + margins[6] + margins[7] == to.channels
        else { throw misfit(step) }
        return .pad(from: from, to: to, top: margins[2], left: margins[4], front: margins[6])
    }

    private mutating func pooling(_ step: LiteStep, _ window: LiteWindow) throws(CheckpointError) -> LiteWalk {
        let from = try map(try computed(step, 0), step), to = try map(step.output, step)
        guard from.channels == to.channels else { throw fail(step, "a pooling changes the channels") }
        try count(step, to.height * to.width * to.channels, min(window.width, from.width) * min(window.height, from.height))
        return try walk(window, from, to, window.width, window.height, step)
    }

    /// How many numbers of the second factor there are: as many as of the first, or one a channel.
    private func repeats(_ step: LiteStep, _ inputs: [Int]) throws(CheckpointError) -> Int {
        let (first, second) = (model.tensors[inputs[0]].shape, model.tensors[inputs[1]].shape)
        guard first == model.tensors[step.output].shape, let channels = first.last else { throw misfit(step) }
        if first == second { return try elements(inputs[1], step.position) }
        guard second.count == first.count, second.last == channels, second.dropLast().allSatisfy({ $0 == 1 }) else { throw misfit(step) }
        return channels
    }

    private func enlargement(_ step: LiteStep) throws(CheckpointError) -> LiteWork.Kind {
        let from = try map(try computed(step, 0), step), to = try map(step.output, step)
        guard from.channels == to.channels else { throw fail(step, "an enlargement changes the channels") }
        return .enlarge(from: from, to: to)
    }

    private mutating func spreading(_ step: LiteStep, _ window: LiteWindow) throws(CheckpointError) -> LiteWork.Kind {
        let from = try map(try computed(step, 0), step), to = try map(step.output, step)
        let (weights, shape) = try filter(step)
        guard shape[1] == window.strideY, shape[2] == window.strideX else { throw fail(step, "a transposed convolution whose filters lie on one another is not computed") }
        guard shape[0] == to.channels, shape[3] == from.channels, from.height * shape[1] == to.height, from.width * shape[2] == to.width else { throw misfit(step) }
        try count(step, from.height * from.width, weights.count)
        return .spread(from: from, to: to, weights: weights, bias: try bias(step, to.channels))
    }

    private func same(_ step: LiteStep, _ kind: LiteWork.Kind) throws(CheckpointError) -> LiteWork.Kind {
        guard model.tensors[try computed(step, 0)].shape == model.tensors[step.output].shape else { throw misfit(step) }
        return kind
    }

    // MARK: tensors

    private func fail(_ step: LiteStep, _ reason: String) -> CheckpointError { model.file.fail(step.position, reason) }
    private func misfit(_ step: LiteStep) -> CheckpointError { fail(step, "the sizes of an operation do not fit: \(step.operation)") }
    private func walk(_ window: LiteWindow, _ from: LiteMap, _ to: LiteMap, _ width: Int, _ height: Int, _ step: LiteStep) throws(CheckpointError) -> LiteWalk {
        guard let walk = LiteWalk(window, from: from, to: to, filterWidth: width, filterHeight: height) else { throw misfit(step) }
        return walk
    }

    /// An input that an earlier step computes.
    private func computed(_ step: LiteStep, _ index: Int) throws(CheckpointError) -> Int {
        guard step.inputs.indices.contains(index), counts[step.inputs[index]] != nil else { throw fail(step, "an operation reads what is not computed yet") }
        return step.inputs[index]
    }
    private func elements(_ tensor: Int, _ position: Int) throws(CheckpointError) -> Int {
        var total = 1
        for size in model.tensors[tensor].shape {
            total *= size
            guard total <= Self.mostElements else { throw model.file.fail(position, "a tensor of shape \(model.tensors[tensor].shape) is too large") }
        }
        return total
    }
    private func map(_ tensor: Int, _ step: LiteStep) throws(CheckpointError) -> LiteMap {
        let shape = model.tensors[tensor].shape
        guard shape.count == 4, shape[0] == 1 else { throw fail(step, "a picture has the shape \(shape)") }
        _ = try elements(tensor, step.position)
        return LiteMap(height: shape[1], width: shape[2], channels: shape[3])
    }
    private mutating func filter(_ step: LiteStep) throws(CheckpointError) -> ([Float], [Int]) {
        let values = try constant(step, 1)
        let shape = model.tensors[step.inputs[1]].shape
        guard shape.count == 4, shape[1] <= 64, shape[2] <= 64 else { throw fail(step, "a filter has the shape \(shape)") }
        return (values, shape)
    }
    private mutating func bias(_ step: LiteStep, _ channels: Int) throws(CheckpointError) -> [Float] {
        guard step.inputs.count > 2 else { return [Float](repeating: 0, count: channels) }
        let values = try constant(step, 2)
        guard values.count == channels else { throw misfit(step) }
        return values
    }
    private mutating func constant(_ step: LiteStep, _ index: Int) throws(CheckpointError) -> [Float] {
        guard step.inputs.indices.contains(index) else { throw fail(step, "an operation lacks its weights") }
        let tensor = step.inputs[index]
        if let known = unpacked[tensor] { return known }
        let values = try floats(tensor, step)
        unpacked[tensor] = values
        return values
    }

    /// Numbers of a constant.
    private mutating func floats(_ tensor: Int, _ step: LiteStep) throws(CheckpointError) -> [Float] {
        let facts = model.tensors[tensor]
        guard let bytes = facts.bytes, let element = facts.element, element != .int32 else { throw fail(step, "weights are not plain numbers") }
        let count = try elements(tensor, step.position)
        guard bytes.count == count * element.width else { throw fail(step, "a tensor of shape \(facts.shape) has \(bytes.count) bytes") }
        unpackedCount += count
        guard unpackedCount <= Self.mostConstants else { throw fail(step, "more than \(Self.mostConstants) weights") }
        return model.file.bytes.withUnsafeBytes { raw in
            (0..<count).map { k in
                element == .float16 ? Float(Float16(bitPattern: raw.loadUnaligned(fromByteOffset: bytes.lowerBound + 2 * k, as: UInt16.self)))
                    : Float(bitPattern: raw.loadUnaligned(fromByteOffset: bytes.lowerBound + 4 * k, as: UInt32.self))
            }
        }
    }
}
