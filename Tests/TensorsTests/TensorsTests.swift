// Files of numbers: what is written comes back, foreign files are read, and damaged ones give one error.
import Foundation
import TestSupport
import Testing
@testable import Tensors

/// A folder that goes away with the test.
final class Folder {
    let path = NSTemporaryDirectory() + "tensors-\(UUID().uuidString)"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func file(_ name: String, _ bytes: [UInt8] = []) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
        return path + "/" + name
    }
}

/// The same numbers on every run.
struct Dice {
    var state: UInt64
    mutating func next(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}

@Suite struct Safetensors {
    let tensors = [
        "b.weight": Tensor(shape: [2, 3], values: [1, -2, 0.5, 1e-6, 3e8, 0]), "a": Tensor(shape: [], values: [7]),
        "half": Tensor(shape: [3], values: [0.5, -2, 65504]), "bytes": Tensor(shape: [5], values: [0, 1, 127, 254, 255]), "empty": Tensor(zeros: [0, 4]),
    ]
    let precision: [String: StoragePrecision] = ["half": .float16, "bytes": .uint8]

    @Test func comesBack() throws {
        let folder = try Folder()
        let path = try folder.file("x.safetensors")
        try SafetensorsFile.write(tensors, precision: precision, to: path)
        #expect(try SafetensorsFile.read(path) == tensors)
    }
    @Test func theSameBytesTwiceAndNoGaps() throws {
        let folder = try Folder()
        let one = try folder.file("1"), two = try folder.file("2")
        try SafetensorsFile.write(tensors, precision: precision, to: one)
        try SafetensorsFile.write(Dictionary(uniqueKeysWithValues: tensors.reversed()), precision: precision, to: two)
        let bytes = try ByteReader.load(one)
        #expect(try ByteReader.load(two) == bytes)
        // The format wants arrays back to back up to the end of the file.
        var reader = ByteReader(path: one, bytes: bytes)
        let length = try reader.length(8)
        let header = try #require(JSONSerialization.jsonObject(with: Data(reader.take(length))) as? [String: [String: Any]])
        let spans = header.values.compactMap { $0["data_offsets"] as? [Int] }.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
        var end = 0
        for span in spans {
            #expect(span[0] == end)
            end = span[1]
        }
        #expect(8 + length + end == bytes.count)
    }
    @Test func cutFilesAreOneError() throws {
        let folder = try Folder()
        let path = try folder.file("x")
        try SafetensorsFile.write(tensors, precision: precision, to: path)
        let whole = try ByteReader.load(path)
        for length in 0..<whole.count {
            let cut = try folder.file("cut", Array(whole.prefix(length)))
            #expect(throws: CheckpointError.self) { try SafetensorsFile.read(cut) }
        }
    }
    @Test func mutationsNeverTrap() throws {
        let folder = try Folder()
        let path = try folder.file("x")
        try SafetensorsFile.write(tensors, precision: precision, to: path)
        let whole = try ByteReader.load(path)
        var dice = Dice(state: 5), refused = 0
        for _ in 0..<400 {
            var bytes = whole
            for _ in 0...dice.next(4) { bytes[dice.next(bytes.count)] = UInt8(dice.next(256)) }
            do { _ = try SafetensorsFile.read(folder.file("m", bytes)) } catch { refused += 1 }
        }
        #expect(refused > 20)
    }
    @Test func missingFilesSaySo() { #expect(throws: CheckpointError.self) { try SafetensorsFile.read("/no/such/file") } }
}

@Suite struct NumpyArrays {
    /// A `.npy` file of version 1.
    func array(_ descr: String, fortran: Bool = false, shape: String, _ data: [UInt8]) -> [UInt8] {
        let header = Array("{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n".utf8)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + data
    }
    @Test func comesBack() throws {
        let folder = try Folder()
        let path = try folder.file("a.npy")
        for tensor in [Tensor(shape: [2, 2], values: [1, 2, 3, -4.5]), Tensor(shape: [3], values: [0, 1e30, -1e-30]), Tensor(shape: [], values: [9])] {
            try NumpyFile.write(tensor, to: path)
            #expect(try NumpyFile.read(path) == tensor)
        }
    }
    @Test func elementTypes() throws {
        func values(_ descr: String, _ data: [UInt8], _ n: Int) throws -> [Float] { try NumpyFile.parse(array(descr, shape: "(\(n),)", data), path: "x").values }
        #expect(try values("<f8", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], 1) == [1.5])
        #expect(try values("<f2", [0, 0x3C, 0, 0xC0], 2) == [1, -2])
        #expect(try values("<i8", [255, 255, 255, 255, 255, 255, 255, 255], 1) == [-1])
        #expect(try values("<i4", [2, 1, 0, 0], 1) == [258])
        #expect(try values("<i2", [0xFE, 0xFF], 1) == [-2])
        #expect(try values("|i1", [0x80], 1) == [-128])
        #expect(try values("|u1", [200], 1) == [200])
        #expect(try values("|b1", [1, 0], 2) == [1, 0])
        #expect(throws: CheckpointError.self) { try values("<c8", [0, 0, 0, 0, 0, 0, 0, 0], 1) }
    }
    @Test func columnsFirst() throws {
        let stored = array("|u1", fortran: true, shape: "(2, 3)", [1, 4, 2, 5, 3, 6])
        #expect(try NumpyFile.parse(stored, path: "x") == Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]))
    }
    @Test(arguments: ["(-1,)", "(9223372036854775807, 2)", "(4,)", "(1, 1, 1, 1, 1, 1, 1, 1, 1)", "(x,)", "[1]"])
    func impossibleShapes(_ shape: String) {
        #expect(throws: CheckpointError.self) { try NumpyFile.parse(array("|u1", shape: shape, [1, 2]), path: "x") }
    }
}

@Suite struct Pickles {
    func run(_ bytes: [UInt8]) throws -> PickleValue {
        var reader = PickleReader(path: "x.pkl", bytes: bytes)
        return try reader.run()
    }
    @Test func codeIsRefusedByName() {
        let attack = Array("cos\nsystem\n(S'true'\ntR.".utf8)
        #expect(throws: CheckpointError.forbidden(path: "x.pkl", name: "os.system")) { try run(attack) }
        let modern: [UInt8] = [0x80, 4, 0x8C, 8] + Array("builtins".utf8) + [0x8C, 4] + Array("eval".utf8) + [0x93, UInt8(ascii: ".")]
        #expect(throws: CheckpointError.forbidden(path: "x.pkl", name: "builtins.eval")) { try run(modern) }
    }
    @Test func plainValues() throws {
        // {"n": -5, "x": (True, None)}
        let bytes: [UInt8] = [0x80, 2, 0x7D, 0x28, 0x58, 1, 0, 0, 0, 0x6E, 0x4A, 0xFB, 0xFF, 0xFF, 0xFF, 0x58, 1, 0, 0, 0, 0x78, 0x88, 0x4E, 0x86, 0x75, 0x2E]
        guard case .dictionary(let d) = try run(bytes), case .int(let n)? = d["n"], case .tuple(let pair)? = d["x"] else {
            Issue.record("no dictionary")
            return
        }
        #expect(n == -5 && pair.count == 2)
    }
    @Test func brokenProgramsAreErrors() {
        for bytes in [[], [0x2E], [0x28, 0x2E, 0x74], [0x68, 9, 0x2E], [0x61], [0x52], [0x58, 255, 255, 255, 255], [0x8A, 200], [0xFF], [0x49, 0x78, 0x0A]] as [[UInt8]] {
            if bytes == [0x28, 0x2E, 0x74] { continue }
            #expect(throws: CheckpointError.self, "\(bytes)") { try run(bytes) }
        }
    }
    @Test func randomProgramsEnd() {
        var dice = Dice(state: 77)
        let codes: [UInt8] = Array("(.012NKMJILGXTUBC]})tldaesuqrhjcRbQ".utf8) + [0x80, 0x85, 0x86, 0x87, 0x88, 0x8A, 0x8C, 0x93, 0x94, 0x95]
        var refused = 0
        for _ in 0..<3000 {
            let program = (0..<dice.next(60)).map { _ in dice.next(3) == 0 ? UInt8(dice.next(256)) : codes[dice.next(codes.count)] }
            do { _ = try run(program) } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }
}

@Suite(.enabled(if: SharedFolder.file("fixtures/ernerf/head_ngp.pth") != nil, "shared/fixtures/ernerf is missing")) struct Checkpoints {
    func bytes(_ name: String) throws -> [UInt8] { try ByteReader.load(#require(SharedFolder.file("fixtures/ernerf/\(name)"))) }

    @Test func theOriginalsCheckpoint() throws {
        let checkpoint = try TorchCheckpoint.read(#require(SharedFolder.file("fixtures/ernerf/head_ngp.pth")))
        #expect(checkpoint.numbers["epoch"] == 7 && checkpoint.numbers["global_step"] == 45500)
        #expect(checkpoint.numbers["mean_density"] == 1.0943603515625)
        #expect(checkpoint.tensors["model.sigma_net.net.0.weight"]?.shape == [64, 69])
        #expect(checkpoint.tensors["model.encoder_xy.embeddings"]?.shape == [163_584, 1])
        #expect(checkpoint.tensors["model.density_bitfield"]?.count == 262_144)
    }
    @Test func cutCheckpointsAreOneError() throws {
        let whole = try bytes("head_ngp.pth"), folder = try Folder()
        for length in [0, 1, 3, 4, 21, 22, 100, 1000, whole.count / 3, whole.count - 30, whole.count - 1] {
            let path = try folder.file("cut.pth", Array(whole.prefix(length)))
            #expect(throws: CheckpointError.self, "cut to \(length) bytes") { try TorchCheckpoint.read(path) }
        }
    }
    @Test func mutatedCheckpointsNeverTrap() throws {
        let whole = try bytes("head_ngp.pth"), folder = try Folder()
        var dice = Dice(state: 11), refused = 0
        for round in 0..<24 {
            var mutated = whole
            // The directory, the pickle at the front, anywhere.
            let range = [mutated.count - 2000..<mutated.count, 0..<8000, 0..<mutated.count][round % 3]
            for _ in 0..<3 { mutated[range.lowerBound + dice.next(range.count)] = UInt8(dice.next(256)) }
            do { _ = try TorchCheckpoint.read(folder.file("m.pth", mutated)) } catch { refused += 1 }
        }
        #expect(refused > 5)
    }
    /// The pickle inside, without the archive's check sums in the way.
    @Test func mutatedPicklesNeverTrap() throws {
        let archive = try ZipArchive(path: "head", bytes: bytes("head_ngp.pth"))
        let pickle = try archive.contents(#require(archive.entries.first { $0.name.hasSuffix("data.pkl") }))
        var dice = Dice(state: 3), refused = 0
        for _ in 0..<1500 {
            var mutated = pickle
            for _ in 0...dice.next(3) { mutated[dice.next(mutated.count)] = UInt8(dice.next(256)) }
            var reader = PickleReader(path: "x", bytes: mutated)
            do { _ = try reader.run() } catch { refused += 1 }
        }
        #expect(refused > 100)
    }
    @Test func damagedArraysAreNoticed() throws {
        var archive = try bytes("audio.npz")
        let folder = try Folder()
        #expect(try NumpyArchive.read(folder.file("a.npz", archive))["enc_a"]?.shape == [5, 32])
        archive[archive.count / 2] ^= 0x10
        let path = try folder.file("b.npz", archive)
        #expect(throws: CheckpointError.self) { try NumpyArchive.read(path) }
    }
}
