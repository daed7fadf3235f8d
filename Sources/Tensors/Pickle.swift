// Python pickles, data only: a fixed list of harmless names, and no code is ever called.

/// What a pickle may hold here.
indirect enum PickleValue: Sendable {
    case none, bool(Bool), int(Int), float(Double), string(String), bytes([UInt8])
    case tuple([PickleValue])
    case list(PickleList), dictionary(PickleDictionary)
    /// A name that a reduce may use, or a storage class.
    case global(String)
    case persistent([PickleValue])
    case tensor(StoredTensor)
    /// A stand-in for an allowed object that holds nothing of use.
    case object(String)
    case mark
}

/// Lists and dictionaries are filled after they are made, so they are shared.
final class PickleList: @unchecked Sendable { var items: [PickleValue] = [] }  // confined to one reader
final class PickleDictionary: @unchecked Sendable {  // confined to one reader
    var entries: [(PickleValue, PickleValue)] = []
    subscript(key: String) -> PickleValue? {
        for (k, v) in entries { if case .string(let name) = k, name == key { return v } }
        return nil
    }
}

/// A tensor before its storage is read.
struct StoredTensor: Sendable {
    var type: ElementType
    var storage: String
    var offset: Int
    var shape: [Int]
    var strides: [Int]
}

/// Runs the instructions of a pickle (protocols 0–4 as far as checkpoints use them) on a stack of plain values.
struct PickleReader {
    private(set) var reader: ByteReader
    private var stack: [PickleValue] = []
    private var memo: [Int: PickleValue] = [:]
    private var budget = 5_000_000

    init(path: String, bytes: [UInt8], offset: Int = 0) { reader = ByteReader(path: path, bytes: bytes, offset: offset) }

    private static let storages: [String: ElementType] = [
        "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16, "LongStorage": .int64,
        "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
    ]
    private static let allowed: Set<String> = [
        "collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_parameter",
        "torch.Size", "torch.device", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype", "_codecs.encode", "torch.nn.parameter.Parameter",
    ]

    /// Runs to the end of one pickle; `reader.offset` is behind it.
    mutating func run() throws(CheckpointError) -> PickleValue {
        stack = []
        memo = [:]
        while true {
            budget -= 1
            guard budget > 0 else { throw reader.fail("the pickle does not end") }
            let code = UInt8(try reader.unsigned(1))
            if code == UInt8(ascii: ".") { return try pop() }
            try step(code)
        }
    }

    private mutating func pop() throws(CheckpointError) -> PickleValue {
        guard let value = stack.popLast() else { throw reader.fail("the pickle takes from an empty stack") }
        return value
    }
    private mutating func popMark() throws(CheckpointError) -> [PickleValue] {
        var items: [PickleValue] = []
        while true {
            let value = try pop()
            if case .mark = value { return items.reversed() }
            items.append(value)
        }
    }
    private mutating func line() throws(CheckpointError) -> String {
        var bytes: [UInt8] = []
        while true {
            let byte = UInt8(try reader.unsigned(1))
            if byte == 0x0A { return String(decoding: bytes, as: UTF8.self) }
            guard bytes.count < 4096 else { throw reader.fail("a line of the pickle is too long") }
            bytes.append(byte)
        }
    }
    private mutating func text(_ count: Int) throws(CheckpointError) -> PickleValue { .string(String(decoding: try reader.take(count), as: UTF8.self)) }
    private func remembered(_ key: Int) throws(CheckpointError) -> PickleValue {
        guard let value = memo[key] else { throw reader.fail("the pickle recalls what it never stored") }
        return value
    }

    private mutating func step(_ code: UInt8) throws(CheckpointError) {
        switch code {
        case 0x80: _ = try reader.unsigned(1)  // protocol
        case 0x95: _ = try reader.unsigned(8)  // frame
        case UInt8(ascii: "("): stack.append(.mark)
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popMark()
        case UInt8(ascii: "2"): stack.append(try top())
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.int(Int(try reader.unsigned(1))))
        case UInt8(ascii: "M"): stack.append(.int(Int(try reader.unsigned(2))))
        case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try reader.unsigned(4)))))
        case 0x8A: stack.append(.int(try longInteger()))
        case UInt8(ascii: "I"): try decimalLine()
        case UInt8(ascii: "L"): try decimalLine()
        case UInt8(ascii: "G"): stack.append(.float(Double(bitPattern: try reader.unsigned(8).byteSwapped)))
        case UInt8(ascii: "X"): stack.append(try text(reader.length(4)))
        case 0x8C: stack.append(try text(reader.length(1)))
        case 0x8D: stack.append(try text(reader.length(8)))
        case UInt8(ascii: "T"): stack.append(try text(reader.length(4)))
        case UInt8(ascii: "U"): stack.append(try text(reader.length(1)))
        case UInt8(ascii: "B"): stack.append(.bytes(Array(try reader.take(reader.length(4)))))
        case UInt8(ascii: "C"): stack.append(.bytes(Array(try reader.take(reader.length(1)))))
        case UInt8(ascii: "]"): stack.append(.list(PickleList()))
        case UInt8(ascii: "}"): stack.append(.dictionary(PickleDictionary()))
        case UInt8(ascii: ")"): stack.append(.tuple([]))
        case 0x85: stack.append(.tuple([try pop()]))
        case 0x86: let b = try pop(), a = try pop(); stack.append(.tuple([a, b]))
        case 0x87: let c = try pop(), b = try pop(), a = try pop(); stack.append(.tuple([a, b, c]))
        case UInt8(ascii: "t"): stack.append(.tuple(try popMark()))
        case UInt8(ascii: "l"): let list = PickleList(); list.items = try popMark(); stack.append(.list(list))
        case UInt8(ascii: "d"): let d = PickleDictionary(); try fill(d, popMark()); stack.append(.dictionary(d))
        case UInt8(ascii: "a"): let v = try pop(); try topList().items.append(v)
        case UInt8(ascii: "e"): let v = try popMark(); try topList().items += v
        case UInt8(ascii: "s"): let v = try pop(), k = try pop(); try topDictionary().entries.append((k, v))
        case UInt8(ascii: "u"): let v = try popMark(); try fill(topDictionary(), v)
        case UInt8(ascii: "q"): memo[Int(try reader.unsigned(1))] = try top()
        case UInt8(ascii: "r"): memo[Int(try reader.unsigned(4))] = try top()
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "h"): stack.append(try remembered(Int(try reader.unsigned(1))))
        case UInt8(ascii: "j"): stack.append(try remembered(Int(try reader.unsigned(4))))
        case UInt8(ascii: "c"): try name(try line() + "." + line())
        case 0x93: let b = try pop(), a = try pop(); try stackName(a, b)
        case UInt8(ascii: "R"): let arguments = try pop(), function = try pop(); try reduce(function, arguments)
        case 0x81: let arguments = try pop(), kind = try pop(); try reduce(kind, arguments)
        case UInt8(ascii: "b"): _ = try pop()  // state of a harmless object
        case UInt8(ascii: "Q"): try persistent(pop())
        default: throw reader.fail("pickle instruction \(code) is not read: only plain tensors and containers are")
        }
    }

    private func top() throws(CheckpointError) -> PickleValue {
        guard let value = stack.last else { throw reader.fail("the pickle takes from an empty stack") }
        return value
    }
    private func topList() throws(CheckpointError) -> PickleList {
        guard case .list(let list)? = stack.last else { throw reader.fail("the pickle appends to what is no list") }
        return list
    }
    private func topDictionary() throws(CheckpointError) -> PickleDictionary {
        guard case .dictionary(let d)? = stack.last else { throw reader.fail("the pickle sets an item of what is no dictionary") }
        return d
    }
    private func fill(_ d: PickleDictionary, _ items: [PickleValue]) throws(CheckpointError) {
        guard items.count % 2 == 0 else { throw reader.fail("a key without a value") }
        for i in stride(from: 0, to: items.count, by: 2) { d.entries.append((items[i], items[i + 1])) }
    }
    private mutating func longInteger() throws(CheckpointError) -> Int {
        let bytes = try reader.take(reader.length(1))
        guard bytes.count <= 16 else { throw reader.fail("an integer of \(bytes.count) bytes") }
        var value: Int128 = (bytes.last ?? 0) & 0x80 != 0 ? -1 : 0
        for byte in bytes.reversed() { value = value << 8 | Int128(byte) }
        return Int(truncatingIfNeeded: value)
    }
    private mutating func decimalLine() throws(CheckpointError) {
        let text = try line().filter { $0 != "L" }
        guard let value = Int(text) else { throw reader.fail("“\(text)” is no whole number") }
        stack.append(text.count == 2 && text.hasPrefix("0") ? .bool(value == 1) : .int(value))
    }
    private mutating func name(_ name: String) throws(CheckpointError) {
        let short = name.hasPrefix("torch.") ? String(name.dropFirst(6)) : name
        guard Self.allowed.contains(name) || Self.storages[short] != nil else { throw .forbidden(path: reader.path, name: name) }
        stack.append(.global(name))
    }
    private mutating func stackName(_ module: PickleValue, _ attribute: PickleValue) throws(CheckpointError) {
        guard case .string(let m) = module, case .string(let a) = attribute else { throw reader.fail("a name that is no text") }
        try name(m + "." + a)
    }

    /// The only calls that mean anything: an ordered dictionary, and a tensor from its storage.
    private mutating func reduce(_ function: PickleValue, _ arguments: PickleValue) throws(CheckpointError) {
        guard case .global(let name) = function, case .tuple(let items) = arguments else { throw reader.fail("a call of what is no function") }
        switch name {
        case "collections.OrderedDict": stack.append(.dictionary(PickleDictionary()))
        case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor": stack.append(.tensor(try tensor(items)))
        case "torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter":
            guard let first = items.first else { throw reader.fail("a parameter without a tensor") }
            stack.append(first)
        default: stack.append(.object(name))
        }
    }

    private mutating func persistent(_ id: PickleValue) throws(CheckpointError) {
        guard case .tuple(let items) = id, items.count >= 5 else { throw reader.fail("an unknown kind of outside reference") }
        stack.append(.persistent(items))
    }

    private func tensor(_ items: [PickleValue]) throws(CheckpointError) -> StoredTensor {
        guard items.count >= 4, case .persistent(let id) = items[0], case .global(let kind) = id[1], case .string(let key) = id[2],
              case .int(let offset) = items[1], case .tuple(let sizes) = items[2], case .tuple(let steps) = items[3],
              let type = Self.storages[String(kind.dropFirst(6))], sizes.count == steps.count, offset >= 0
        else { throw reader.fail("a tensor that is not put together in the known way") }
        func numbers(_ values: [PickleValue]) throws(CheckpointError) -> [Int] {
            var result: [Int] = []
            for value in values {
                guard case .int(let n) = value, n >= 0 else { throw reader.fail("a size that is no whole number") }
                result.append(n)
            }
            return result
        }
        return StoredTensor(type: type, storage: key, offset: offset, shape: try numbers(sizes), strides: try numbers(steps))
    }
}
