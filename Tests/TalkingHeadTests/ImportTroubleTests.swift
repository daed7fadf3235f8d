// Broken checkpoints: each is one clear error that names the file and the key.
import Base
import Engines
import Foundation
import Tensors
import TestSupport
import Testing
@testable import TalkingHead

@Suite struct ImportTrouble {
    /// A small change to a good checkpoint, and the words that the error must hold.
    struct Damage: Sendable, CustomStringConvertible {
        var description: String
        var words: [String]
        var change: @Sendable (inout MadeCheckpoint) -> Void
    }

    private static func drop(_ key: String) -> Damage { Damage(description: "\(key) missing", words: [key, "missing"]) { $0.tensors[key] = nil } }
    private static func shape(_ key: String, _ shape: [Int]) -> Damage {
        Damage(description: "\(key) of shape \(shape)", words: [key, "shape"]) { $0.tensors[key] = Tensor(zeros: shape) }
    }
    private static func value(_ key: String, _ value: Float) -> Damage {
        Damage(description: "\(key) with \(value)", words: [key, "not finite"]) { $0.tensors[key]?.values[3] = value }
    }

    static let ernerf: [Damage] = [
        drop("audio_net.encoder_conv.0.weight"), drop("audio_net.encoder_conv.4.bias"), drop("audio_net.encoder_fc1.2.weight"), drop("encoder_xy.embeddings"),
        drop("aud_ch_att_net.net.0.weight"), drop("sigma_net.net.2.weight"), drop("color_net.net.1.weight"), drop("individual_codes"), drop("audio_att_net.attentionNet.0.bias"),
        shape("audio_net.encoder_conv.0.weight", [32, 29]), shape("audio_net.encoder_conv.2.weight", [32, 32, 5]), shape("audio_net.encoder_fc1.2.weight", [64]),
        shape("encoder_yz.embeddings", [100, 1]), shape("sigma_net.net.0.weight", [64, 70]), shape("aud_ch_att_net.net.0.weight", [64, 37]), shape("individual_codes", [0, 4]),
        shape("individual_codes", [4]), shape("color_net.net.0.weight", [64, 81]), shape("unc_net.net.0.weight", [0, 36]),
        value("sigma_net.net.1.weight", .nan), value("encoder_xz.embeddings", .infinity), value("audio_net.encoder_conv.0.bias", -.infinity),
        Damage(description: "an occupancy grid of another size", words: ["density_bitfield", "expected 262144"]) { $0.bits = [1, 2, 3] },
        Damage(description: "a torso without its grid", words: ["density_grid_torso"]) {
            for (key, shape) in FieldConfiguration(audioChannels: 29, identityCount: 1, hasTorso: true, torsoIdentityCount: 1).torsoShapes { $0.tensors[key] = Tensor(zeros: shape) }
        },
        Damage(description: "half a torso", words: ["torso_encoder.embeddings", "missing"]) {
            for (key, shape) in FieldConfiguration(audioChannels: 29, identityCount: 1, hasTorso: true, torsoIdentityCount: 1).torsoShapes where !key.hasPrefix("torso_encoder") {
                $0.tensors[key] = Tensor(zeros: shape)
            }
        },
    ]

    @Test(arguments: ernerf) func aBrokenCheckpointNamesItsKey(_ damage: Damage) throws {
        let folder = try ScratchFolder()
        var made = MadeCheckpoint.ernerf()
        damage.change(&made)
        try made.write(folder.file("broken.pth"))
        let error = #expect(throws: EngineError.self) {
            _ = try FieldConfiguration(checking: CheckpointImport.read(folder.file("broken.pth")), path: folder.file("broken.pth"))
        }
        let text = error?.description ?? ""
        for word in damage.words + ["broken.pth"] { #expect(text.contains(word), "\(text)") }
    }

    static let radnerf: [Damage] = [
        drop("encoder.embeddings"), drop("encoder_ambient.embeddings"), drop("ambient_net.net.2.weight"), drop("torso_net.net.0.weight"), drop("audio_net.encoder_fc1.2.bias"),
        shape("ambient_net.net.0.weight", [64, 95]), shape("encoder.embeddings", [903_481, 2]), shape("individual_codes", [0, 4]), shape("torso_deform_net.net.0.weight", [64, 103]),
        value("ambient_net.net.1.weight", .nan), value("torso_encoder.embeddings", .infinity),
    ]

    @Test(arguments: radnerf) func aBrokenRadNerfCheckpointNamesItsKey(_ damage: Damage) throws {
        var made = RadNerfParity.checkpoint(seesEyes: true)
        damage.change(&made)
        let error = #expect(throws: EngineError.self) {
            _ = try RadNerfConfiguration(checking: FieldWeights(tensors: made.tensors, occupancy: made.bits), path: "broken.pth")
        }
        let text = error?.description ?? ""
        for word in damage.words { #expect(text.contains(word), "\(text)") }
    }

    @Test func aCheckpointCutAnywhereIsRefused() throws {
        let folder = try ScratchFolder()
        var made = MadeCheckpoint.ernerf()
        // Small enough to be cut often.
        made.tensors = made.tensors.filter { !$0.key.contains("embeddings") }
        made.bits = [UInt8](repeating: 3, count: 64)
        try made.write(folder.file("whole.pth"))
        let bytes = try folder.bytes("whole.pth")
        for k in 0..<40 {
            try folder.write("cut.pth", Array(bytes.prefix(bytes.count * k / 40)))
            let error = #expect(throws: EngineError.self, "cut to \(k) fortieths") { _ = try CheckpointImport.read(folder.file("cut.pth")) }
            #expect(error?.description.contains("cut.pth") == true)
        }
    }

    @Test func aPickleThatWantsToRunSomethingIsRefusedByName() throws {
        let folder = try ScratchFolder()
        let programs: [(String, [String])] = [
            ("\u{80}\u{02}cos\nsystem\n(X\u{04}\u{00}\u{00}\u{00}echotR.", ["os.system"]),
            ("\u{80}\u{02}cbuiltins\neval\n(X\u{01}\u{00}\u{00}\u{00}1tR.", ["builtins.eval"]),
            ("\u{80}\u{02}ctorch.hub\nload\n)R.", ["torch.hub.load"]),
        ]
        for (program, words) in programs {
            let pickle = program.unicodeScalars.map { UInt8($0.value) }
            try folder.write("evil.pth", StoredZip.archive([("archive/data.pkl", pickle), ("archive/version", Array("3\n".utf8))]))
            let error = #expect(throws: EngineError.self) { _ = try CheckpointImport.read(folder.file("evil.pth")) }
            for word in words + ["evil.pth"] { #expect(error?.description.contains(word) == true, "\(error?.description ?? "")") }
        }
        // Instructions that no checkpoint holds.
        for code in [UInt8(0x00), 0xFF, UInt8(ascii: "i"), UInt8(ascii: "P")] {
            try folder.write("odd.pth", StoredZip.archive([("archive/data.pkl", [0x80, 2, code, 0x2E])]))
            #expect(throws: EngineError.self, "\(code)") { _ = try CheckpointImport.read(folder.file("odd.pth")) }
        }
        try folder.write("noise.pth", (0..<4000).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 11) })
        #expect(throws: EngineError.self) { _ = try CheckpointImport.read(folder.file("noise.pth")) }
    }

    @Test func eachKindSaysWhenItIsGivenAnother() throws {
        let folder = try ScratchFolder()
        let tar = AdNerfVectors.folder + "000010_head.tar"
        let asField = #expect(throws: EngineError.self) { _ = try CheckpointImport.open(tar) }
        #expect(asField?.description.contains("AD-NeRF") == true)
        var made = MadeCheckpoint.ernerf()
        made.tensors = made.tensors.filter { !$0.key.contains("embeddings") }
        try made.write(folder.file("er.pth"))
        let asTar = #expect(throws: EngineError.self) { _ = try AdNerfImport.read(head: folder.file("er.pth"), body: nil) }
        #expect(asTar?.description.contains("network_fn_state_dict") == true)
        // A body where a head belongs has no attention net.
        let body = #expect(throws: EngineError.self) { _ = try AdNerfImport.read(head: AdNerfVectors.folder + "000010_body.tar", body: nil) }
        #expect(body?.description.contains("network_audattnet_state_dict") == true)
    }

    struct Layer: Sendable, CustomStringConvertible {
        var key: String
        var shape: [Int]?
        var description: String { "\(key) \(shape.map { "\($0)" } ?? "missing")" }
    }

    @Test(arguments: [
        Layer(key: "network_fine_state_dict.pts_linears.3.weight"), Layer(key: "network_fn_state_dict.pts_linears.0.weight", shape: [16, 100]),
        Layer(key: "network_fn_state_dict.views_linears.0.weight", shape: [8, 16]), Layer(key: "network_fn_state_dict.alpha_linear.bias", shape: [2]),
        Layer(key: "network_audnet_state_dict.encoder_conv.0.weight"), Layer(key: "network_audnet_state_dict.encoder_fc1.2.bias"),
        Layer(key: "network_audattnet_state_dict.attentionConvNet.0.weight", shape: [16, 64, 3]), Layer(key: "network_fn_state_dict.pts_linears.0.weight", shape: [16]),
        Layer(key: "network_fn_state_dict.pts_linears.5.weight", shape: [16, 900]),
    ]) func aBrokenAdNerfCheckpointNamesItsKey(_ layer: Layer) throws {
        let folder = try ScratchFolder()
        let whole: TorchCheckpoint
        whole = try TorchCheckpoint.read(AdNerfVectors.folder + "000010_head.tar")
        var tensors = whole.tensors
        tensors[layer.key] = layer.shape.map { Tensor(zeros: $0) }
        var dictionaries: [String: [(key: String, value: CheckpointValue)]] = [:]
        for (key, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let dot = try #require(key.firstIndex(of: "."))
            dictionaries[String(key[..<dot]), default: []].append((String(key[key.index(after: dot)...]), .tensor(tensor)))
        }
        try TorchCheckpointWriter.write(.dictionary(dictionaries.sorted { $0.key < $1.key }.map { ($0.key, .dictionary($0.value)) }), to: folder.file("b_head.tar"))
        let error = #expect(throws: EngineError.self) { _ = try AdNerfImport.read(head: folder.file("b_head.tar"), body: nil) }
        #expect(error?.description.contains(layer.key) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("b_head.tar") == true)
    }
}
