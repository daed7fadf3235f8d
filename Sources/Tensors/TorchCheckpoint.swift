// PyTorch checkpoints (`.pth`, `.pt`, `.tar`): tensors by name, in the ZIP layout and the older one.

/// The tensors and plain numbers of a checkpoint, flattened with dots: `model.sigma_net.net.0.weight`.
package struct TorchCheckpoint: Sendable {
    package let path: String
    package private(set) var tensors: [String: Tensor] = [:]
    package private(set) var numbers: [String: Double] = [:]

    /// Reads a checkpoint. No code of the file is run.
    package static func read(_ path: String) throws(CheckpointError) -> TorchCheckpoint {
        let bytes = try ByteReader.load(path)
        return bytes.starts(with: ZipArchive.signature) ? try zipped(path, bytes) : try legacy(path, bytes)
    }

    private init(path: String) { self.path = path }
    /// Values left to visit: a small file may name the same list over and over.
    private var budget = 1_000_000

    private static func zipped(_ path: String, _ bytes: [UInt8]) throws(CheckpointError) -> TorchCheckpoint {
        let archive = try ZipArchive(path: path, bytes: bytes)
        guard let index = archive.entries.first(where: { $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl" }) else {
            throw .missing(path: path, key: "data.pkl: this ZIP is no checkpoint")
        }
        let root = index.name.dropLast("data.pkl".count)
        var pickle = PickleReader(path: path, bytes: try archive.contents(index))
        let value = try pickle.run()
        var storages: [String: [UInt8]] = [:]
        var result = TorchCheckpoint(path: path)
        try result.collect(value, "", 0) { key throws(CheckpointError) in
            if let kept = storages[key] { return kept }
            guard let entry = archive.entry(root + "data/" + key) else { throw .missing(path: path, key: "storage \(key)") }
            let data = try archive.contents(entry)
            storages[key] = data
            return data
        }
        return result
    }

    /// Before the ZIP layout: magic, protocol, system, object, storage keys, then each storage behind its length.
    private static func legacy(_ path: String, _ bytes: [UInt8]) throws(CheckpointError) -> TorchCheckpoint {
        var offset = 0
        func next() throws(CheckpointError) -> PickleValue {
            var reader = PickleReader(path: path, bytes: bytes, offset: offset)
            let value = try reader.run()
            offset = reader.reader.offset
            return value
        }
        guard case .int(let magic) = try next(), magic == Int(truncatingIfNeeded: 0x1950_A86A_20F9_469C_FC6C as Int128) else {
            throw .malformed(path: path, at: 0, reason: "not a PyTorch checkpoint")
        }
        _ = try next()
        _ = try next()
        let value = try next()
        guard case .list(let keys) = try next() else { throw .malformed(path: path, at: offset, reason: "no list of storages") }
        var widths: [String: Int] = [:]
        var visits = 1_000_000
        Self.widths(value, &widths, 0, &visits)
        var storages: [String: [UInt8]] = [:]
        var reader = ByteReader(path: path, bytes: bytes, offset: offset)
        for item in keys.items {
            guard case .string(let key) = item else { throw reader.fail("a storage without a name") }
            let count = try reader.length(8)
            storages[key] = Array(try reader.take(count * (widths[key] ?? 4)))
        }
        var result = TorchCheckpoint(path: path)
        let found = storages
        try result.collect(value, "", 0) { key throws(CheckpointError) in
            guard let data = found[key] else { throw .missing(path: path, key: "storage \(key)") }
            return data
        }
        return result
    }

    private static func widths(_ value: PickleValue, _ result: inout [String: Int], _ depth: Int, _ visits: inout Int) {
        visits -= 1
        guard depth < 32, visits > 0 else { return }
        switch value {
        case .tensor(let t): result[t.storage] = t.type.width
        case .dictionary(let d): for (_, v) in d.entries { widths(v, &result, depth + 1, &visits) }
        case .list(let l): for v in l.items { widths(v, &result, depth + 1, &visits) }
        case .tuple(let items): for v in items { widths(v, &result, depth + 1, &visits) }
        default: return
        }
    }

    private mutating func collect(_ value: PickleValue, _ name: String, _ depth: Int, _ storage: (String) throws(CheckpointError) -> [UInt8]) throws(CheckpointError) {
        guard depth < 32 else { throw .malformed(path: path, at: 0, reason: "containers are nested too deep") }
        budget -= 1
        guard budget > 0 else { throw .malformed(path: path, at: 0, reason: "it holds too many values") }
        let prefix = name.isEmpty ? "" : name + "."
        switch value {
        case .tensor(let t): tensors[name] = try Self.dense(t, storage(t.storage), path, name)
        case .int(let n): numbers[name] = Double(n)
        case .float(let x): numbers[name] = x
        case .dictionary(let d):
            for (key, inner) in d.entries {
                switch key {
                case .string(let k): try collect(inner, prefix + k, depth + 1, storage)
                case .int(let k): try collect(inner, prefix + "\(k)", depth + 1, storage)
                default: continue
                }
            }
        case .list(let l): for (i, inner) in l.items.enumerated() { try collect(inner, prefix + "\(i)", depth + 1, storage) }
        case .tuple(let items): for (i, inner) in items.enumerated() { try collect(inner, prefix + "\(i)", depth + 1, storage) }
        default: return
        }
    }

    /// Row-major values of a view of a storage.
    private static func dense(_ t: StoredTensor, _ data: [UInt8], _ path: String, _ name: String) throws(CheckpointError) -> Tensor {
        let available = data.count / t.type.width
        guard let count = elementCount(t.shape, limit: max(available, 1 << 20)), t.offset <= available else { throw .wrongShape(path: path, key: name, expected: "a sane size", found: t.shape) }
        // The last element that the view touches.
        var last = t.offset
        for (size, step) in zip(t.shape, t.strides) where size > 0 {
            let (reach, overflow) = (size - 1).multipliedReportingOverflow(by: step)
            guard !overflow, reach <= available else { throw .wrongShape(path: path, key: name, expected: "at most \(available) stored values", found: t.shape) }
            last += reach
        }
        guard count == 0 || last < available else { throw .wrongShape(path: path, key: name, expected: "at most \(available) stored values", found: t.shape) }
        let stored = t.type.floats(data[...], count: available)
        var values = [Float](repeating: 0, count: count)
        var index = [Int](repeating: 0, count: t.shape.count)
        var at = t.offset
        for i in 0..<count {
            values[i] = stored[at]
            var axis = t.shape.count - 1
            while axis >= 0 {
                index[axis] += 1
                at &+= t.strides[axis]
                if index[axis] < t.shape[axis] { break }
                at &-= t.strides[axis] &* t.shape[axis]
                index[axis] = 0
                axis -= 1
            }
        }
        return Tensor(shape: t.shape, values: values)
    }
}
