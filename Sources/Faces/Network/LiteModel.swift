// `.tflite` files: what is computed from what, read into values.
import Tensors

/// How an element of a stored tensor is written.
enum LiteElement: Int, Sendable {
    case float32 = 0, float16 = 1, int32 = 2
    var width: Int { self == .float16 ? 2 : 4 }
}

/// One tensor of a file: a constant where it has bytes, else something computed.
struct LiteTensor: Sendable {
    /// Sizes, outermost first: `[N, H, W, C]`.
    var shape: [Int]
    /// nil: an element that this room does not compute with.
    var element: LiteElement?
    /// Its bytes in the file; nil where it is computed.
    var bytes: Range<Int>?
}

/// What follows an operation at once.
enum LiteActivation: Int, Sendable { case none = 0, relu = 1, relu6 = 3 }

/// How a filter walks over a picture.
struct LiteWindow: Sendable, Hashable {
    /// The result is as large as the picture over the stride; else only places where the filter fits.
    var keepsSize: Bool
    var strideX: Int
    var strideY: Int
    /// Filter size of a pooling; convolutions have it from their weights.
    var width = 1
    var height = 1
}

/// An operation with its options. Others than these stop the load with their number.
enum LiteOperation: Sendable, Hashable {
    case convolution(LiteWindow, LiteActivation)
    case depthwiseConvolution(LiteWindow, LiteActivation)
    case maxPool(LiteWindow, LiteActivation)
    case meanPool(LiteWindow, LiteActivation)
    case add(LiteActivation)
    case multiply(LiteActivation)
    case concatenation(axis: Int, LiteActivation)
    /// Straight lines between the middles of pixels.
    case enlarge
    /// Every place of the input paints one filter beside the next: strides as large as the filter.
    case spread(LiteWindow)
    case relu, prelu, logistic, hardSwish, pad, reshape, dequantize
}

/// The kinds of operations of a file: a number, and a name where the number says that it is not a common one.
struct LiteCode: Sendable, Hashable {
    var number: Int
    var name: String
}

/// One step: tensors in, one tensor out.
struct LiteStep: Sendable {
    var operation: LiteOperation
    var inputs: [Int]
    var output: Int
    /// Where it stands in the file, for messages.
    var position: Int
}

/// The main graph of a `.tflite` file.
struct LiteModel: Sendable {
    let file: FlatBytes
    let tensors: [LiteTensor]
    let steps: [LiteStep]
    let inputs: [Int]
    let outputs: [Int]

    private static let mostTensors = 8192
    private static let mostSteps = 8192

    /// Reads the first graph of a file. `path` is for messages.
    init(bytes: [UInt8], path: String) throws(CheckpointError) {
        file = FlatBytes(path: path, bytes: bytes)
        let root = try file.root(identifier: "TFL3")
        guard let graphs = try root.vector(2, width: 4), graphs.count > 0 else { throw file.fail(root.position, "it holds no graph") }
        let graph = try graphs.table(0)
        let codes = try Self.codes(root)
        tensors = try Self.tensors(graph, Self.buffers(root))
        var steps: [LiteStep] = []
        if let list = try graph.vector(3, width: 4) {
            guard list.count <= Self.mostSteps else { throw file.fail(list.start, "\(list.count) operations are more than \(Self.mostSteps)") }
            for k in 0..<list.count { steps.append(try Self.step(list.table(k), codes, tensors.count)) }
        }
        self.steps = steps
        inputs = try Self.indices(graph, 1, tensors.count)
        outputs = try Self.indices(graph, 2, tensors.count)
        guard !inputs.isEmpty, !outputs.isEmpty else { throw file.fail(graph.position, "its graph has no input or no output") }
    }

    // MARK: parts

    /// Each kind of operation that the file uses.
    private static func codes(_ root: FlatTable) throws(CheckpointError) -> [LiteCode] {
        guard let list = try root.vector(1, width: 4) else { return [] }
        guard list.count <= 1024 else { throw root.bytes.fail(list.start, "\(list.count) kinds of operations are more than 1024") }
        var result: [LiteCode] = []
        for k in 0..<list.count {
            let table = try list.table(k)
            // Old files say it in a byte; the wider field took over when the byte was full.
            let number = max(try table.integer(0, width: 1), try table.integer(3, width: 4))
            let letters = try table.vector(1, width: 1)?.integers(limit: 64) ?? []
            result.append(LiteCode(number: number, name: String(decoding: letters.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)))
        }
        return result
    }

    /// Where the bytes of each buffer lie; nil: it has none.
    private static func buffers(_ root: FlatTable) throws(CheckpointError) -> [Range<Int>?] {
        guard let list = try root.vector(4, width: 4) else { return [] }
        guard list.count <= mostTensors else { throw root.bytes.fail(list.start, "\(list.count) buffers are more than \(mostTensors)") }
        var result: [Range<Int>?] = []
        for k in 0..<list.count {
            let data = try list.table(k).vector(0, width: 1)
            result.append(data.flatMap { $0.count > 0 ? $0.start..<($0.start + $0.count) : nil })
        }
        return result
    }

    private static func tensors(_ graph: FlatTable, _ buffers: [Range<Int>?]) throws(CheckpointError) -> [LiteTensor] {
        guard let list = try graph.vector(0, width: 4) else { return [] }
        guard list.count <= mostTensors else { throw graph.bytes.fail(list.start, "\(list.count) tensors are more than \(mostTensors)") }
        var result: [LiteTensor] = []
        for k in 0..<list.count {
            let table = try list.table(k)
            let shape = try table.vector(0, width: 4)?.integers(limit: 5) ?? []
            guard shape.allSatisfy({ $0 > 0 && $0 <= 1 << 20 }) else { throw graph.bytes.fail(table.position, "a tensor has the shape \(shape)") }
            let buffer = try table.integer(2, width: 4)
            guard buffers.indices.contains(buffer) else { throw graph.bytes.fail(table.position, "a tensor lies in buffer \(buffer) of \(buffers.count)") }
            guard try table.table(6) == nil else { throw graph.bytes.fail(table.position, "it has sparse tensors, which are not read") }
            result.append(LiteTensor(shape: shape, element: LiteElement(rawValue: try table.integer(1, width: 1)), bytes: buffers[buffer]))
        }
        return result
    }

    private static func indices(_ table: FlatTable, _ field: Int, _ count: Int) throws(CheckpointError) -> [Int] {
        let list = try table.vector(field, width: 4)?.integers(limit: 64) ?? []
        guard list.allSatisfy({ (0..<count).contains($0) }) else { throw table.bytes.fail(table.position, "a tensor is named that is not there") }
        return list
    }

    // MARK: steps

    private static func step(_ table: FlatTable, _ codes: [LiteCode], _ count: Int) throws(CheckpointError) -> LiteStep {
        let code = try table.integer(0, width: 4)
        guard codes.indices.contains(code) else { throw table.bytes.fail(table.position, "an operation is of a kind that is not there") }
        let outputs = try indices(table, 2, count)
        guard outputs.count == 1 else { throw table.bytes.fail(table.position, "an operation has \(outputs.count) results") }
        return LiteStep(operation: try operation(codes[code], table), inputs: try indices(table, 1, count), output: outputs[0], position: table.position)
    }

    /// Numbers as the format counts them.
    private static func operation(_ code: LiteCode, _ table: FlatTable) throws(CheckpointError) -> LiteOperation {
        let options = try table.table(4)
        switch code.number {
        case 0: return .add(try activation(options, 0, table))
        case 2: return .concatenation(axis: try options?.integer(0, width: 4) ?? 0, try activation(options, 1, table))
        case 3: return .convolution(try window(options, dilation: 4, table), try activation(options, 3, table))
        case 4:
            guard try options?.integer(3, width: 4, default: 1) ?? 1 <= 1 else { throw table.bytes.fail(table.position, "a depthwise convolution with a multiplier is not computed") }
            return .depthwiseConvolution(try window(options, dilation: 5, table), try activation(options, 4, table))
        case 6: return .dequantize
        case 14: return .logistic
        case 1: return .meanPool(try pooling(options, table), try activation(options, 5, table))
        case 17: return .maxPool(try pooling(options, table), try activation(options, 5, table))
        case 18: return .multiply(try activation(options, 0, table))
        case 19: return .relu
        case 22: return .reshape
        case 23:
            guard try options?.integer(2, width: 1) ?? 0 == 0, try options?.integer(3, width: 1) ?? 0 != 0 else { throw table.bytes.fail(table.position, "an enlargement that does not go by the middles of pixels is not computed") }
            return .enlarge
        case 32 where code.name == "Convolution2DTransposeBias": return .spread(try spreading(table))
        case 32: throw table.bytes.fail(table.position, "the operation “\(code.name)” is not one that face models need")
        case 34: return .pad
        case 54: return .prelu
        case 117: return .hardSwish
        default: throw table.bytes.fail(table.position, "operation \(code.number) is not one that face models need")
        }
    }

    private static func side(_ options: FlatTable?, _ field: Int, _ table: FlatTable, most: Int = 64) throws(CheckpointError) -> Int {
        let value = try options?.integer(field, width: 4) ?? 0
        guard (1...most).contains(value) else { throw table.bytes.fail(table.position, "a filter or a stride of \(value)") }
        return value
    }
    /// A pooling may look at a whole picture at once.
    private static func pooling(_ options: FlatTable?, _ table: FlatTable) throws(CheckpointError) -> LiteWindow {
        var window = LiteWindow(keepsSize: try options?.integer(0, width: 1) ?? 0 == 0, strideX: try side(options, 1, table, most: 1024), strideY: try side(options, 2, table, most: 1024))
        window.width = try side(options, 3, table, most: 1024)
        window.height = try side(options, 4, table, most: 1024)
        return window
    }
    /// Three whole numbers: how the edge is kept, and the two strides.
    private static func spreading(_ table: FlatTable) throws(CheckpointError) -> LiteWindow {
        guard let list = try table.vector(5, width: 1), list.count >= 12 else { throw table.bytes.fail(table.position, "a transposed convolution has no options") }
        var numbers: [Int] = []
        for k in 0..<3 { numbers.append(try table.bytes.signed(list.start + 4 * k, 4)) }
        guard (1...64).contains(numbers[1]), (1...64).contains(numbers[2]) else { throw table.bytes.fail(table.position, "strides of \(numbers[1]) and \(numbers[2])") }
        return LiteWindow(keepsSize: numbers[0] == 1, strideX: numbers[1], strideY: numbers[2])
    }
    private static func window(_ options: FlatTable?, dilation: Int?, _ table: FlatTable) throws(CheckpointError) -> LiteWindow {
        if let dilation {
            for field in [dilation, dilation + 1] {
                guard try options?.integer(field, width: 4, default: 1) ?? 1 == 1 else { throw table.bytes.fail(table.position, "a dilated convolution is not computed") }
            }
        }
        return LiteWindow(keepsSize: try options?.integer(0, width: 1) ?? 0 == 0, strideX: try side(options, 1, table), strideY: try side(options, 2, table))
    }
    private static func activation(_ options: FlatTable?, _ field: Int, _ table: FlatTable) throws(CheckpointError) -> LiteActivation {
        let value = try options?.integer(field, width: 1) ?? 0
        guard let known = LiteActivation(rawValue: value) else { throw table.bytes.fail(table.position, "activation \(value) is not computed") }
        return known
    }
}
